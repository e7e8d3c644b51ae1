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
  summary: 'return devices to the drivers that they had before VFIO',
  description: [
    'Returns devices to the driver and the driver_override that the journal of their bind recorded, even after a run that was killed. Virtual functions that `vfio bind --vfs` made are removed. A device without a journal has its override cleared and is bound to the driver of a module that modules.alias names for it and modprobe.d does not forbid, a subchannel to io_subchannel.',
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
    ['modalias vfio restore --all --dry-run', 'Show what restoring everything would write'],
    ['modalias vfio restore --all', 'After a run that was killed'],
  ],
  exits: {
    1: "refused before anything was written, or a device's former driver is not known",
    3: 'the restore failed and was rolled back',
    4: 'the change failed, and so did rolling it back; both errors are printed',
  },
  async run(args) {
    const { nativePlacement } = await import('../vfio/change/native.ts');
    const { planRestoreDevices, restoreDevices } = await import('../vfio/change/restore-devices.ts');
    const { printChange } = await import('./vfio-change.ts');
    const words = (args.device as string[] | undefined) ?? [];
    if ((words.length === 0) !== (args.all === true)) {
      throw new ModaliasError('usage', 'vfio restore: name devices, or give --all for every device of every journal');
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
        (path) =>
          `no journal lists ${path}, and no native driver that may be loaded is known for it; it is not changed`,
      );
      printDiagnostics(lost.map((message) => ({ code: 'no-native-driver', severity: 'error', message })));
      const status = await printChange(args, roots, { ...change, notes: args.json ? [...notes, ...lost] : notes });
      return status === EXIT.ok && lost.length > 0 ? EXIT.no : status;
    } finally {
      context.hands.close();
    }
  },
};
