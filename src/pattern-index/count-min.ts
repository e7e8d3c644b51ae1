/**
 * Counts by number, a little too high if two numbers collide, never too low: a count-min sketch of one row. G. Cormode
 * and S. Muthukrishnan, An improved data stream summary (2005). The numbers are landmarks, which are hashes already.
 */
export class CountMin {
  readonly #counts: Uint32Array;
  readonly #shift: number;

  constructor(expected: number) {
    const bits = Math.min(22, Math.max(8, Math.ceil(Math.log2(expected + 1)) + 3));
    this.#counts = new Uint32Array(1 << bits);
    this.#shift = 32 - bits;
  }

  add(number: number): void {
    this.#counts[number >>> this.#shift]!++;
  }

  of(number: number): number {
    return this.#counts[number >>> this.#shift]!;
  }
}
