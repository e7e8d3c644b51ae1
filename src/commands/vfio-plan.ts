import { type Command, EXIT } from '../command-line/command.ts';
import { print, printJson } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { PERSISTENCE_FORMATS } from '../report/persist/persistence.ts';
import { CHANGE_OPTIONS, MODULES_OPTION, ROOT_OPTIONS, rootsOf, STATE_OPTION } from './vfio-options.ts';

/** Options that select devices and drivers. */
export const BIND_OPTIONS = {
  'whole-group': { type: 'boolean', describe: 'Include every device of the IOMMU groups that VFIO can take' },
  'all-functions': { type: 'boolean', describe: 'Include the other functions of the cards, in whatever group' },
  id: {
    type: 'string',
    array: true,
    defaultDescription: 'VENDOR:DEVICE',
    describe:
      'Refuse if the address holds another device; :SUBVENDOR:SUBDEVICE may follow; give one for all devices or one for each',
  },
  vfs: {
    type: 'string',
    defaultDescription: 'N',
    describe: 'Make N virtual functions (SR-IOV) of the device and bind these, not the device itself',
  },
  driver: {
    type: 'string',
    defaultDescription: 'NAME',
    describe: 'Bind to this driver (not module) instead of the one found by lookup',
  },
} as const;

export const plan: Command = {
  name: 'plan',
  usage: '<device..>',
  summary: 'show what a bind would write, how the kernel would respond, and what prevents it',
  description: [
    'Prints the writes in order, the rollback of each, how the kernel will respond by its own rules, and warnings: what the host uses the devices for, what goes away with their drivers, what else is in their groups and on their cards, how they are reset, what the firmware reserves. Nothing is written.',
    'With --vfs N, plans N virtual functions (SR-IOV) of each device, which keeps its driver, and binds these. They do not exist yet: addresses, ids and groups are predicted, and the plan says so.',
    'With --format, prints configuration of another program that makes the binding survive a reboot; its first comment says for which stage of the boot it works: kernel, initramfs or root file system.',
  ],
  positionals: { device: { describe: 'PCI address, path in sysfs, or device name on its bus' } },
  options: {
    ...BIND_OPTIONS,
    'allow-in-use': CHANGE_OPTIONS['allow-in-use']!,
    format: {
      choices: ['text', ...PERSISTENCE_FORMATS],
      default: 'text',
      describe: 'Print the plan, or configuration for another program',
    },
    ...STATE_OPTION,
    ...MODULES_OPTION,
    ...ROOT_OPTIONS,
  },
  examples: [
    ['modalias vfio plan --whole-group 01:00.0', 'A graphics card and everything else in its group'],
    ['modalias vfio plan --format libvirt-xml 0000:01:00.0', 'The hostdev element for a guest'],
    ['modalias vfio plan --vfs 4 --format systemd 81:00.0', 'A unit that makes four virtual functions at boot'],
  ],
  exits: { 1: 'the plan is refused: a device has no VFIO driver or is in use, or the kernel would refuse a step' },
  async run(args) {
    if (args.json && args.format !== 'text')
      throw new ModaliasError('usage', `vfio plan: --json and --format ${args.format} cannot be given together`);
    if (args.vfs !== undefined && !['text', 'systemd'].includes(args.format as string))
      throw new ModaliasError(
        'usage',
        `vfio plan: ${args.format} makes no virtual functions; expected --format systemd with --vfs`,
      );
    const { makePlan, prepareArguments } = await import('./vfio-prepare.ts');
    const { outputWidth } = await import('../report/terminal.ts');
    const { planText } = await import('../report/vfio-plan-text.ts');
    const roots = rootsOf(args);
    const made = makePlan(args, roots, await prepareArguments(args, roots));
    if (args.json) await printJson((await import('../report/vfio-plan-json.ts')).planDocument(made));
    else if (args.format !== 'text') {
      const { printPersistent } = await import('./vfio-persist.ts');
      return printPersistent(args, roots, made);
    } else await print(planText(made, roots.sysfs.root, outputWidth()));
    return made.runnable ? EXIT.ok : EXIT.no;
  },
};
