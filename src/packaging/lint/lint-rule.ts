import type { SeverityChoice } from '../severities.ts';
import type { LintAlias, LintModule } from './lint-module.ts';

/**
 * A small input: a file of JSON id tables, of modules.alias lines, or, where the fault lies in a module's file, what it
 * is made of; `text` is how it is written.
 */
export type LintExample =
  | { readonly kind: 'json' | 'alias'; readonly text: string }
  | ({ readonly kind: 'module'; readonly text: string } & ModuleFacts);

/** What a module of an example has: functions that it imports, aliases of .modinfo, the check of its .xz file. */
export interface ModuleFacts {
  readonly imports?: readonly string[];
  readonly aliases?: readonly string[];
  readonly xzCheck?: 'none' | 'crc32' | 'crc64' | 'sha256';
}

/** Something that a rule found in a module. */
export interface LintItem {
  readonly message: string;
  readonly alias?: LintAlias;
  /** Table and row where they are not those of the alias. */
  readonly table?: string;
  readonly row?: number;
  /** JSON pointer of the place, below the module object, where it is not that of the alias. */
  readonly pointer?: string;
}

/** A rule of lint: what `lint --explain` says, and how it is found. */
export interface LintRule {
  /** `off`: only where it is asked for. */
  readonly severity: SeverityChoice;
  /** What is wrong, in a line. */
  readonly what: string;
  readonly why: string;
  /** How to mend it. */
  readonly fix: string;
  /** An input in which the rule finds something, and the same without the fault. */
  readonly fires: LintExample;
  readonly silent: LintExample;
  readonly module: (module: LintModule) => Iterable<LintItem>;
}

/** An example of modules.alias lines. */
export const aliasLines = (...lines: readonly string[]): LintExample => ({
  kind: 'alias',
  text: lines.map((line) => `alias ${line}\n`).join(''),
});

/** An example of a module file. */
export const moduleFile = (facts: ModuleFacts, ...lines: readonly string[]): LintExample => ({
  kind: 'module',
  ...facts,
  text: `${lines.join('\n')}\n`,
});

/** An example of a JSON id table: one object over these lines. */
export const jsonTable = (...lines: readonly string[]): LintExample => ({
  kind: 'json',
  text: `${lines.join('\n')}\n`,
});
