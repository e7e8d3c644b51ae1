import { type Command, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics, printJson } from '../command-line/output.ts';
import { matchMember } from '../report/answer-json.ts';
import { outputWidth } from '../report/terminal.ts';
import type { Resolution } from '../vfio/resolve/resolve.ts';
import { isModalias } from '../vfio/sysfs/buses.ts';
import { findDevice } from '../vfio/sysfs/find-device.ts';
import { MODULES_OPTION, ROOT_OPTIONS, resolveContextOf, rootsOf } from './vfio-options.ts';

export const resolve: Command = {
  name: 'resolve',
  usage: '<device..>',
  summary: 'find the VFIO driver for a device',
  description: [
    'Follows the six steps from a device to the driver to write to driver_override: its path, its modalias, the modalias with the prefix vfio_, the best alias in modules.alias, its module, and the name of the driver in that module.',
    "The driver's name is read from /sys/module, or from the module's file if it is not loaded; otherwise it is unknown, as it is not assumed to be the module's name. Buses without override aliases (platform, amba, fsl-mc, css, ap) are resolved from a table of kernel facts and marked so; a ccw device resolves to its subchannel, which is what vfio_ccw binds.",
  ],
  positionals: { device: { describe: 'PCI address, path in sysfs, device name on its bus, or a modalias' } },
  options: { ...MODULES_OPTION, ...ROOT_OPTIONS },
  examples: [
    ['modalias vfio resolve 0000:01:00.0', 'The driver for a card'],
    [
      'modalias vfio resolve --json pci:v000015B3d0000101Esv000015B3sd00000043bc02sc00i00',
      'The driver for a card of another machine',
    ],
  ],
  exits: { 1: 'a device has no VFIO driver, or its name is not known' },
  async run(args) {
    const [{ resolveVfio }, { resolveText }] = await Promise.all([
      import('../vfio/resolve/resolve.ts'),
      import('../report/vfio-resolve-text.ts'),
    ]);
    const roots = rootsOf(args);
    const context = resolveContextOf(args, roots);
    let status: number = EXIT.ok;
    for (const asked of args.device as string[]) {
      const bare = isModalias(asked) ? asked : null;
      const found = bare === null ? findDevice(roots.sysfs, asked) : null;
      if (found?.note) printDiagnostics([{ code: 'completed', severity: 'note', message: found.note }]);
      const resolution = await resolveVfio(context, found?.device ?? asked);
      if (resolution.driver === null) status = EXIT.no;
      await (args.json
        ? printJson(document(asked, resolution))
        : print(resolveText(resolution, roots.sysfs.root, outputWidth())));
    }
    return status;
  },
};

function document(asked: string, found: Resolution) {
  const { device, path, bus, modalias, query, pattern, module, source } = found;
  const { driver, driverSource, driverFrom, ambiguous, byRule, candidates, problem } = found;
  return {
    ...{ version: 1, asked, device, path, bus, modalias, query, pattern, module, source },
    ...{ driver, driverSource, driverFrom, ambiguous },
    byRule: byRule && { specific: byRule.specific, stars: byRule.stars, libvirt: byRule.libvirt },
    candidates: candidates.map(matchMember),
    problem,
  };
}
