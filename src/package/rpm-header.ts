import { bufferOf } from '../binary/reader.ts';
import type { ByteSource } from '../binary/source.ts';
import { badPackage } from './member.ts';

/** A section of tagged values in an rpm package: the signatures or the facts of the package (rpm's lib/header.c). */
export interface RpmHeader {
  /** Where it ends in the file. */
  readonly end: number;
  /** Numbers of a tag (16, 32 or 64 bits each); empty where it is missing. */
  numbers(tag: number): readonly number[];
  /** Texts of a tag as latin1; empty where it is missing. */
  texts(tag: number): readonly string[];
}

const MAGIC = 0x8eade801;
const PREAMBLE = 16;
const ENTRY = 16;
/** rpm's own limits: header.c:HEADER_TAGS_MAX and HEADER_DATA_MAX. */
const MOST_ENTRIES = 0xffff;
const MOST_DATA = 0x0fffffff;
/** Values of one tag, of which a file has one each. */
const MOST_VALUES = 1_000_000;

/** Sizes of a number by its type; the other types are texts and bytes. */
const NUMBER_SIZE: Readonly<Record<number, 2 | 4 | 8>> = { 3: 2, 4: 4, 5: 8 };
const TEXT_TYPES = [6, 8, 9];

/** Reads the section at `start`; only what is asked for is looked at. Throws `bad-package`, `truncated`. */
export function readRpmHeader(source: ByteSource, start: number, what: string): RpmHeader {
  const { file } = source;
  const preamble = bufferOf(source.read(start, PREAMBLE, what));
  if (preamble.readUInt32BE(0) !== MAGIC) throw badPackage(`${what} does not begin with rpm's 8e ad e8 01`, file);
  const count = preamble.readUInt32BE(8);
  const size = preamble.readUInt32BE(12);
  if (count > MOST_ENTRIES || size > MOST_DATA)
    throw badPackage(`${what} claims ${count} entries and ${size} bytes, more than rpm allows`, file);
  const index = bufferOf(source.read(start + PREAMBLE, count * ENTRY, what));
  const data = bufferOf(source.read(start + PREAMBLE + count * ENTRY, size, what));
  const entryOf = (tag: number) => {
    for (let at = 0; at < index.length; at += ENTRY)
      if (index.readUInt32BE(at) === tag)
        return {
          type: index.readUInt32BE(at + 4),
          offset: index.readUInt32BE(at + 8),
          count: index.readUInt32BE(at + 12),
        };
    return undefined;
  };
  const bad = (tag: number) => badPackage(`tag ${tag} of ${what} does not lie within it or has another type`, file);
  return {
    end: start + PREAMBLE + count * ENTRY + size,
    numbers(tag) {
      const entry = entryOf(tag);
      if (!entry) return [];
      const width = NUMBER_SIZE[entry.type];
      if (!width || entry.count > MOST_VALUES || entry.offset + entry.count * width > data.length) throw bad(tag);
      return Array.from({ length: entry.count }, (_, i) => numberAt(data, entry.offset + i * width, width));
    },
    texts(tag) {
      const entry = entryOf(tag);
      if (!entry) return [];
      if (!TEXT_TYPES.includes(entry.type) || entry.count > MOST_VALUES) throw bad(tag);
      const texts: string[] = [];
      for (let at = entry.offset; texts.length < entry.count; ) {
        const end = data.indexOf(0, at);
        if (end === -1) throw bad(tag);
        texts.push(data.toString('latin1', at, end));
        at = end + 1;
      }
      return texts;
    },
  };
}

function numberAt(data: Buffer, at: number, width: 2 | 4 | 8): number {
  if (width === 2) return data.readUInt16BE(at);
  return width === 4 ? data.readUInt32BE(at) : data.readUInt32BE(at) * 2 ** 32 + data.readUInt32BE(at + 4);
}
