/**
 * Rows of as many whole numbers each, every row once, in the order in which they were added: 4 bytes a number, and 12
 * more a row for its place in the table, the row it came from and how.
 */
export class WorldSet {
  readonly width: number;
  size = 0;
  #rows: Int32Array;
  #from: Int32Array;
  #by: Int32Array;
  #table: Int32Array;

  constructor(width: number) {
    this.width = width;
    this.#rows = new Int32Array(FIRST * width);
    this.#from = new Int32Array(FIRST);
    this.#by = new Int32Array(FIRST);
    this.#table = new Int32Array(FIRST * 2);
  }

  /** Adds a row that came from another by an act; its index, or -1 where it is known already. */
  add(row: readonly number[] | Int32Array, from: number, by: number): number {
    const mask = this.#table.length - 1;
    let at = hash(row, this.width) & mask;
    for (; ; at = (at + 1) & mask) {
      const index = this.#table[at]! - 1;
      if (index < 0) break;
      if (this.#equals(index, row)) return -1;
    }
    if (this.size === this.#from.length) {
      this.#grow();
      return this.add(row, from, by);
    }
    this.#table[at] = this.size + 1;
    this.#rows.set(row, this.size * this.width);
    this.#from[this.size] = from;
    this.#by[this.size] = by;
    return this.size++;
  }

  /** Copies a row. */
  read(index: number, into: Int32Array): void {
    const start = index * this.width;
    for (let i = 0; i < this.width; i++) into[i] = this.#rows[start + i]!;
  }

  /** The row that one came from, -1 for none, and the act. */
  origin(index: number): { readonly from: number; readonly by: number } {
    return { from: this.#from[index]!, by: this.#by[index]! };
  }

  #equals(index: number, row: readonly number[] | Int32Array): boolean {
    const start = index * this.width;
    for (let i = 0; i < this.width; i++) if (this.#rows[start + i] !== row[i]) return false;
    return true;
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
    this.#table = new Int32Array(this.#table.length * 2);
    const mask = this.#table.length - 1;
    for (let index = 0; index < this.size; index++) {
      let at = hash(this.#rows.subarray(index * this.width, (index + 1) * this.width), this.width) & mask;
      while (this.#table[at] !== 0) at = (at + 1) & mask;
      this.#table[at] = index + 1;
    }
  }
}

const FIRST = 1024;

/** FNV-1a over whole numbers, mixed at the end as its low bits choose the place. */
function hash(row: readonly number[] | Int32Array, width: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < width; i++) h = Math.imul(h ^ row[i]!, 0x01000193) ^ (h >>> 15);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}
