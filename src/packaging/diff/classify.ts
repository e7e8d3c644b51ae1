import { keyTokensOf } from '../../match/key-tokens.ts';
import { isIncluded } from '../../pattern/inclusion.ts';
import type { ChangeClass } from '../change-classes.ts';
import { type Pair, withoutOverride } from './pair.ts';
import type { Found, Key, PairCase } from './pair-case.ts';

/** What became of the devices of a pair on the way to the other side. */
export type Fate = 'lost' | 'generic' | 'dropped' | 'moved';

/** A pair's fate, the key that shows it, and whether it befell a part of the pair's devices only. */
export interface Loss {
  readonly fate: Fate | 'override-only';
  readonly partly: boolean;
  readonly key: Key;
  readonly by: readonly string[];
}

/** `kept`: the module serves every device on the other side too. `undecided`: a question was left open. */
export type Verdict = Loss | 'kept' | 'undecided';

/**
 * Judges a pair by the table of classes. `isNews` tells whether a taker is news: not on this side already. The contract
 * leaves keys of class patterns out of Core(P); where the module keeps all of Core(P) and loses the rest, that rest is
 * told.
 */
export function judge(pairCase: PairCase, isNews: (taker: Pair) => boolean): Verdict {
  if (pairCase.own.some((other) => pairCase.isWithin(other))) return 'kept';
  const core = pairCase.find(() => true);
  if (core === undefined) return 'undecided';
  if (core === null) pairCase.coreOnly = false;
  const isLost = (key: Key) => !key.served;
  let lost = pairCase.find(isLost, pairCase.own);
  if (lost === null && pairCase.coreOnly) {
    pairCase.coreOnly = false;
    lost = pairCase.find(isLost, pairCase.own);
  }
  if (lost === undefined) return 'undecided';
  if (lost === null) return 'kept';
  const found = worst(pairCase, isNews);
  if (!found) return 'undecided';
  const { own } = pairCase;
  const kept = own.length === 0 ? null : pairCase.find((key) => key.served, [], own);
  if (kept === undefined) return 'undecided';
  const partly = kept !== null;
  const by = (partly ? own : clearTakers(found.key)).map(({ pattern }) => pattern);
  const override = found.fate === 'lost' && !partly ? overriding(pairCase) : [];
  if (override.length > 0) return { fate: 'override-only', partly, key: found.key, by: override };
  return { ...found, partly, by: [...new Set(by)].sort() };
}

/** The worst fate of a key that the module no longer serves. */
function worst(pairCase: PairCase, isNews: (taker: Pair) => boolean): { fate: Fate; key: Key } | undefined {
  const deserted = pairCase.findPlausible((key) => !key.served && key.takers.length === 0);
  if (deserted) return { fate: 'lost', key: deserted };
  const { own, takers } = pairCase;
  const find = (takersLeftOut: (taker: Pair) => boolean): Found =>
    pairCase.find((key) => !key.served && !key.takers.some(takersLeftOut), [...own, ...takers.filter(takersLeftOut)]);
  const lost = find(() => true);
  if (lost !== null) return lost && { fate: 'lost', key: lost };
  const wider = new Set(takers.filter((taker) => taker.twin && pairCase.isNarrowerThan(taker)));
  const generic = find((taker) => !wider.has(taker));
  if (generic !== null) return generic && { fate: 'generic', key: generic };
  const kept = pairCase.findPlausible((key) => !key.served && !key.takers.some(isNews));
  if (kept) return { fate: 'dropped', key: kept };
  const news = new Set(takers.filter((taker) => isNews(taker) && takesOver(pairCase, taker)));
  const dropped = find((taker) => news.has(taker));
  if (dropped !== null) return dropped && { fate: 'dropped', key: dropped };
  const moved = find(() => false);
  return moved ? { fate: 'moved', key: clearest(pairCase, moved, news) } : undefined;
}

/** Whether a taker serves a key that its module did not serve before by another pattern. */
function takesOver(pairCase: PairCase, taker: Pair): boolean {
  const { own, direction } = pairCase;
  const before = direction.from.ofModule(taker.module).filter((other) => pairCase.meets(other));
  if (before.length === 0) return true;
  const isNew = (key: Key) =>
    !key.served && key.takers.includes(taker) && !key.from.some((other) => other.module === taker.module);
  return pairCase.find(isNew, [...own, ...before], [taker]) !== null;
}

/** A key whose new module did not serve it before; any key where there is none at hand. */
function clearest(pairCase: PairCase, key: Key, news: ReadonlySet<Pair>): Key {
  const isClear = (k: Key) =>
    !k.served && k.takers.some((t) => news.has(t) && !k.from.some((other) => other.module === t.module));
  if (isClear(key)) return key;
  for (const taker of news) {
    const before = pairCase.direction.from.ofModule(taker.module).filter((other) => pairCase.meets(other));
    const found = pairCase.find(isClear, [...pairCase.own, ...before], [taker]);
    if (found) return found;
  }
  return key;
}

/** The takers of a key whose modules did not serve it before; all of them where each did. */
function clearTakers({ from, takers }: Key): readonly Pair[] {
  const fresh = takers.filter(({ module }) => !from.some((other) => other.module === module));
  return fresh.length > 0 ? fresh : takers;
}

/** The override pairs of the other side that include the pattern and are new there. */
function overriding({ pair, tokens, direction }: PairCase): string[] {
  if (withoutOverride(pair.pattern) !== undefined || !tokens) return [];
  return direction.to
    .overrides()
    .filter(({ pattern }) => {
      const theirs = keyTokensOf(withoutOverride(pattern)!);
      return theirs !== undefined && isIncluded(tokens, theirs);
    })
    .map(({ pattern }) => pattern);
}

/** What a loss is called from OLD to NEW, and a gain from NEW to OLD; a move is reported once, from OLD. */
export const GAIN_OF: Readonly<Record<Fate, ChangeClass | undefined>> = {
  lost: 'gained',
  generic: 'specific',
  dropped: 'joined',
  moved: undefined,
};
