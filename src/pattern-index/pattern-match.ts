import { fnmatchBytes, IS_SPECIAL } from '../pattern/fnmatch.ts';
import type { LookupKey } from './lookup-key.ts';

/** Whether the pattern of `size` bytes at `start` matches a key: its literal part compared, the rest as fnmatch(3). */
export function matches(bytes: Uint8Array, start: number, literal: number, size: number, key: LookupKey): boolean {
  const { length } = key;
  const text = key.bytes;
  if (literal > length) return false;
  for (let i = 0; i < literal; i++) if (bytes[start + i] !== text[i]) return false;
  if (literal === size) return length === literal;
  return fnmatchBytes(bytes, start + literal, start + size, text, literal, length);
}

/** Whether the stretch of literal text that starts at `run`, of a pattern that ends at `end`, stands at a place of a key. */
export function standsAt(bytes: Uint8Array, run: number, end: number, key: LookupKey, place: number): boolean {
  const text = key.bytes;
  let j = place;
  for (let i = run; i < end; i++, j++) {
    const c = bytes[i]!;
    if (IS_SPECIAL[c] === 1) return true;
    if (c !== text[j]) return false;
  }
  return j === key.length;
}
