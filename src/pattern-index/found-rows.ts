/** The rows that one search after another finds. */
export class FoundRows {
  /** The first `count` of these were found. */
  rows: Int32Array = new Int32Array(16);
  count = 0;
  /** The search that last tried a row: a key can hold one word twice. */
  readonly #tried: Uint32Array;
  #searches = 0;

  constructor(size: number) {
    this.#tried = new Uint32Array(size);
  }

  /** Begins another search. */
  clear(): void {
    this.count = 0;
    this.#searches = (this.#searches + 1) >>> 0;
    // A number that comes again after 2^32 searches must not be found in the table.
    if (this.#searches === 0) {
      this.#tried.fill(0);
      this.#searches = 1;
    }
  }

  wasTried(row: number): boolean {
    return this.#tried[row] === this.#searches;
  }

  markTried(row: number): void {
    this.#tried[row] = this.#searches;
  }

  add(row: number): void {
    if (this.count === this.rows.length) {
      const rows = new Int32Array(2 * this.count);
      rows.set(this.rows);
      this.rows = rows;
    }
    this.rows[this.count++] = row;
  }
}
