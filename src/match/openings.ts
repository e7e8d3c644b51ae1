import type { PatternTable } from './pattern-table.ts';

const NONE = -1;

/** What begins with the same three bytes: which starts and which whole keys are worth a look. */
export class Opening {
  /** Lengths of the literal parts before a wildcard, ascending. */
  readonly lengths: number[] = [];
  /** The most usual of them. What is filed under a start at least as long is filtered together with that start. */
  anchor = 0;
  /** A bit for each length, modulo 32, of a pattern without wildcards. */
  wholes = 0;
  readonly #counts = new Map<number, number>();

  /** Takes the length of a literal part. */
  count(length: number): void {
    this.#counts.set(length, (this.#counts.get(length) ?? 0) + 1);
  }

  finish(): void {
    let most = 0;
    for (const [length, count] of this.#counts) {
      this.lengths.push(length);
      if (count < most || (count === most && length > this.anchor)) continue;
      most = count;
      this.anchor = length;
    }
    this.lengths.sort((a, b) => a - b);
    this.#counts.clear();
  }
}

/** The openings of a table by their three bytes; patterns whose literal part is shorter have one together. */
export class Openings {
  /** The opening of shorter literal parts. */
  readonly short: Opening | undefined;
  readonly #byBytes = new Map<number, Opening>();
  /** The last one that was asked for: neighbours share theirs. */
  #last: Opening | undefined;
  #lastBytes = NONE;

  constructor({ size, bytes, starts, literals }: PatternTable) {
    for (let row = 0; row < size; row++) {
      const start = starts[row]!;
      const literal = literals[row]!;
      const opening = this.forLiteral(bytes, start, literal) ?? this.#add(bytes, start, literal);
      if (literal === starts[row + 1]! - start) opening.wholes |= 1 << literal;
      else opening.count(literal);
    }
    for (const opening of this.#byBytes.values()) opening.finish();
    this.short = this.#byBytes.get(NONE);
  }

  #add(bytes: Uint8Array, start: number, literal: number): Opening {
    const opening = new Opening();
    this.#byBytes.set(literal < 3 ? NONE : threeBytes(bytes, start), opening);
    this.#last = undefined;
    return opening;
  }

  /** The opening of a literal part of this length at `start`. */
  forLiteral(bytes: Uint8Array, start: number, literal: number): Opening | undefined {
    return literal < 3 ? this.#get(NONE) : this.at(bytes, start);
  }

  /** The opening of the three bytes at `start`. */
  at(bytes: Uint8Array, start: number): Opening | undefined {
    return this.#get(threeBytes(bytes, start));
  }

  #get(three: number): Opening | undefined {
    if (three !== this.#lastBytes || !this.#last) {
      this.#lastBytes = three;
      this.#last = this.#byBytes.get(three);
    }
    return this.#last;
  }
}

function threeBytes(bytes: Uint8Array, start: number): number {
  return (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
}
