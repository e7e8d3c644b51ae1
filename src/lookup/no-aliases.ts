import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ModaliasError } from '../errors.ts';

/** Files of a modules directory, of which a kernel's package has at least one. */
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

/** The error where there is nothing at a path: which kernels there are instead, for a release that is not installed and for one that lacks its directory. */
export function noSuchPath(path: string, installed = '/lib/modules'): ModaliasError {
  const beside = kernelsIn(dirname(path));
  const kernels = path.includes('/') ? beside : kernelsIn(installed);
  const place = path.includes('/') ? dirname(path) : installed;
  const found = kernels.includes(basename(path)) ? [basename(path)] : kernels;
  const what =
    found.length > 0
      ? `no such file or directory; name a kernel that is there with -m: ${found.map((name) => join(place, name)).join(', ')}`
      : 'no such file or directory; name a modules directory, a modules.alias or a modules.alias.bin with -m';
  return new ModaliasError('unreadable', what, { file: path });
}

/** The error where a directory holds no aliases: what it is instead, and what to do. */
export function noAliasesIn(directory: string): ModaliasError {
  const error = (message: string) => new ModaliasError('no-index', message, { file: directory });
  const below = ['', 'lib/modules', 'usr/lib/modules'].flatMap((part) =>
    kernelsIn(join(directory, part)).map((name) => join(directory, part, name)),
  );
  if (below.length > 0 && !existsSync(join(directory, 'modules.order')))
    return error(`is not a modules directory; below it is one, name that: ${below.join(', ')}`);
  if (['kernel', ...SIGNS].some((sign) => existsSync(join(directory, sign))))
    return error(`depmod has not written modules.alias here yet; modalias build ${directory} writes it`);
  return error('holds neither modules.alias nor modules.alias.bin; expected a modules directory, /lib/modules/RELEASE');
}

const UNPACK = 'unpack it and name the lib/modules/RELEASE in it';

/** Other files that are named for a modules.alias, by how they begin, and what to do. */
const OTHERS: readonly (readonly [magic: string, what: string])[] = [
  ['!<arch>\ndebian', `is a Debian package; ${UNPACK}: dpkg-deb -x FILE DIR`],
  ['\xed\xab\xee\xdb', `is an RPM package; ${UNPACK}: rpm2cpio FILE | cpio -idm`],
  ['\x7fELF', 'is an object file, as modules are; modalias extract reads its tables'],
  ['\x1f\x8b', 'is compressed by gzip; unpack it first: gzip -dc FILE'],
  ['\xfd7zXZ\0', 'is compressed by xz; unpack it first: xz -dc FILE'],
  ['\x28\xb5\x2f\xfd', 'is compressed by zstd; unpack it first: zstd -dc FILE'],
];

/** The error where a file is known by its first bytes for something else than aliases; undefined where it is not. */
export function otherFile(bytes: Buffer, file: string): ModaliasError | undefined {
  const start = bytes.toString('latin1', 0, 16);
  const what = OTHERS.find(([magic]) => start.startsWith(magic))?.[1];
  return what === undefined ? undefined : new ModaliasError('not-aliases', what.replace('FILE', file), { file });
}
