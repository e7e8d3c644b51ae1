import type { Command } from '../command-line/command.ts';
import { CHANGE_OPTIONS, changeContextOf, MODULES_OPTION, ROOT_OPTIONS, rootsOf } from './vfio-options.ts';
import { BIND_OPTIONS } from './vfio-plan.ts';

export const bind: Command = {
  name: 'bind',
  usage: '<device..>',
  summary: 'move devices to their VFIO drivers, all or nothing',
  description: [
    'Runs the plan that `vfio plan` prints. Several devices are one transaction: the driver link is read back after each, and the first failure rolls everything back, driver_override first. Each write is recorded in a journal, synced to disk, before it is made; a run that was killed is listed by `vfio status` and undone by `vfio restore`.',
    'With --vfs N, each device is a physical function that keeps its driver: sriov_drivers_autoprobe is set to 0, N virtual functions are made by sriov_numvfs, waited for and bound, and `vfio restore` of the device removes them. It is refused where the device has virtual functions already, has no driver, or one that does not make them.',
    'A device that is already on its driver is not touched. Devices in use are refused unless --allow-in-use is given.',
  ],
  positionals: { device: { describe: 'PCI address, path in sysfs, or device name on its bus' } },
  options: { ...BIND_OPTIONS, ...CHANGE_OPTIONS, ...MODULES_OPTION, ...ROOT_OPTIONS },
  examples: [
    ['modalias vfio bind 0000:01:00.0', 'Give a card to VFIO'],
    ['modalias vfio bind 81:00.0 --vfs 4', 'Make four virtual functions of a card and give these to VFIO'],
    ['modalias vfio bind --whole-group --dry-run 01:00.0', 'Show what would happen to its group'],
  ],
  exits: {
    1: 'refused before anything was written',
    3: 'the change failed and was rolled back',
    4: 'the change failed, and so did rolling it back; both errors are printed',
  },
  async run(args) {
    const { prepareArguments } = await import('./vfio-prepare.ts');
    const { bindDevices, planBindDevices } = await import('../vfio/change/bind.ts');
    const { withProblems } = await import('../vfio/plan/warnings.ts');
    const { printChange } = await import('./vfio-change.ts');
    const roots = rootsOf(args);
    const context = await changeContextOf(args, roots);
    try {
      const { targets, requests, problems, notes } = await prepareArguments(args, roots);
      const carryOut = args.dryRun || problems.some(({ blocks }) => blocks !== null) ? planBindDevices : bindDevices;
      const change = await carryOut(context, targets, requests, { allowInUse: args.allowInUse === true });
      return await printChange(args, roots, { ...change, plan: withProblems(change.plan, problems), notes });
    } finally {
      context.hands.close();
    }
  },
};
