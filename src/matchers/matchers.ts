/**
 * Matchers for `expect.extend` of Vitest and Jest: `modalias/vitest` (Vitest 5), `modalias/vitest-4` and
 * `modalias/jest` are these with the types of each.
 */
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
export type { Verdict } from './verdict.ts';

/**
 * What `expect(ALIASES)` gains, where ALIASES is anything of `AliasesLike`. Other arguments throw a `ModaliasError`
 * (`bad-argument`), and so do invalid id tables, a modalias that libkmod refuses, and one that nothing matches because
 * no device has it, also behind `not`.
 */
export interface ModaliasMatchers<R = void> {
  /**
   * The modalias resolves to `expected`: a module that is the best answer, or all modules, best first. Without
   * `expected` any module will do. `choice` names an override prefix such as `vfio`, and the rule of what is best.
   */
  toResolve(modalias: string, expected?: string | readonly string[], choice?: Choice): R;
  /** One of the patterns matches the modalias. */
  toMatchModalias(modalias: string): R;
  /**
   * Every modalias that a device may have and that `expected` matches is matched, whatever the modules are. An empty
   * `expected` throws.
   */
  toCover(expected: AliasesLike): R;
  /**
   * The aliases are the same as sets, with their modules where both sides have them. A text holds lines of
   * modules.alias, or a pattern on each line.
   */
  toHaveSameAliasesAs(expected: AliasesLike): R;
}

/** The matchers: `expect.extend(matchers)`. */
export const matchers = {
  toResolve: (received: unknown, modalias: string, expected?: string | readonly string[], choice?: Choice): Verdict =>
    resolves(received, modalias, expected, choice),
  toMatchModalias: (received: unknown, modalias: string): Verdict => matchesModalias(received, modalias),
  toCover: (received: unknown, expected: AliasesLike): Verdict => covers(received, expected),
  toHaveSameAliasesAs: (received: unknown, expected: AliasesLike): Verdict => hasSameAliases(received, expected),
};
