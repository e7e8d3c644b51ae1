/** Random numbers that repeat with their seed (xorshift32), so that a failing case can be had again. */
export function randomFrom(seed: number): { below(n: number): number; pick<T>(from: readonly T[]): T } {
  let state = seed >>> 0 || 1;
  const below = (n: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  return { below, pick: (from) => from[below(from.length)]! };
}
