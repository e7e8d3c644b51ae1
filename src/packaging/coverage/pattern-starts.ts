import type { Match } from '../../match/match.ts';

const WILDCARD = /[*?[]/;

/** Patterns by the texts that they begin with, up to their first wildcards. */
export class PatternStarts {
  readonly #byStart = new Map<string, Match[]>();
  /** In the order of their characters. */
  readonly #starts: readonly string[];

  constructor(matches: Iterable<Match>) {
    for (const match of matches) {
      const start = startOf(match.pattern);
      const group = this.#byStart.get(start);
      if (group) group.push(match);
      else this.#byStart.set(start, [match]);
    }
    this.#starts = [...this.#byStart.keys()].sort();
  }

  /** The matches whose patterns agree with another as far as neither has had a wildcard. */
  *near(pattern: string): Generator<Match> {
    const start = startOf(pattern);
    for (let i = 0; i < start.length; i++) yield* this.#byStart.get(start.slice(0, i)) ?? [];
    for (let i = this.#firstFrom(start); this.#starts[i]?.startsWith(start); i++)
      yield* this.#byStart.get(this.#starts[i]!)!;
  }

  #firstFrom(start: string): number {
    let low = 0;
    for (let high = this.#starts.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function startOf(pattern: string): string {
  const end = pattern.search(WILDCARD);
  return end === -1 ? pattern : pattern.slice(0, end);
}
