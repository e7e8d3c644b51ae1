import { type Command, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics, printJson } from '../command-line/output.ts';
import { groupMember } from '../report/vfio-plan-json.ts';
import { findDevice } from '../vfio/sysfs/find-device.ts';
import type { IommuView } from '../vfio/sysfs/groups.ts';
import { ROOT_OPTIONS, rootsOf } from './vfio-options.ts';

export const groups: Command = {
  name: 'groups',
  usage: '[device..]',
  summary: 'show IOMMU groups, their members and whether they can be given to a guest',
  description: [
    "Prints every IOMMU group, or those of the given devices, with its members and their drivers. A group can be given now, or it is in use by the host and can be given after some of its endpoints are moved, as a member's driver uses the kernel's DMA API; or it cannot be given, and why. Kernels before 5.19 have different rules; --kernel selects them.",
  ],
  positionals: { device: { describe: 'PCI address, path in sysfs, or device name on its bus' } },
  options: {
    format: { choices: ['text', 'dot'], default: 'text', describe: 'Print text, or a graph for Graphviz' },
    ...ROOT_OPTIONS,
  },
  examples: [
    ['modalias vfio groups 01:00.0', 'What shares a group with a graphics card'],
    ['modalias vfio groups --format dot | dot -Tsvg -o groups.svg', 'A graph of the machine'],
  ],
  exits: { 1: 'a named device has no group, or one that cannot be given now' },
  async run(args) {
    const { readGroups } = await import('../vfio/sysfs/groups.ts');
    const roots = rootsOf(args, (message) =>
      printDiagnostics([{ code: 'newer-release', severity: 'warning', message: `--kernel ${message}` }]),
    );
    const asked = args.device as string[] | undefined;
    const found = (asked ?? []).map((word) => findDevice(roots.sysfs, word));
    printDiagnostics(found.flatMap(({ note }) => (note ? { code: 'completed', severity: 'note', message: note } : [])));
    const ids = found.length === 0 ? undefined : new Set(found.flatMap(({ device }) => device.group ?? []));
    const view = readGroups(roots, ids);
    if (args.json) await printJson(document(view));
    else if (args.format === 'dot') await print((await import('../report/vfio-groups-dot.ts')).groupsDot(view));
    else await print((await import('../report/vfio-groups-text.ts')).groupsText(view));
    if (found.length === 0) return EXIT.ok;
    const without = found.some(({ device }) => device.group === null);
    return without || view.groups.some(({ availability }) => availability.state !== 'now') ? EXIT.no : EXIT.ok;
  },
};

function document({ kernel, iommu, noiommu, groups, notes }: IommuView) {
  return { version: 1, kernel, iommu, noiommu, groups: groups.map(groupMember), notes: [...notes] };
}
