/** Values by pairs of whole numbers from 0 on: much faster than a Map of texts or of large numbers, and smaller. */
export class PairMap<T> {
  readonly #values: T[] = [];
  /** Triples: the first number and 1, the second, the index of the value. */
  #table = new Int32Array(FIRST * 3);

  get(a: number, b: number): T | undefined {
    const table = this.#table;
    const at = placeOf(table, a, b);
    return table[at] === 0 ? undefined : this.#values[table[at + 2]!];
  }

  /** Sets the value of a pair that has none. */
  set(a: number, b: number, value: T): void {
    if (this.#values.length * 6 > this.#table.length) this.#grow();
    put(this.#table, a, b, this.#values.push(value) - 1);
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    for (let i = 0; i < old.length; i += 3) if (old[i] !== 0) put(this.#table, old[i]! - 1, old[i + 1]!, old[i + 2]!);
  }
}

const FIRST = 1024;

function put(table: Int32Array, a: number, b: number, value: number): void {
  const at = placeOf(table, a, b);
  table[at] = a + 1;
  table[at + 1] = b;
  table[at + 2] = value;
}

/** Where a pair is, or would be. The table has a power of two of triples. */
function placeOf(table: Int32Array, a: number, b: number): number {
  const mask = table.length / 3 - 1;
  const h = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  let at = (h ^ (h >>> 15)) & mask;
  while (table[at * 3] !== 0 && (table[at * 3] !== a + 1 || table[at * 3 + 1] !== b)) at = (at + 1) & mask;
  return at * 3;
}
