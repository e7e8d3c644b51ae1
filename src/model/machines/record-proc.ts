import { basename } from 'node:path/posix';
import type { Tree } from '../../vfio/sysfs/tree.ts';
import { blockNamed } from '../../vfio/uses/block-devices.ts';

const KNOWN_MOUNTS = ['/', '/boot', '/boot/efi', '/home', '/usr', '/var', '/srv'];

/** The files of proc by which uses of devices are found: mounts of disks and default routes, and no more of them. */
export function readKernelProcesses(
  { sysfs, proc }: { readonly sysfs: Tree; readonly proc: Tree },
  clean: (text: string) => string,
  hostName: boolean,
): Record<string, string> {
  const mountinfo = (proc.read('self/mountinfo', 1 << 20) ?? '').split('\n').flatMap((line) => {
    const words = line.split(' ');
    const dash = words.indexOf('-', 6);
    const source = words[dash + 2] ?? '';
    if (dash < 0 || !source.startsWith('/dev/')) return [];
    const on = KNOWN_MOUNTS.includes(words[4]!) ? words[4] : '/mnt';
    return [
      `${words[0]} ${words[1]} ${words[2]} / ${on} rw - ${words[dash + 1]} ${clean(kernelNames(sysfs, words[2]!, source))} rw\n`,
    ];
  });
  const routes = (proc.read('self/net/route') ?? '')
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const words = line.split('\t');
      return words[1] === '00000000' && words[7] === '00000000'
        ? [`${clean(words[0]!)}\t00000000\t00000000\t0003\t0\t0\t0\t00000000\t0\t0\t0\n`]
        : [];
    });
  const host = hostName ? proc.line('sys/kernel/hostname') : undefined;
  return {
    'self/mountinfo': mountinfo.join(''),
    'self/net/route': `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n${routes.join('')}`,
    ...(host === undefined ? {} : { 'sys/kernel/hostname': `${host}\n` }),
  };
}

/** The disks of a mount by the kernel's names, /dev/dm-0 and such: people choose the others, or serial numbers do. */
function kernelNames(sysfs: Tree, number: string, source: string): string {
  const block = sysfs.real(`dev/block/${number}`);
  if (block !== undefined) return `/dev/${basename(block)}`;
  const names = source.split(':').map((one) => blockNamed(sysfs, one.replace('/dev/', '')));
  return names.map((at) => `/dev/${at === undefined ? 'unnamed' : basename(at)}`).join(':');
}
