/** Numbers from a seed: the same every time, on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number of 32 bits (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** From 0 to n - 1. */
  below(n: number): number {
    return this.next() % n;
  }

  /** True once in n times on average. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(items: ArrayLike<T>): T {
    return items[this.below(items.length)] as T;
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.next());
  }
}

/** The two draws that most tests need, free of `this`. */
export function randomFrom(seed: number): { below(n: number): number; pick<T>(from: readonly T[]): T } {
  const random = new Random(seed);
  return { below: (n) => random.below(n), pick: (from) => random.pick(from) };
}
