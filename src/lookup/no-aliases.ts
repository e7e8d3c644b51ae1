import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ModaliasError } from '../errors.ts';

/** Files of a modules directory, at least one of which every kernel package has. */
const SIGNS = ['modules.order', 'modules.dep', 'modules.builtin'];

/** The names in a directory that are modules directories. */
function kernelsIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => SIGNS.some((sign) => existsSync(join(directory, name, sign))))
      .sort();
  } catch {
    return [];
  }
}

/**
 * The error for a path that does not exist: it lists the installed kernels, for a release that is not installed or
 * lacks its directory.
 */
export function noSuchPath(path: string, installed = '/lib/modules'): ModaliasError {
  const beside = kernelsIn(dirname(path));
  const kernels = path.includes('/') ? beside : kernelsIn(installed);
  const place = path.includes('/') ? dirname(path) : installed;
  const found = kernels.includes(basename(path)) ? [basename(path)] : kernels;
  const what =
    found.length > 0
      ? `no such file or directory; name an installed kernel with -m: ${found.map((name) => join(place, name)).join(', ')}`
      : 'no such file or directory; name a modules directory, a modules.alias or a modules.alias.bin with -m';
  return new ModaliasError('unreadable', what, { file: path });
}

/** The error for a directory without aliases: what it is instead, and what to do. */
export function noAliasesIn(directory: string): ModaliasError {
  const error = (message: string) => new ModaliasError('no-index', message, { file: directory });
  const below = ['', 'lib/modules', 'usr/lib/modules'].flatMap((part) =>
    kernelsIn(join(directory, part)).map((name) => join(directory, part, name)),
  );
  if (below.length > 0 && !existsSync(join(directory, 'modules.order')))
    return error(`is not a modules directory, but contains one; name that: ${below.join(', ')}`);
  if (['kernel', ...SIGNS].some((sign) => existsSync(join(directory, sign))))
    return error(`depmod has not written modules.alias here yet; modalias build ${directory} writes it`);
  return error(
    'contains neither modules.alias nor modules.alias.bin; expected a modules directory, /lib/modules/RELEASE',
  );
}

const UNPACK = 'unpack it and name the lib/modules/RELEASE in it';

/** Files given in place of a modules.alias, by their magic bytes, and what to do. */
const OTHERS: readonly (readonly [magic: string, what: string])[] = [
  ['!<arch>\ndebian', `is a Debian package; ${UNPACK}: dpkg-deb -x FILE DIR`],
  ['\xed\xab\xee\xdb', `is an RPM package; ${UNPACK}: rpm2cpio FILE | cpio -idm`],
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
