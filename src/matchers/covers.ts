import { ModaliasError } from '../errors.ts';
import { matches } from '../explain/near-misses.ts';
import type { AliasIndex } from '../lookup/alias-index.ts';
import { KEY_BYTES, keyTokensOf } from '../match/key-tokens.ts';
import { plausibleKeys } from '../match/plausible-keys.ts';
import { isIncluded } from '../pattern/inclusion.ts';
import { beginAlike } from '../pattern/intersection.ts';
import { normalizeAlias } from '../pattern/normalize.ts';
import { findWitness } from '../pattern/witness.ts';
import { type Aliases, aliasesOf, type Carried } from './aliases-of.ts';
import { counted, explained, listed, type Verdict } from './verdict.ts';

/** Patterns whose example is explained; the others are only listed. */
const EXPLAINED = 2;

/** A pattern that is not covered, with a modalias that shows it; undefined where that could not be decided. */
interface Gap extends Carried {
  readonly example: string | undefined;
}

/** Whether aliases match all that others match; see `ModaliasMatchers.toCover`. */
export function covers(received: unknown, expected: unknown): Verdict {
  const aliases = aliasesOf('received', received);
  const asked = aliasesOf('expected', expected);
  if (asked.list().length === 0)
    throw new ModaliasError('bad-argument', 'expected: found no aliases, which anything covers; expected at least one');
  const others = uniquePatterns(asked);
  const patterns = new Set(uniquePatterns(aliases).map(({ alias }) => alias));
  const gaps = others.flatMap((other): Gap[] => {
    const example = uncovered(other.alias, patterns, aliases.index);
    return example === null ? [] : [{ ...other, example }];
  });
  if (gaps.length === 0)
    return {
      pass: true,
      message: () => `expected not to cover ${counted(others.length, 'pattern')}, found that all are covered`,
    };
  const message = () => {
    const lines = gaps.map(
      ({ alias, module = '', example }) =>
        `  ${alias}${module && ` ${module}`}${example === undefined ? ' (cannot be decided)' : ''}`,
    );
    const shown = gaps.flatMap(({ example }) => example ?? []).slice(0, EXPLAINED);
    return [
      `expected to cover ${counted(others.length, 'pattern')}, found ${gaps.length} not covered:`,
      ...listed(lines),
      ...shown.flatMap((example) => ['', 'For example:', explained(aliases, example)]),
    ].join('\n');
  };
  return { pass: false, message };
}

/** Each pattern once, as an index holds it; those that depmod leaves out match nothing. */
function uniquePatterns({ list, isIndex }: Aliases): Carried[] {
  const unique = new Map<string, Carried>();
  for (const { alias, module } of list()) {
    const pattern = isIndex ? alias : normalizeAlias(alias);
    if (pattern !== undefined && !unique.has(pattern)) unique.set(pattern, { alias: pattern, module });
  }
  return [...unique.values()];
}

/**
 * A modalias of a device that a pattern matches and none of `others` does; null where there is none, undefined where
 * that cannot be decided.
 */
function uncovered(pattern: string, others: ReadonlySet<string>, index: AliasIndex): string | null | undefined {
  if (others.has(pattern)) return null;
  for (const key of plausibleKeys(pattern)) if (matches(pattern, key) && index.lookup(key).length === 0) return key;
  const tokens = keyTokensOf(pattern);
  if (!tokens) return undefined;
  const without = [...others].flatMap((other) => {
    const theirs = beginAlike(other, pattern) ? keyTokensOf(other) : undefined;
    return theirs ? [theirs] : [];
  });
  if (without.some((theirs) => isIncluded(tokens, theirs))) return null;
  const witness = findWitness({ within: [tokens], without, alphabet: KEY_BYTES });
  if (typeof witness !== 'string' || index.lookup(witness).length === 0) return witness;
  // Something other than a pattern serves it, such as a line of modprobe's configuration.
  return witness === pattern ? null : undefined;
}
