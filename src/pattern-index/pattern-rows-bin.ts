import { ModaliasError } from '../errors.ts';
import { INDEX_HEADER, NODE_CHILDREN, NODE_OFFSET, NODE_PREFIX, NODE_VALUES } from '../index-file/index-format.ts';
import { PATH_MAX } from '../pattern/normalize.ts';
import { type PatternTable, PatternTableBuilder } from './pattern-table.ts';

/** Bytes of a node in a real index, about; a first guess at how many patterns there are. */
const USUAL_NODE = 45;

/** Keys written out are this many times an index's size at most; a real one takes less than two. */
const MOST_GROWTH = 64;

/**
 * The patterns of an index file whose header has been checked (`openIndex`), read in one go. Values of one key are stored last added
 * first, so they are taken in reverse. Throws `bad-index` for offsets outside the file, circles and nodes with two parents.
 */
export function rowsOfIndex(bytes: Uint8Array, file: string): PatternTable {
  const builder = new PatternTableBuilder(Math.ceil(bytes.length / USUAL_NODE), bytes.length);
  const key = new Uint8Array(PATH_MAX);
  let left = bytes.length - INDEX_HEADER;
  let written = 0;
  let nameEnd = 0;
  const values: number[] = [];
  const bad = (what: string, offset: number) =>
    new ModaliasError('bad-index', `${what}; the index is damaged, depmod writes it anew`, { file, offset });
  const u32 = (at: number) => {
    if (at + 4 > bytes.length) throw bad('a number stands outside the file', at);
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  };
  const names = new Map<number, number>();
  /** The place of the name that starts at `start`; `nameEnd` is then where its NUL stands. */
  const nameAt = (start: number) => {
    let hash = 0;
    let end = start;
    for (; ; end++) {
      if (end >= bytes.length) throw bad('a value does not end', start);
      if (bytes[end] === 0) break;
      hash = (Math.imul(hash, 31) + bytes[end]!) | 0;
    }
    nameEnd = end;
    const known = names.get(hash);
    if (known !== undefined && builder.isNamed(known, bytes, start, end)) return known;
    const place = builder.module(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'));
    names.set(hash, place);
    return place;
  };
  const visit = (pointer: number, depth: number): void => {
    const start = pointer & NODE_OFFSET;
    if (start === 0) return;
    if (start > bytes.length) throw bad('a node stands outside the file', start);
    let at = start;
    let end = depth;
    if (pointer & NODE_PREFIX) {
      for (; ; at++, end++) {
        if (at >= bytes.length) throw bad('a prefix does not end', start);
        if (bytes[at] === 0) break;
        if (end >= PATH_MAX - 1) throw bad('a key is longer than any alias', start);
        key[end] = bytes[at]!;
      }
      at++;
    }
    let first = 1;
    let last = 0;
    let children = 0;
    if (pointer & NODE_CHILDREN) {
      if (at + 2 > bytes.length) throw bad('a table of children stands outside the file', start);
      first = bytes[at]!;
      last = bytes[at + 1]!;
      if (first > last) throw bad(`a table of children runs from ${first} down to ${last}`, start);
      children = at + 2;
      at = children + 4 * (last - first + 1);
    }
    if (pointer & NODE_VALUES) {
      const count = u32(at);
      at += 4;
      values.length = 0;
      for (let i = 0; i < count; i++) {
        const priority = u32(at);
        values.push(nameAt(at + 4), priority);
        at = nameEnd + 1;
      }
      for (let i = values.length - 2; i >= 0; i -= 2) {
        written += end;
        if (written > MOST_GROWTH * bytes.length)
          throw bad('the keys are too many and too long to be written out', start);
        builder.add(key, 0, end, values[i]!, values[i + 1]!);
      }
    }
    left -= at - start;
    if (left < 0) throw bad('nodes point at each other in a circle, or two point at one', start);
    if (first > last) return;
    if (end >= PATH_MAX - 1) throw bad('a key is longer than any alias', start);
    for (let c = first; c <= last; c++) {
      key[end] = c;
      visit(u32(children + 4 * (c - first)), end + 1);
    }
  };
  visit(u32(8), 0);
  return builder.finish();
}
