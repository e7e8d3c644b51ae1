import type { Position, Step } from './program.ts';

/** Picks a way at each choice for who follows one way only: the first, and at the same place again the next. */
export class Ways {
  readonly #taken = new Map<string, number>();

  /** The way to go on from a position whose next step is a choice. */
  at(position: Position, { ways }: Step & { readonly kind: 'choice' }): (typeof ways)[number] {
    const taken = this.#taken.get(position.key) ?? 0;
    this.#taken.set(position.key, taken + 1);
    return ways[taken % ways.length]!;
  }
}
