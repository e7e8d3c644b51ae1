import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ModaliasError } from '../errors.ts';
import { openable, rawPath, readablePath } from '../files/raw-path.ts';
import { hasLists, modulesDirectoriesIn, outerError, partError } from '../modules-directory/wrong-directory.ts';

/**
 * The error for a path that does not exist: it lists the installed kernels, for a release that is not installed or
 * lacks its directory.
 */
export function noSuchPath(path: string, installed = '/lib/modules'): ModaliasError {
  const place = path.includes('/') ? dirname(path) : installed;
  const kernels = modulesDirectoriesIn(rawPath(place)).map(readablePath);
  const found = kernels.includes(basename(path)) ? [basename(path)] : kernels;
  const what =
    found.length > 0
      ? `no such file or directory; name an installed kernel with -m: ${found.map((name) => join(place, name)).join(', ')}`
      : 'no such file or directory; name a modules directory, a modules.alias or a modules.alias.bin with -m';
  return new ModaliasError('unreadable', what, { file: path });
}

/**
 * The error for a directory without aliases: what it is instead, and what to do. `not-a-modules-directory` for a part
 * of one, or for what has others below it, else `no-index`.
 */
export function noAliasesIn(directory: string): ModaliasError {
  const root = rawPath(resolve(directory));
  const part = partError(root, directory);
  if (part) return part;
  const listed = hasLists(root);
  const below = ['', 'lib/modules', 'usr/lib/modules'].flatMap((inside) =>
    modulesDirectoriesIn(join(root, inside)).map((name) => join(directory, inside, readablePath(name))),
  );
  if (below.length > 0 && !listed) return outerError(below, directory);
  const error = (message: string) => new ModaliasError('no-index', message, { file: directory });
  if (listed || hasModules(join(root, 'kernel')))
    return error(`depmod has not written modules.alias here yet; modalias build ${directory} writes it`);
  return error(
    'contains neither modules.alias nor modules.alias.bin; expected a modules directory, /lib/modules/RELEASE',
  );
}

/** Whether a directory (a raw path) or one below it has a module; /etc has a kernel/ without any. */
function hasModules(directory: string): boolean {
  try {
    const names = readdirSync(openable(directory), { encoding: 'latin1', recursive: true });
    return names.some((name) => /\.ko(\.(gz|xz|zst))?$/.test(name));
  } catch {
    return false;
  }
}

const EXPECTED = 'expected a modules directory, a modules.alias or a modules.alias.bin';

/** Files given in place of a modules.alias, by their magic bytes, and what to do. */
const OTHERS: readonly (readonly [magic: string, what: string])[] = [
  ['!<arch>\ndebian', `is a Debian package; ${EXPECTED}`],
  ['\xed\xab\xee\xdb', `is an RPM package; ${EXPECTED}`],
  ['\x7fELF', 'is an object file, such as a module; modalias extract reads its tables'],
  ['\x1f\x8b', 'is compressed with gzip; unpack it first: gzip -dc FILE'],
  ['\xfd7zXZ\0', 'is compressed with xz; unpack it first: xz -dc FILE'],
  ['\x28\xb5\x2f\xfd', 'is compressed with zstd; unpack it first: zstd -dc FILE'],
];

/** The error for a file that is something other than aliases by its magic bytes; else undefined. */
export function otherFile(bytes: Buffer, file: string): ModaliasError | undefined {
  const start = bytes.toString('latin1', 0, 16);
  const what = OTHERS.find(([magic]) => start.startsWith(magic))?.[1];
  return what === undefined ? undefined : new ModaliasError('not-aliases', what.replace('FILE', file), { file });
}
