import { latin1 } from '../binary/reader.ts';
import type { IndexEntry } from '../index-file/index-format.ts';
import { PATH_MAX } from '../pattern/normalize.ts';
import { BASE } from './rolling-hash.ts';

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;

/**
 * Patterns in typed arrays: row `i` is the bytes from `starts[i]` to `starts[i + 1]`. Some 60 bytes a pattern of usual
 * length.
 */
export interface PatternTable {
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  /** Bytes before the first wildcard, which are compared literally. */
  readonly literals: Uint16Array;
  /** Their hashes, see `hashOf`. */
  readonly hashes: Int32Array;
  /** Places in `names` of the modules' names. */
  readonly modules: Uint32Array;
  readonly priorities: Uint32Array;
  readonly names: readonly string[];
}

/** Gathers the patterns of a table. The order of `add` is the order in which depmod inserts into its index. */
export class PatternTableBuilder {
  #bytes: Uint8Array;
  #starts: Uint32Array;
  #literals: Uint16Array;
  #hashes: Int32Array;
  #modules: Uint32Array;
  #priorities: Uint32Array;
  #size = 0;
  #end = 0;
  readonly #names: string[] = [];
  readonly #places = new Map<string, number>();

  /** `patterns` and `bytes` are size hints. */
  constructor(patterns: number, bytes: number) {
    this.#bytes = new Uint8Array(bytes);
    this.#starts = new Uint32Array(patterns + 1);
    this.#literals = new Uint16Array(patterns);
    this.#hashes = new Int32Array(patterns);
    this.#modules = new Uint32Array(patterns);
    this.#priorities = new Uint32Array(patterns);
  }

  /** The place of a module's name, for `add`. */
  module(name: string): number {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = this.#names.push(name) - 1;
      this.#places.set(name, place);
    }
    return place;
  }

  /** Whether the name at a place is these bytes. */
  isNamed(place: number, bytes: Uint8Array, start: number, end: number): boolean {
    const name = this.#names[place]!;
    if (name.length !== end - start) return false;
    for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== bytes[start + i]) return false;
    return true;
  }

  /** Adds a normalised pattern, at most 4,095 bytes of `from`. */
  add(from: Uint8Array, start: number, end: number, module: number, priority: number): void {
    const length = Math.min(end - start, PATH_MAX - 1);
    if (this.#size === this.#literals.length) this.#growRows();
    while (this.#end + length > this.#bytes.length) this.#bytes = grown(this.#bytes, Uint8Array);
    const bytes = this.#bytes;
    const to = this.#end;
    let literal = 0;
    let hash = 0;
    for (; literal < length; literal++) {
      const c = from[start + literal]!;
      if (c === STAR || c === QUESTION || c === OPEN) break;
      bytes[to + literal] = c;
      hash = (Math.imul(hash, BASE) + c) | 0;
    }
    for (let i = literal; i < length; i++) bytes[to + i] = from[start + i]!;
    this.#end += length;
    const row = this.#size++;
    this.#literals[row] = literal;
    this.#hashes[row] = hash;
    this.#modules[row] = module;
    this.#priorities[row] = priority;
    this.#starts[row + 1] = this.#end;
  }

  finish(): PatternTable {
    const size = this.#size;
    return {
      size,
      bytes: fitted(this.#bytes, this.#end),
      starts: fitted(this.#starts, size + 1),
      literals: fitted(this.#literals, size),
      hashes: fitted(this.#hashes, size),
      modules: fitted(this.#modules, size),
      priorities: fitted(this.#priorities, size),
      names: this.#names,
    };
  }

  #growRows(): void {
    this.#starts = grown(this.#starts, Uint32Array);
    this.#literals = grown(this.#literals, Uint16Array);
    this.#hashes = grown(this.#hashes, Int32Array);
    this.#modules = grown(this.#modules, Uint32Array);
    this.#priorities = grown(this.#priorities, Uint32Array);
  }
}

/** A pattern as latin1 text. */
export function patternAt({ bytes, starts }: PatternTable, row: number): string {
  return latin1(bytes.subarray(starts[row]!, starts[row + 1]!));
}

/** A table of index entries in the order in which an index stores them: those of one key last added first. */
export function tableOfEntries(entries: readonly IndexEntry[]): PatternTable {
  const builder = new PatternTableBuilder(entries.length, 4096);
  for (let i = entries.length - 1; i >= 0; i--) {
    const { key, value, priority } = entries[i]!;
    builder.add(Buffer.from(key, 'latin1'), 0, key.length, builder.module(value), priority);
  }
  return builder.finish();
}

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array;

function grown<T extends Column>(column: T, kind: new (length: number) => T): T {
  const larger = new kind(column.length * 2 + 64);
  larger.set(column);
  return larger;
}

/** The used part of a column, copied if the hint was much too large. */
function fitted<T extends Column>(column: T, used: number): T {
  return (used * 1.25 < column.length ? column.slice(0, used) : column.subarray(0, used)) as T;
}
