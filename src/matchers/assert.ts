/** The matchers as plain functions, for node:test and any other runner: each throws an `AssertionError`. */
import { AssertionError } from 'node:assert';
import type { Choice } from '../lookup/alias-index.ts';
import type { AliasesLike } from './aliases-of.ts';
import { covers } from './covers.ts';
import { matchesModalias } from './matches-modalias.ts';
import { resolves } from './resolves.ts';
import { hasSameAliases } from './same-aliases.ts';
import type { Verdict } from './verdict.ts';

export type { Choice } from '../lookup/alias-index.ts';
export type { Rank } from '../match/match.ts';
export type { AliasesLike, ModuleWithAliases } from './aliases-of.ts';

/** As `toResolve`: a modalias resolves to `expected`, a module that is the best answer, or all modules, best first. */
export function assertResolves(
  aliases: AliasesLike,
  modalias: string,
  expected?: string | readonly string[],
  choice?: Choice,
): void {
  hold(resolves(aliases, modalias, expected, choice), 'assertResolves');
}

/** As `not.toResolve(modalias)`: no module serves a modalias. */
export function assertNotResolves(aliases: AliasesLike, modalias: string, choice?: Choice): void {
  const { pass, message } = resolves(aliases, modalias, undefined, choice);
  hold({ pass: !pass, message }, 'assertNotResolves');
}

/** As `toMatchModalias`: one of the patterns matches a modalias. */
export function assertMatchesModalias(patterns: AliasesLike, modalias: string): void {
  hold(matchesModalias(patterns, modalias), 'assertMatchesModalias');
}

/** As `toCover`: every modalias that a device may have and that `expected` matches is matched. */
export function assertCovers(aliases: AliasesLike, expected: AliasesLike): void {
  hold(covers(aliases, expected), 'assertCovers');
}

/** As `toHaveSameAliasesAs`: the aliases are the same as sets. */
export function assertSameAliases(aliases: AliasesLike, expected: AliasesLike): void {
  hold(hasSameAliases(aliases, expected), 'assertSameAliases');
}

function hold({ pass, message, actual, expected }: Verdict, operator: string): void {
  if (!pass) throw new AssertionError({ message: message(), actual, expected, operator });
}
