/** What led from one world to the next: a process (its slot), or what the environment did, and which outcome it had. */
export type By = number;

/** A way from one world to another. */
export interface Branch {
  readonly to: number;
  readonly by: By;
}

/**
 * Rows of as many whole numbers each, every row once, in the order in which they were added: 4 bytes a number, and some
 * 24 more a row for its place in the table, the row it came from and how.
 */
export class WorldSet {
  readonly width: number;
  size = 0;
  #rows: Int32Array;
  #from: Int32Array;
  #by: Int32Array;
  /** Pairs: the index of a row and 1, and the hash of the row. */
  #table: Int32Array;

  constructor(width: number) {
    this.width = width;
    this.#rows = new Int32Array(FIRST * width);
    this.#from = new Int32Array(FIRST);
    this.#by = new Int32Array(FIRST);
    this.#table = new Int32Array(FIRST * 4);
  }

  /** Adds a row that came from another by an act; its index, or -1 minus the index where it is known already. */
  add(row: Int32Array, from: number, by: number): number {
    if (this.size === this.#from.length) this.#grow();
    const width = this.width;
    const table = this.#table;
    const rows = this.#rows;
    const h = hash(row, width);
    const at = this.#placeOf(row, h);
    if (table[at] !== 0) return -table[at]!;
    const index = this.size++;
    table[at] = index + 1;
    table[at + 1] = h;
    // Faster than set() for so few.
    for (let i = 0, to = index * width; i < width; i++) rows[to + i] = row[i]!;
    this.#from[index] = from;
    this.#by[index] = by;
    return index;
  }

  /** The index of a row, -1 where it was not added. */
  find(row: Int32Array): number {
    return this.#table[this.#placeOf(row, hash(row, this.width))]! - 1;
  }

  /** Where in the table a row is, or would be. */
  #placeOf(row: Int32Array, h: number): number {
    const width = this.width;
    const table = this.#table;
    const mask = table.length - 2;
    let at = (h << 1) & mask;
    for (let index = table[at]! - 1; index >= 0; index = table[at]! - 1) {
      if (table[at + 1] === h && equals(this.#rows, index * width, row, width)) break;
      at = (at + 2) & mask;
    }
    return at;
  }

  /** Copies a row. */
  read(index: number, into: Int32Array): void {
    const start = index * this.width;
    for (let i = 0; i < this.width; i++) into[i] = this.#rows[start + i]!;
  }

  /** Has a row come from another one, by another act. */
  reroute(index: number, from: number, by: number): void {
    this.#from[index] = from;
    this.#by[index] = by;
  }

  /** The row that one came from, -1 for none, and the act. */
  origin(index: number): { readonly from: number; readonly by: number } {
    return { from: this.#from[index]!, by: this.#by[index]! };
  }

  #grow(): void {
    const longer = (old: Int32Array) => {
      const one = new Int32Array(old.length * 2);
      one.set(old);
      return one;
    };
    this.#rows = longer(this.#rows);
    this.#from = longer(this.#from);
    this.#by = longer(this.#by);
    const old = this.#table;
    const table = new Int32Array(old.length * 2);
    const mask = table.length - 2;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue;
      let at = (old[i + 1]! << 1) & mask;
      while (table[at] !== 0) at = (at + 2) & mask;
      table[at] = old[i]!;
      table[at + 1] = old[i + 1]!;
    }
    this.#table = table;
  }
}

const FIRST = 4096;

function equals(rows: Int32Array, start: number, row: Int32Array, width: number): boolean {
  for (let i = 0; i < width; i++) if (rows[start + i] !== row[i]) return false;
  return true;
}

/** FNV-1a over whole numbers, mixed at the end as its low bits choose the place. */
function hash(row: Int32Array, width: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < width; i++) h = Math.imul(h ^ row[i]!, 0x01000193) ^ (h >>> 15);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}
