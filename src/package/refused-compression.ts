import type { PackedRange } from '../binary/packed-range.ts';
import { ModaliasError } from '../errors.ts';

/** Compressions that old packages have and no decoder here knows, by their first bytes. */
const REFUSED = [
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68] },
  { name: 'lzma', magic: [0x5d, 0x00, 0x00] },
  { name: 'lzip', magic: [0x4c, 0x5a, 0x49, 0x50] },
];

/** Throws `unsupported-compression` for data of which the compression is known, but not how to undo it. */
export function refuseCompression({ source, start }: PackedRange, member?: string): void {
  const bytes = source.readUpTo(start, 4);
  const found = REFUSED.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte));
  if (!found) return;
  const what = member === undefined ? 'the package' : member;
  throw new ModaliasError(
    'unsupported-compression',
    `${what} is compressed with ${found.name}; expected xz, zstd, gzip or none. Unpack it and name the directory instead`,
    { file: source.file },
  );
}
