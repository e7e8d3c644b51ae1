import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DEFAULT_UNPACKED_LIMIT, decompress } from '../../src/binary/decompress.ts';
import { Scratch } from '../../src/binary/unpack.ts';

/** Module files below a folder, relative to it, in the order of their names. */
export function moduleFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ko(\.(gz|xz|zst))?$/.test(file))
    .sort();
}

/** Name of the module in a file (kmod shared/util.c:path_to_modname). */
export function moduleName(file: string): string {
  return path.basename(file).split('.', 1)[0]!.replaceAll('-', '_');
}

/** A module's bytes, unpacked, free to be changed. */
export async function moduleBytes(file: string): Promise<Buffer> {
  const to = { file, limit: DEFAULT_UNPACKED_LIMIT, scratch: new Scratch() };
  return Buffer.from(await decompress(readFileSync(file), to));
}
