import { KEY_BYTES, keyTokensOf } from '../../match/key-tokens.ts';
import { plausibleKeys } from '../../match/plausible-keys.ts';
import { isIncluded } from '../../pattern/inclusion.ts';
import { beginAlike, intersects } from '../../pattern/intersection.ts';
import type { Token } from '../../pattern/tokens.ts';
import { findWitness, type Question } from '../../pattern/witness.ts';
import type { Pair } from './pair.ts';
import type { View } from './view.ts';

/** Where a change is looked at from: OLD to NEW, or the other way round. */
export interface Direction {
  readonly from: View;
  readonly to: View;
}

/** A key that the pattern matches, and what both sides say to it. */
export interface Key {
  readonly text: string;
  readonly from: readonly Pair[];
  readonly to: readonly Pair[];
  /** Whether the background matches it too. */
  readonly inBackground: boolean;
  /** Whether the module still serves it. */
  readonly served: boolean;
  /** The pairs outside the background that serve it on the other side. */
  readonly takers: readonly Pair[];
}

/** Buses whose modaliases hold lists. */
const OF_LISTS = /^(acpi\*?|of|cpu|dmi\*?|input):/;

/** Times that a witness may turn out not to count before a question is left open. */
const MOST_ROUNDS = 100;

/** An answer of `find`: a key, null where there is none, undefined where that cannot be decided. */
export type Found = Key | null | undefined;

/** One pair and what becomes of the keys that it matches. */
export class PairCase {
  readonly pair: Pair;
  readonly direction: Direction;
  readonly tokens: readonly Token[] | undefined;
  /** Whether keys that the background matches are left aside: Core(P) of the contract. */
  coreOnly = true;
  readonly #keys: Key[] = [];
  readonly #plausible: Iterator<string>;
  readonly #ofLists: boolean;
  readonly #included = new Map<string, boolean>();
  #takers: readonly Pair[] | undefined;
  #own: readonly Pair[] | undefined;
  #coreOwn: readonly Pair[] | undefined;

  constructor(pair: Pair, direction: Direction) {
    this.pair = pair;
    this.direction = direction;
    this.tokens = keyTokensOf(pair.pattern);
    this.#ofLists = OF_LISTS.test(pair.pattern);
    this.#plausible = plausibleKeys(pair.pattern);
  }

  /**
   * The pairs of the same module on the other side that meet the pattern, without those of the background where only
   * Core(P) counts.
   */
  get own(): readonly Pair[] {
    const all = () => this.direction.to.ofModule(this.pair.module);
    if (this.coreOnly) {
      this.#coreOwn ??= all().filter((other) => this.meets(other) && !this.isBackground(other));
      return this.#coreOwn;
    }
    this.#own ??= all().filter((other) => this.meets(other));
    return this.#own;
  }

  /** Whether some key belongs to both patterns; true where that cannot be decided. */
  meets({ pattern }: Pair): boolean {
    if (pattern === this.pair.pattern) return true;
    if (!beginAlike(pattern, this.pair.pattern)) return false;
    const theirs = keyTokensOf(pattern);
    return !this.tokens || !theirs || intersects(this.tokens, theirs, KEY_BYTES);
  }

  /** Whether another pair's pattern matches all that this one's does. */
  isWithin({ pattern }: Pair): boolean {
    let included = this.#included.get(pattern);
    if (included === undefined) {
      const theirs = keyTokensOf(pattern);
      included = pattern === this.pair.pattern || (!!this.tokens && !!theirs && isIncluded(this.tokens, theirs));
      this.#included.set(pattern, included);
    }
    return included;
  }

  /** Whether another pair's pattern matches all that this one's does, and more. */
  isNarrowerThan(other: Pair): boolean {
    return this.isWithin(other) && !this.#includes(other);
  }

  /**
   * Whether keys of another pair do not count for this one: it is on both sides and meets the pattern without including
   * it. Where devices carry lists, of ids or of features, what merely overlaps speaks of a device that has both, on
   * whatever side it is.
   */
  isBackground(other: Pair): boolean {
    if (this.isWithin(other)) return false;
    return other.twin !== undefined || (this.#ofLists && !this.#includes(other));
  }

  #includes({ pattern }: Pair): boolean {
    const theirs = keyTokensOf(pattern);
    return !!this.tokens && !!theirs && isIncluded(theirs, this.tokens);
  }

  /** The pairs of the other side, outside the background and not of the module itself, that meet the pattern. */
  get takers(): readonly Pair[] {
    if (!this.#takers) {
      const { to } = this.direction;
      // Whatever includes the pattern matches every key of it.
      const wider = this.find(() => true)?.to.filter((other) => other.twin && this.isWithin(other)) ?? [];
      const others = [...to.meeting(this.pair.pattern, false), ...wider];
      this.#takers = others.filter((other) => other.module !== this.pair.module && !this.isBackground(other));
    }
    return this.#takers;
  }

  /**
   * A key of the pattern that passes a test: the first of those that devices may well carry, or a witness. The test
   * must hold exactly for the keys that are in Core(P) (where `coreOnly`), in one of `within` (where there are any) and
   * in none of `without`.
   */
  find(test: (key: Key) => boolean, without: readonly Pair[] = [], within: readonly Pair[] = []): Found {
    const plausible = this.findPlausible(test);
    if (plausible) return plausible;
    if (without.some((other) => this.isWithin(other))) return null;
    const parts = within.length === 0 ? [undefined] : within;
    let found: Found = null;
    for (const part of parts) {
      const answer = this.#prove(part ? [part] : [], without);
      if (answer) return answer;
      if (answer === undefined) found = undefined;
    }
    return found;
  }

  /** The first key that passes, of those that devices may well carry and of the witnesses found before. */
  findPlausible(test: (key: Key) => boolean): Key | undefined {
    for (let i = 0; ; i++) {
      const key = this.#keys[i] ?? this.#nextPlausible();
      if (!key || ((!this.coreOnly || !key.inBackground) && test(key))) return key;
    }
  }

  #nextPlausible(): Key | undefined {
    for (let next = this.#plausible.next(); !next.done; next = this.#plausible.next()) {
      const key = this.#look(next.value);
      if (key) return key;
    }
    return undefined;
  }

  /**
   * What both sides say to a key; undefined where the pattern does not match it, or a loadable module hides this
   * built-in one.
   */
  #look(text: string): Key | undefined {
    const { from: source, to: target } = this.direction;
    const from = source.find(text);
    if (!from.includes(this.pair) || (this.pair.builtin && from.some((other) => !other.builtin))) return undefined;
    const to = target.find(text);
    const inBackground = to.some((other) => this.isBackground(other));
    const served = to.some((other) => other.module === this.pair.module);
    const takers = to.filter((other) => !this.isBackground(other) && other.module !== this.pair.module);
    const key: Key = { text, from, to, inBackground, served, takers };
    this.#keys.push(key);
    return key;
  }

  /**
   * Looks for a witness by the algebra of patterns. What the background matches is left aside as it turns up in
   * witnesses, for there can be thousands of such patterns, and few matter.
   */
  #prove(within: readonly Pair[], without: readonly Pair[]): Found {
    const avoided = [...without];
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const question = questionOf([this.pair, ...within], avoided);
      const witness = question && findWitness(question);
      if (typeof witness !== 'string') return witness;
      const stray = this.#strays(witness);
      if (stray.length === 0) return this.#look(witness);
      avoided.push(...stray);
    }
    return undefined;
  }

  /**
   * The pairs for which a key does not count: of the background, and loadable ones that hide a built-in one from
   * libkmod.
   */
  #strays(text: string): Pair[] {
    const { from } = this.direction;
    return from
      .find(text)
      .filter((other) => (this.coreOnly && this.isBackground(other)) || (this.pair.builtin && !other.builtin));
  }
}

/** The question of the algebra; undefined where a pattern has no tokens. */
function questionOf(within: readonly Pair[], without: readonly Pair[]): Question | undefined {
  const all = (pairs: readonly Pair[]) => {
    const patterns = [...new Set(pairs.map(({ pattern }) => pattern))];
    const tokens = patterns.map(keyTokensOf);
    return tokens.every((t) => t !== undefined) ? tokens : undefined;
  };
  const [inside, outside] = [all(within), all(without)];
  return inside && outside && { within: inside, without: outside, alphabet: KEY_BYTES };
}
