import type { DeviceForecast } from '../boot/forecast.ts';
import { type Command, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics, printJson } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';

export const boot: Command = {
  name: 'boot',
  usage: '<device..>',
  summary: 'say who has a device after the next boot, and why',
  description: [
    'Follows the next boot of a system from its files: the kernel command line, modprobe.d and udev rules of the initramfs and of the root, what the initramfs holds and does, softdeps, install lines and blacklists, systemd units and their order, overrides that driverctl saved. Each module load, override and id goes through the model of the kernel, in every order that the boot leaves open. Prints for each stage (kernel, initramfs, root) which modules with a driver for the device are loaded and which driver has it, and the lines that decide. Nothing is written.',
    'Where the order of events is not decided, or something cannot be read, the answer is not certain, and says so.',
  ],
  positionals: { device: { describe: 'PCI address, path in sysfs, or device name on its bus' } },
  options: {
    root: { type: 'string', default: '/', defaultDescription: 'DIR', describe: 'Root directory of the system' },
    initramfs: {
      type: 'string',
      defaultDescription: 'FILE',
      describe: "The image that boots instead of the kernel's own in /boot",
    },
    kernel: {
      type: 'string',
      defaultDescription: 'RELEASE',
      describe: 'The kernel that boots, as lib/modules names it, instead of the running one',
    },
    add: {
      type: 'string',
      array: true,
      defaultDescription: 'FILE',
      describe:
        'Assume that this is installed: what `vfio plan --format` printed, or /DEST=FILE; if it says to rebuild the initramfs, that is assumed too',
    },
    sysfs: { type: 'string', defaultDescription: 'ROOT', describe: 'Read this sysfs instead of the one of the root' },
    proc: { type: 'string', defaultDescription: 'ROOT', describe: 'Read this proc instead of the one of the root' },
    json: { type: 'boolean', describe: 'Print JSON' },
  },
  completes: { root: 'directory' },
  examples: [
    ['modalias vfio boot 0000:01:00.0', 'Whether a card ends on its VFIO driver at the next boot'],
    ['modalias vfio boot --root /mnt 01:00.0', 'The same for a system that is mounted'],
    ['modalias vfio boot 01:00.0 --add vfio.rules', 'What a configuration would do, before it is installed'],
  ],
  exits: {
    0: 'every device ends on a VFIO driver',
    1: 'a device does not',
    2: 'the answer is not certain, or the command line is wrong',
  },
  async run(args) {
    for (const name of ['root', 'initramfs', 'kernel', 'sysfs', 'proc'])
      if (args[name] === '') throw new ModaliasError('usage', `--${name} is given without a value`);
    if ((args.add as string[] | undefined)?.includes(''))
      throw new ModaliasError('usage', '--add is given without a value');
    const { forecastBoot } = await import('../boot/boot.ts');
    const forecast = await forecastBoot(args.device as string[], {
      root: args.root as string,
      initramfs: args.initramfs as string | undefined,
      add: args.add as string[] | undefined,
      kernel: args.kernel as string | undefined,
      sysfs: args.sysfs as string | undefined,
      proc: args.proc as string | undefined,
    });
    printDiagnostics(forecast.notes);
    if (args.json) await printJson((await import('../report/boot/boot-json.ts')).bootDocument(forecast));
    else {
      const { outputWidth } = await import('../report/terminal.ts');
      await print((await import('../report/boot/boot-text.ts')).bootText(forecast, outputWidth()));
    }
    return statusOf(forecast.devices);
  },
};

/** No as soon as one device certainly ends elsewhere, whichever of its other drivers that is. */
function statusOf(devices: readonly DeviceForecast[]): number {
  const isNo = ({ vfio, others, doubts }: DeviceForecast) =>
    !vfio && others.every((other) => !other.vfio) && doubts.every(({ code }) => code === 'boot-assumed');
  if (devices.some(isNo)) return EXIT.no;
  return devices.every(({ certain }) => certain) ? EXIT.ok : EXIT.unanswered;
}
