import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Archive, byVersion, hasPackage, needProgram, openArchive, packageNames, unpackPackages } from './apt.ts';
import { keptFolder } from './cache.ts';
import { CannotRun, mustRun } from './run.ts';

/** A Debian kernel, unpacked, with what the real depmod makes of it. */
export interface Kernel {
  /** `SUITE:ARCH`, `SUITE:ARCH:VERSION` or `SUITE:ARCH:VERSION:FLAVOUR`, as it was asked for. */
  readonly name: string;
  readonly suite: string;
  readonly arch: string;
  /** The image's package, such as `linux-image-6.12.117+deb12-amd64`. */
  readonly image: string;
  readonly release: string;
  /** The cache folder that holds everything below. */
  readonly folder: string;
  /** The modules directory as packaged, without an index. */
  readonly packaged: string;
  /** The same modules (hard links) with depmod's own files. */
  readonly indexed: string;
  /** Only the files that depmod wrote. */
  readonly golden: string;
}

/** Packages that hold no kernel, and the flavours that are variants of another kernel. */
const NOT_A_KERNEL = /-(dbg|signed|template)|unsigned|-dbg$/;
const FLAVOURS = /-(rt|cloud|16k)\b/;

/**
 * The newest kernel of `SUITE:ARCH[:VERSION[:FLAVOUR]]` that the archive holds, unpacked in the cache and indexed by
 * this machine's depmod. Throws CannotRun where the archive has none.
 */
export function fetchKernel(name: string): Kernel {
  needProgram('depmod', 'kmod');
  const [suite, arch, prefix = '', flavour] = name.split(':');
  if (!suite || !arch)
    throw new CannotRun(`'${name}' is not a kernel; expected SUITE:ARCH or SUITE:ARCH:VERSION, such as sid:arm64`);
  const folder = keptFolder(['kernels', name.replaceAll(':', '-')], (empty) => {
    const image = download({ suite, arch, prefix, flavour }, path.join(empty, 'root'));
    if (image) writeFileSync(path.join(empty, 'image'), image);
    return image !== undefined;
  });
  if (!folder) throw new CannotRun(`the archive holds no kernel ${name}`);
  const root = path.join(folder, 'root');
  const modules = modulesFolder(root)!;
  const release = readdirSync(modules)[0]!;
  const packaged = path.join(modules, release);
  const indexedRoot = path.join(folder, 'indexed');
  const golden = path.join(folder, 'golden');
  const depmod = mustRun('depmod', ['--version']);
  const marker = path.join(folder, 'depmod');
  if (!existsSync(marker) || readFileSync(marker, 'latin1') !== depmod) {
    index(packaged, indexedRoot, golden);
    writeFileSync(marker, depmod);
  }
  const image = readFileSync(path.join(folder, 'image'), 'utf8');
  return {
    name,
    suite,
    arch,
    image,
    release,
    folder,
    packaged,
    indexed: path.join(indexedRoot, 'lib/modules', release),
    golden,
  };
}

/**
 * Where an unpacked image has its modules: newer releases name /usr/lib outright. A package that only depends on others
 * has none.
 */
function modulesFolder(root: string): string | undefined {
  return ['lib/modules', 'usr/lib/modules']
    .map((folder) => path.join(root, folder))
    .find((folder) => existsSync(folder));
}

/** What to look for: versions that begin so, in the plain flavour where no other is asked for. */
interface Asked {
  readonly suite: string;
  readonly arch: string;
  readonly prefix: string;
  readonly flavour: string | undefined;
}

function download({ suite, arch, prefix, flavour }: Asked, root: string): string | undefined {
  for (const fresh of [false, true]) {
    const archive = openArchive(suite, arch, fresh);
    const images = packageNames(archive, `^linux-image-${prefix.replaceAll('.', '\\.')}${prefix ? '[.-]' : '[0-9]'}`)
      .filter((image) => !NOT_A_KERNEL.test(image) && /^linux-image-\d/.test(image))
      .filter((image) => FLAVOURS.exec(image)?.[1] === flavour)
      .sort(byVersion)
      .reverse();
    for (const image of images) {
      if (unpackPackages(archive, withModules(archive, image), root) && modulesFolder(root)) return image;
      rmSync(root, { recursive: true, force: true });
    }
  }
  return undefined;
}

/** Newer releases ship the modules in packages of their own. */
function withModules(archive: Archive, image: string): string[] {
  const version = image.slice('linux-image-'.length);
  const others = ['linux-modules-', 'linux-base-', 'linux-binary-'].map((p) => p + version);
  return [image, ...others.filter((other) => hasPackage(archive, other))];
}

function index(packaged: string, root: string, golden: string): void {
  const release = path.basename(packaged);
  for (const d of [root, golden]) rmSync(d, { recursive: true, force: true });
  mkdirSync(path.join(root, 'lib/modules'), { recursive: true });
  mkdirSync(golden, { recursive: true });
  mustRun('cp', ['-al', packaged, path.join(root, 'lib/modules', release)]);
  const tree = path.join(root, 'lib/modules', release);
  const before = new Set(readdirSync(tree));
  mustRun('depmod', ['-b', root, release]);
  for (const file of readdirSync(tree)) if (!before.has(file)) cpSync(path.join(tree, file), path.join(golden, file));
}
