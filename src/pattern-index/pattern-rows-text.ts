import { latin1 } from '../binary/reader.ts';
import { normalizeAlias, PATH_MAX } from '../pattern/normalize.ts';
import type { LookupKey } from './lookup-key.ts';
import { type PatternTable, PatternTableBuilder } from './pattern-table.ts';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const DASH = 0x2d;
const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const UNDERSCORE = 0x5f;
const KEYWORD = Buffer.from('alias ');

/**
 * The patterns of a modules.alias text, as depmod would put them into the index: normalised, without those that have an
 * unpaired bracket; an empty one is the key of the empty modalias. A module's priority is its place in `order`, by
 * default the order in which modules first appear. With a key without wildcards, patterns that begin differently from
 * the key are left out.
 */
export function rowsOfText(text: Uint8Array, order?: ReadonlyMap<string, number>, key?: LookupKey): PatternTable {
  let lines = 1;
  if (!key) for (let at = text.indexOf(NEWLINE); at !== -1; at = text.indexOf(NEWLINE, at + 1)) lines++;
  const builder = new PatternTableBuilder(lines, key ? 4096 : text.length);
  const line = new Uint8Array(4096);
  let previous = { start: 0, length: -1, module: 0, priority: 0 };
  const priorities = new Map<string, number>();
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf(NEWLINE, start);
    if (end === -1) end = text.length;
    const from = start + KEYWORD.length;
    const space = end > from && isAliasLine(text, start) ? text.lastIndexOf(SPACE, end - 1) : -1;
    if (space >= from) {
      const length = end - space - 1;
      if (length !== previous.length || !sameBytes(text, space + 1, previous.start, length)) {
        const name = latin1(text.subarray(space + 1, end));
        const priority = order?.get(name) ?? priorities.get(name) ?? (order?.size ?? 0) + priorities.size;
        if (!order?.has(name)) priorities.set(name, priority);
        previous = { start: space + 1, length, module: builder.module(name), priority };
      }
      const size = key && !beginsLike(key, text, from, space) ? -1 : normalizeInto(line, text, from, space);
      if (size >= 0) builder.add(line, 0, size, previous.module, previous.priority);
    }
    start = end + 1;
  }
  return builder.finish();
}

/** Whether a pattern is the start of the key up to its first wildcard. */
function beginsLike({ bytes, length }: LookupKey, text: Uint8Array, from: number, end: number): boolean {
  const stop = Math.min(end, from + PATH_MAX - 1);
  for (let i = from; i < stop; i++) {
    const c = text[i]!;
    if (c === STAR || c === QUESTION || c === OPEN) return true;
    if (i - from >= length || bytes[i - from] !== (c === DASH ? UNDERSCORE : c)) return false;
  }
  return true;
}

/** Writes a normalised alias to `into`; returns its length, -1 if a bracket is unpaired. See `normalizeAlias`. */
function normalizeInto(into: Uint8Array, text: Uint8Array, from: number, end: number): number {
  if (end - from < into.length) {
    let i = from;
    for (; i < end; i++) {
      const c = text[i]!;
      if (c === OPEN || c === CLOSE) break;
      into[i - from] = c === DASH ? UNDERSCORE : c;
    }
    if (i === end) return end - from;
  }
  const key = normalizeAlias(latin1(text.subarray(from, end)));
  if (key === undefined) return -1;
  for (let i = 0; i < key.length; i++) into[i] = key.charCodeAt(i);
  return key.length;
}

function isAliasLine(text: Uint8Array, start: number): boolean {
  for (let i = 0; i < KEYWORD.length; i++) if (text[start + i] !== KEYWORD[i]) return false;
  return true;
}

function sameBytes(text: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (text[a + i] !== text[b + i]) return false;
  return true;
}
