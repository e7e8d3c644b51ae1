import { type Command, EXIT } from '../command-line/command.ts';
import { printDiagnostics } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { restoreTarget } from '../vfio/change/restore-plan.ts';
import { CONFIG_OPTION, configOf } from './config-option.ts';
import {
  CHANGE_OPTIONS,
  changeContextOf,
  MODULES_OPTION,
  ROOT_OPTIONS,
  resolveContextOf,
  rootsOf,
} from './vfio-options.ts';

export const restore: Command = {
  name: 'restore',
  usage: '[device..]',
  summary: 'bring devices back to where they were before VFIO',
  description: [
    'Takes devices back to the driver and the driver_override that the journal of their bind holds, also after a run that was killed. A device that no journal knows loses its override and goes to the driver of a module that modules.alias names for it and that modprobe.d does not forbid, a subchannel to io_subchannel.',
  ],
  positionals: { device: { describe: 'PCI address, path in sysfs, or device name on its bus' } },
  options: {
    all: { type: 'boolean', describe: 'Every device of every journal' },
    ...CHANGE_OPTIONS,
    ...MODULES_OPTION,
    ...CONFIG_OPTION,
    ...ROOT_OPTIONS,
  },
  examples: [
    ['modalias vfio restore 0000:01:00.0', 'Give a card back to the host'],
    ['modalias vfio restore --all --dry-run', 'See what a restore of everything would write'],
    ['modalias vfio restore --all', 'After a run that was killed'],
  ],
  exits: {
    1: 'refused before anything was written, or nothing tells where a device belongs',
    3: 'it failed, and all is as it was before the restore',
    4: 'it failed, and so did taking it back; both errors are printed',
  },
  async run(args) {
    const { nativePlacement } = await import('../vfio/change/native.ts');
    const { planRestoreDevices, restoreDevices } = await import('../vfio/change/restore-devices.ts');
    const { printChange } = await import('./vfio-change.ts');
    const words = (args.device as string[] | undefined) ?? [];
    if ((words.length === 0) !== (args.all === true)) {
      throw new ModaliasError('usage', 'vfio restore: name devices, or give --all for all that the journals know');
    }
    const roots = rootsOf(args);
    const context = await changeContextOf(args, roots);
    try {
      const found = words.map((word) => restoreTarget(roots, context.state, word));
      const targets = args.all ? 'all' : found;
      const native = nativePlacement(resolveContextOf(args, roots, configOf(args)));
      const carryOut = args.dryRun ? planRestoreDevices : restoreDevices;
      const change = await carryOut(context, targets, native, { allowInUse: args.allowInUse === true });
      const notes = [...found.flatMap(({ note }) => note ?? []), ...change.notes];
      printDiagnostics(notes.map((message) => ({ code: 'restore', severity: 'note', message })));
      const lost = change.withoutNative.map(
        (path) => `no journal knows ${path}, and no native driver is known for it that may be loaded; it is left alone`,
      );
      printDiagnostics(lost.map((message) => ({ code: 'no-native-driver', severity: 'error', message })));
      const status = await printChange(args, roots, { ...change, notes: args.json ? [...notes, ...lost] : notes });
      return status === EXIT.ok && lost.length > 0 ? EXIT.no : status;
    } finally {
      context.hands.close();
    }
  },
};
