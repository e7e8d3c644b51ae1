import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { needProgram, openArchive } from '../../../scripts/debian/apt.ts';
import { keptFolder } from '../../../scripts/debian/cache.ts';
import { download } from '../../../scripts/debian/download.ts';
import { CannotRun } from '../../../scripts/debian/run.ts';

/** What makes a system's initramfs, by its package. */
export const MAKERS = ['initramfs-tools', 'dracut'] as const;
export type Maker = (typeof MAKERS)[number];

/** A minimal Debian 13 as files, never changed once it is made. */
export interface System {
  readonly maker: Maker;
  readonly tree: string;
  readonly release: string;
}

const PACKAGES = ['systemd-sysv', 'udev', 'kmod', 'zstd', 'driverctl', 'linux-image-amd64'];
const LEFT_OUT = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*'];

/** Only what Debian asks for besides, so that it boots soon; nothing of it is for these tests alone. */
function recipe(maker: Maker): string[] {
  return [
    ...['--mode=root', '--variant=essential', '--quiet', '--aptopt=Apt::Install-Recommends "false"'],
    ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--include=${[...PACKAGES, maker].join(',')}`,
  ];
}

/** What the tests run themselves, and the Debian packages that have it. */
export function needPrograms(): void {
  if (process.platform !== 'linux' || process.arch !== 'x64' || process.getuid?.() !== 0)
    throw new CannotRun('these tests install and boot a Debian for x86-64: they need root on x86-64 Linux');
  needProgram('qemu-system-x86_64', 'qemu-system-x86');
  needProgram('mmdebstrap', 'mmdebstrap');
  needProgram('mke2fs', 'e2fsprogs');
  needProgram('unshare', 'util-linux');
}

/** The system with this maker from the cache, or installed by mmdebstrap. Throws CannotRun where that fails. */
export function debianSystem(maker: Maker): System {
  const options = recipe(maker);
  const name = `trixie-${maker}-${createHash('sha256').update(options.join('\n')).digest('hex').slice(0, 12)}`;
  let why = '';
  const folder = keptFolder(['boot', name], (empty) => {
    const { sources } = openArchive('trixie', 'amd64');
    const ran = download('mmdebstrap', [...options, 'trixie', join(empty, 'tree'), sources]);
    why = ran.stderr.trim().split('\n').at(-1) ?? '';
    return ran.status === 0;
  });
  if (folder === undefined) throw new CannotRun(`mmdebstrap could not install Debian 13 with ${maker}: ${why}`);
  const tree = join(folder, 'tree');
  const release = readdirSync(join(tree, 'usr/lib/modules'))[0];
  if (release === undefined || !existsSync(join(tree, 'boot', `initrd.img-${release}`)))
    throw new Error(`${tree} has no kernel with an initramfs`);
  return { maker, tree, release };
}
