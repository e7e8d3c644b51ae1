import type { Token } from './tokens.ts';

/** The state in which nothing can match any more. */
export const DEAD = 0;
/** The state in which all that may still follow matches. */
export const ALL = 1;

/**
 * A pattern as an automaton whose states, sets of places in the pattern, are worked out when they are first reached.
 */
export interface PlaceSets {
  readonly start: number;
  /** Whether a string that ends in this state matches. */
  accepts(state: number): boolean;
  /** The state after a byte of a kind, by the kind's place in the list that the automaton was made for. */
  next(state: number, kind: number): number;
}

/** The automaton of a pattern over kinds of bytes, each given by one of them. */
export function placeSets(tokens: readonly Token[], kinds: readonly number[]): PlaceSets {
  const endless = tokens.at(-1) === 'star' ? tokens.length - 1 : -1;
  const states: number[][] = [[], []];
  const byName = new Map<string, number>();
  const moves: Int32Array[] = [new Int32Array(kinds.length), new Int32Array(kinds.length).fill(ALL)];
  const stateOf = (places: number[]): number => {
    if (places.length === 0) return DEAD;
    if (endless !== -1 && places.includes(endless)) return ALL;
    const name = places.join();
    let state = byName.get(name);
    if (state === undefined) {
      state = states.push(places) - 1;
      byName.set(name, state);
      moves.push(new Int32Array(kinds.length).fill(-1));
    }
    return state;
  };
  return {
    start: stateOf(firstPlaces(tokens)),
    accepts: (state) => state === ALL || states[state]!.at(-1) === tokens.length,
    next(state, kind) {
      const known = moves[state]![kind]!;
      if (known !== -1) return known;
      const after = stateOf(placesAfter(tokens, states[state]!, kinds[kind]!));
      moves[state]![kind] = after;
      return after;
    },
  };
}

/** The places after one byte, ascending; `places` are, and two stars never stand together. */
export function placesAfter(tokens: readonly Token[], places: readonly number[], byte: number): number[] {
  const after: number[] = [];
  const add = (place: number) => {
    if (after.length === 0 || place > after.at(-1)!) after.push(place);
  };
  for (const place of places) {
    const token = tokens[place];
    if (token === 'star') {
      add(place);
      add(place + 1);
    } else if (token?.[byte]) {
      add(place + 1);
      if (tokens[place + 1] === 'star') add(place + 2);
    }
  }
  return after;
}

/** The places at the start: past a star too, which may match nothing. */
export function firstPlaces(tokens: readonly Token[]): number[] {
  return tokens[0] === 'star' ? [0, 1] : [0];
}
