import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildRoot, type MachineDescription } from '../../fake-root.ts';
import { sh } from '../host.ts';
import { addCommandLine } from '../initramfs.ts';
import { NotFinished, Report } from '../report.ts';
import { type Case, caseName } from './cases.ts';
import type { System } from './debian.ts';
import { type Installation, installation } from './install.ts';
import { boot, type Seen } from './qemu.ts';

const here = new URL('.', import.meta.url).pathname;
const cli = join(here, '../../../dist/cli.js');
const machine: MachineDescription = JSON.parse(readFileSync(join(here, 'machine.json'), 'utf8'));

/** The devices that are compared: those that something could take. */
const NATIVE = new Map(
  machine.devices.flatMap(({ path, bus, driver }): [string, string | null][] =>
    bus === 'pci' && (driver === 'e1000e' || driver === 'nvme') ? [[path.split('/').at(-1)!, driver]] : [],
  ),
);

/** What `vfio boot --json` says of a device. */
interface Predicted {
  readonly device: string;
  readonly driver: string | null;
  readonly certain: boolean;
  readonly stages: readonly { readonly stage: string; readonly driver: string | null }[];
}

export interface Outcome {
  readonly case: Case;
  readonly report: Report;
  /** `vfio boot` said of each device that it is certain. */
  readonly certain: boolean;
  readonly seen: Seen | null;
}

/** Installs a format as its text says, boots the system, and compares what became of the devices. */
export async function runCase(one: Case, system: System, work: string, limit: number): Promise<Outcome> {
  const report = new Report(caseName(one));
  mkdirSync(work);
  const roots = buildRoot({ ...machine, release: system.release }, join(work, 'machine'));
  const text = print(one, system, roots);
  // With --add, the image is made again where the format says so only.
  if (text !== '' && one.rebuilt === undefined) writeFileSync(join(work, 'format'), text);
  const steps = one.format === null ? NOTHING : installation(one.format, text, one.maker);
  writeFiles(join(work, 'files'), steps);
  const rebuild = one.rebuilt === undefined ? [] : [one.rebuilt];
  writeFileSync(join(work, 'install'), `${[...steps.commands, ...rebuild, ''].join('\n')}`);
  const predictions = prepare(system, work, steps.words);
  const certain = predictions.installed.every((device) => device.certain);
  try {
    const seen = await boot(work, steps.words, limit);
    compare(one, report, seen, predictions);
    return { case: one, report, certain, seen };
  } catch (error) {
    if (error instanceof NotFinished) report.unfinished = error.message;
    else report.failures.push((error as Error).message);
    return { case: one, report, certain, seen: null };
  }
}

const NOTHING: Installation = { files: {}, commands: [], words: '' };

/** What the built command line prints for the machine before anything is installed. */
function print({ format, taken }: Case, system: System, roots: { sysfs: string; proc: string }): string {
  if (format === null) return '';
  const modules = join(system.tree, 'usr/lib/modules', system.release);
  const where = ['--sysfs', roots.sysfs, '--proc', roots.proc, '-m', modules];
  return sh(process.execPath, [cli, 'vfio', 'plan', '--format', format, ...where, ...taken]);
}

const UNIT = (stage: string, lines: readonly string[], target: string) =>
  ['[Unit]', ...lines, '[Service]', 'Type=oneshot', `ExecStart=/usr/local/sbin/drivers ${stage}`]
    .concat(['[Install]', `WantedBy=${target}`, ''])
    .join('\n');

/** Units that have nothing to do with devices and take time, or wait for what is not there. */
const MASKED = [
  ...['systemd-logind', 'systemd-networkd', 'systemd-timesyncd', 'systemd-user-sessions', 'systemd-journal-flush'],
  ...['systemd-random-seed', 'systemd-tmpfiles-setup', 'systemd-sysctl', 'systemd-update-utmp', 'getty-static'],
  ...['modprobe@configfs', 'modprobe@dm_mod', 'modprobe@drm', 'modprobe@efi_pstore', 'modprobe@fuse', 'modprobe@loop'],
].map((name) => `${name}.service`);
const MASKED_OTHERS = [
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
].concat(['sys-fs-fuse-connections.mount', 'sys-kernel-config.mount', 'getty.target', 'timers.target']);

function writeFiles(files: string, { files: own, commands }: Installation): void {
  const units = '/etc/systemd/system';
  const all = {
    ...own,
    '/etc/fstab': '/dev/vda / ext4 rw 0 1\n',
    // without one it would be the first boot, on which systemd looks at every unit
    '/etc/machine-id': '00112233445566778899aabbccddeeff\n',
    [`${units}/drivers-initramfs.service`]: UNIT(
      'initramfs',
      [
        'DefaultDependencies=no',
        'Before=systemd-udevd.service systemd-udev-trigger.service systemd-modules-load.service',
      ],
      'sysinit.target',
    ),
    [`${units}/drivers-root.service`]: UNIT('root', ['After=multi-user.target'], 'multi-user.target'),
  };
  const at = (path: string) => {
    const to = join(files, path);
    mkdirSync(dirname(to), { recursive: true });
    return to;
  };
  for (const [path, text] of Object.entries(all)) writeFileSync(at(path), text);
  copyFileSync(join(here, 'drivers.sh'), at('/usr/local/sbin/drivers'));
  sh('chmod', ['755', join(files, 'usr/local/sbin/drivers')]);
  for (const unit of [...MASKED, ...MASKED_OTHERS]) symlinkSync('/dev/null', at(`${units}/${unit}`));
  symlinkSync('../drivers-initramfs.service', at(`${units}/sysinit.target.wants/drivers-initramfs.service`));
  symlinkSync('../drivers-root.service', at(`${units}/multi-user.target.wants/drivers-root.service`));
  symlinkSync('/usr/lib/systemd/system/multi-user.target', at(`${units}/default.target`));
  if (!commands.some((command) => /vfio-bind/.test(command))) return;
  addCommandLine(at('/usr/local/lib/modalias/'));
  copyFileSync(process.execPath, at('/usr/local/bin/node'));
  sh('chmod', ['755', join(files, 'usr/local/bin/node')]);
  symlinkSync('/usr/local/lib/modalias/dist/start.cjs', at('/usr/local/bin/modalias'));
}

/** What `vfio boot` says of a system with a format in it, and before where it was given with --add. */
interface Predictions {
  readonly installed: readonly Predicted[];
  readonly added: readonly Predicted[] | null;
}

/** Makes the disk, and asks `vfio boot` what will be. */
function prepare(system: System, work: string, words: string): Predictions {
  const commandLine = 'root=/dev/vda rw console=ttyS0 quiet intel_iommu=on';
  writeFileSync(join(work, 'machine/proc/cmdline'), `${commandLine}\n`);
  writeFileSync(join(work, 'cmdline'), `${commandLine} ${words}\n`);
  const ask = [process.execPath, cli, 'vfio', 'boot', ...NATIVE.keys(), '--root', join(work, 'root'), '--json'];
  sh('unshare', ['--mount', '--propagation', 'private', 'sh', join(here, 'prepare.sh'), system.tree, work, ...ask]);
  const devices = (name: string) => JSON.parse(readFileSync(join(work, name), 'utf8')).devices;
  return {
    installed: devices('predicted.json'),
    added: existsSync(join(work, 'added.json')) ? devices('added.json') : null,
  };
}

function compare({ taken }: Case, report: Report, seen: Seen, predictions: Predictions): void {
  for (const [device, native] of NATIVE) {
    const expected = taken.includes(device) ? 'vfio-pci' : native;
    report.equal(`driver of ${device}`, seen.root.get(device), expected);
    for (const [when, predicted] of Object.entries<readonly Predicted[] | null>({ ...predictions })) {
      if (predicted === null) continue;
      const said = predicted.find((one) => one.device === device);
      report.equal(`driver of ${device} as predicted, ${when}`, said?.driver, seen.root.get(device));
      const before = said?.stages.find(({ stage }) => stage === 'initramfs')?.driver;
      report.equal(`driver of ${device} as predicted for the initramfs, ${when}`, before, seen.initramfs.get(device));
    }
  }
  report.equal('units that failed', seen.failed, []);
}
