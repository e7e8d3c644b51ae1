import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_LIMITS, type PackageLimits } from '../../src/package/limits.ts';
import { type KernelTree, readPackageTrees } from '../../src/package/tree.ts';

/** Whether a program is here; tests that judge by one that is not are skipped. */
export const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

export const RELEASE = '6.9.0-t';

/**
 * A new directory with a kernel's files under `modules` (`lib/modules`, `usr/lib/modules`): long names, links of both
 * kinds, empty files, large ones.
 */
export function kernelRoot(modules = 'lib/modules'): string {
  const root = mkdtempSync(join(tmpdir(), 'package-'));
  const at = (path: string) => join(root, modules, RELEASE, path);
  mkdirSync(at('kernel/drivers/net'), { recursive: true });
  mkdirSync(at('kernel/empty'));
  mkdirSync(join(root, 'boot'));
  writeFileSync(join(root, 'boot/vmlinuz'), Buffer.alloc(5000, 7));
  const text = (n: number) => Buffer.from(Array.from({ length: n }, (_, i) => (i * i) >> 5));
  writeFileSync(at('kernel/a.ko'), text(700));
  writeFileSync(at('kernel/drivers/net/big.ko'), text(300_001));
  linkSync(at('kernel/drivers/net/big.ko'), at('kernel/drivers/net/big2.ko'));
  linkSync(at('kernel/drivers/net/big.ko'), at('kernel/abig.ko'));
  writeFileSync(at('kernel/none.ko'), '');
  linkSync(at('kernel/none.ko'), at('kernel/none2.ko'));
  const long = `${'x'.repeat(130)}.ko`;
  writeFileSync(at(`kernel/${long}`), 'long');
  mkdirSync(at(`kernel/${'d'.repeat(90)}/${'e'.repeat(90)}`), { recursive: true });
  writeFileSync(at(`kernel/${'d'.repeat(90)}/${'e'.repeat(90)}/deep.ko.xz`), text(512));
  writeFileSync(at('kernel/grün.ko'), 'name that is not ASCII');
  symlinkSync(`drivers/../${long}`, at('kernel/l.ko'));
  symlinkSync(long, at(`kernel/${'y'.repeat(120)}.ko`));
  symlinkSync('/usr/src/linux', at('build'));
  writeFileSync(at('modules.order'), 'kernel/a.ko\n');
  return root;
}

/** A .deb of what is below `root`, made by dpkg-deb; compressions are its own names (`none`, `gzip`, `xz`, `zstd`). */
export function debOf(root: string, compression: string, to = `${root}-${compression}.deb`, name = 't'): string {
  mkdirSync(join(root, 'DEBIAN'), { recursive: true });
  const control = `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: t\n`;
  writeFileSync(join(root, 'DEBIAN/control'), control);
  execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', root, to], { stdio: 'pipe' });
  execFileSync('rm', ['-r', join(root, 'DEBIAN')]);
  return to;
}

/** A tar archive of what is below `root` in one of GNU tar's formats, through a program that compresses. */
export function tarOf(root: string, format: string, compress = 'cat', program = 'tar'): string {
  const to = `${root}-${program}-${format}.tar.${compress.split(' ')[0]}`;
  execFileSync('sh', ['-c', `${program} --format=${format} -C "$0" -cf - . | ${compress} > "$1"`, root, to]);
  return to;
}

/** A version 4 package of what is below `root`, made by rpmbuild with one of its payloads (`w9.gzdio`). */
export function rpmOf(root: string, payload: string, modules = 'lib/modules'): string {
  const top = mkdtempSync(join(tmpdir(), 'rpm-'));
  const kernel = `/${modules}/${RELEASE}`;
  writeFileSync(
    join(top, 't.spec'),
    `Name: t\nVersion: 1\nRelease: 1\nSummary: t\nLicense: GPL\nBuildArch: noarch\n%description\nt\n%install
mkdir -p %{buildroot}\ncp -a ${root}/. %{buildroot}/\ntouch %{buildroot}${kernel}/modules.dep
%files\n%ghost ${kernel}/modules.dep\n%dir ${kernel}\n${kernel}/kernel\n${kernel}/build\n${kernel}/modules.order\n/boot/vmlinuz\n`,
  );
  const defines = [`_topdir ${top}`, `_binary_payload ${payload}`, '__os_install_post %{nil}', '_build_id_links none'];
  execFileSync('rpmbuild', ['-bb', ...defines.flatMap((d) => ['--define', d]), join(top, 't.spec')], { stdio: 'pipe' });
  return join(top, 'RPMS/noarch/t-1-1.noarch.rpm');
}

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Each path of each kernel in a package with what is there: a file's hash, a link's target. */
export async function packageListing(path: string, limits?: Partial<PackageLimits>): Promise<string[]> {
  const visitor = { wants: () => true, visit: hash, jobs: 2, limit: 1 << 29 };
  const trees = await readPackageTrees(path, visitor, { ...PACKAGE_LIMITS, ...limits });
  const lines = [...trees].flatMap(([release, tree]: [string, KernelTree<string>]) =>
    [...tree].map(([p, entry]) => {
      const what = entry.kind === 'file' ? entry.value : entry.kind === 'symlink' ? entry.target : '';
      return `${release}/${p} ${entry.kind} ${what}`;
    }),
  );
  return lines.sort();
}

/** The same of the kernels below lib/modules and usr/lib/modules of a directory. */
export function directoryListing(root: string): string[] {
  const lines: string[] = [];
  const walk = (directory: Buffer, below: string) => {
    for (const name of readdirSync(directory, 'latin1')) {
      const path = Buffer.concat([directory, Buffer.from(`/${name}`, 'latin1')]);
      const stat = lstatSync(path);
      const shown = below === '' ? name : `${below}/${name}`;
      const add = (kind: string, what: string) => below !== '' && lines.push(`${shown} ${kind} ${what}`);
      if (stat.isFile()) add('file', hash(readFileSync(path)));
      else if (stat.isSymbolicLink()) add('symlink', readlinkSync(path, 'latin1'));
      else if (stat.isDirectory()) {
        add('directory', '');
        walk(path, shown);
      } else add('other', '');
    }
  };
  for (const modules of ['lib/modules', 'usr/lib/modules']) {
    const path = join(root, modules);
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) walk(Buffer.from(path), '');
  }
  return lines.sort();
}
