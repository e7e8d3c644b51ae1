import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NotFinished } from '../report.ts';

/** Machines that run; none outlives this process. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const qemu of running) qemu.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/**
 * The machine that machine.json records: two like network cards, a third with a subsystem of its own, two like disks, a
 * third of another vendor. QEMU's own emulation, never KVM.
 */
function qemuArguments(work: string, words: string): string[] {
  const port = (n: number) => ['-device', `pcie-root-port,id=rp${n},chassis=${n},addr=${n + 1}.0`];
  const disk = (n: number, more = '') => [
    ...['-blockdev', `driver=null-co,node-name=disk${n},size=16777216,read-zeroes=on`],
    ...['-device', `nvme,bus=rp${n},drive=disk${n},serial=${n}${more}`],
  ];
  const append = 'root=/dev/vda rw console=ttyS0 quiet panic=-1 no_timer_check intel_iommu=on';
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-vga', 'none'],
    ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1', '-m', '1024'],
    ...['-kernel', join(work, 'vmlinuz'), '-initrd', join(work, 'initrd.img'), '-append', `${append} ${words}`],
    ...['-serial', `file:${join(work, 'console')}`, '-serial', `file:${join(work, 'drivers')}`],
    ...['-device', 'intel-iommu,intremap=on,caching-mode=on,device-iotlb=on'],
    ...[1, 2, 3, 4, 5, 6].flatMap(port),
    ...['-device', 'e1000e,bus=rp1', '-device', 'e1000e,bus=rp2', '-device', 'e1000e,bus=rp3,subsys=1'],
    ...[...disk(4), ...disk(5), ...disk(6, ',use-intel-id=on')],
    ...['-drive', `file=${join(work, 'disk')},if=none,id=root,format=raw,cache=unsafe`],
    ...['-device', 'virtio-blk-pci,drive=root,addr=8.0'],
  ];
}

/** What a boot came to. */
export interface Seen {
  /** By device, its driver when the initramfs had done its part; null for none. */
  readonly initramfs: ReadonlyMap<string, string | null>;
  /** By device, its driver in the end. */
  readonly root: ReadonlyMap<string, string | null>;
  /** Units that failed, with what they last said. */
  readonly failed: readonly string[];
  /** Seconds from QEMU's start to its end. */
  readonly seconds: number;
}

/** Boots what prepare.sh left in `work`. Throws NotFinished, with the console's end, where it takes too long. */
export async function boot(work: string, words: string, limit: number): Promise<Seen> {
  const started = Date.now();
  const log = openSync(join(work, 'qemu.log'), 'w');
  const qemu = spawn('qemu-system-x86_64', qemuArguments(work, words), { stdio: ['ignore', 'ignore', log] });
  running.add(qemu);
  const timer = setTimeout(() => qemu.kill('SIGKILL'), limit * 1000);
  const code = await new Promise<number | null>((resolve, reject) => {
    qemu.on('exit', resolve);
    qemu.on('error', reject);
  });
  clearTimeout(timer);
  running.delete(qemu);
  const seconds = (Date.now() - started) / 1000;
  const lines = read(work, 'drivers').split(/\r?\n/);
  if (lines.includes('end')) return { ...parse(lines), seconds };
  const tail = read(work, 'console').split('\n').slice(-25).join('\n');
  if (code === null) throw new NotFinished(`not up after ${limit} s; the console ended with:\n${tail}`);
  throw new Error(`the machine ended (${code}): ${read(work, 'qemu.log')}\nthe console ended with:\n${tail}`);
}

function read(work: string, name: string): string {
  const path = join(work, name);
  return existsSync(path) ? readFileSync(path, 'latin1') : '';
}

function parse(lines: readonly string[]): Omit<Seen, 'seconds'> {
  const stage = (name: string) =>
    new Map(
      lines.flatMap((line): [string, string | null][] => {
        const [its, device, driver] = line.split(' ');
        return its === name && device !== undefined ? [[device, driver || null]] : [];
      }),
    );
  return {
    initramfs: stage('initramfs'),
    root: stage('root'),
    failed: lines.filter((line) => /^(failed|journal) /.test(line)),
  };
}
