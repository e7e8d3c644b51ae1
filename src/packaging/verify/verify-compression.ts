import type { Packing } from '../../binary/decompress.ts';
import type { FoundModule } from '../../modules-directory/tree-scan.ts';
import type { Item } from '../finding.ts';

/** What the end of a module's name says of its compression, and the program that compresses so. */
const BY_NAME: Readonly<Record<string, readonly [packing: Packing, program: string]>> = {
  '.gz': ['gzip', 'gzip'],
  '.xz': ['xz', 'xz --check=crc32'],
  '.zst': ['zstd', 'zstd'],
};

/**
 * A module whose compression is not what its name says; undefined otherwise. kmod looks at the data, and fails
 * where it is built without that compression; other programs look at the name. kmod libkmod-file.c:kmod_file_open.
 */
export function oddlyPacked(
  { name, path }: Pick<FoundModule, 'name' | 'path'>,
  file: string,
  packing: Packing | undefined,
): Item | undefined {
  const [named, program] = BY_NAME[path.slice(path.lastIndexOf('.'))] ?? (['plain', undefined] as const);
  if (packing === undefined || packing === named) return undefined;
  const found = packing === 'plain' ? 'not compressed' : `compressed with ${packing}`;
  const said = named === 'plain' ? 'not compressed' : `compressed with ${named}`;
  const effect =
    packing === 'plain'
      ? 'programs that rely on the name fail'
      : `depmod and modprobe fail where kmod is built without ${packing}, and programs that rely on the name fail`;
  const advice =
    program === undefined ? `unpack it, or add .${EXTENSIONS[packing]} to its name` : `compress it with ${program}`;
  const message = `the data is ${found}, but the file name says ${said}: ${effect}; ${advice}`;
  return { module: name, file, message };
}

const EXTENSIONS: Readonly<Record<Packing, string>> = { gzip: 'gz', xz: 'xz', zstd: 'zst', plain: 'ko' };
