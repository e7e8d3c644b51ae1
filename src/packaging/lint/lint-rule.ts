import type { IdTable } from '../../bus/define/bus.ts';
import type { Code } from '../../codes.ts';
import type { SeverityChoice } from '../severities.ts';
import type { LintInput } from './lint-input.ts';
import type { LintAlias, LintModule } from './lint-module.ts';

/**
 * A small input: a file of JSON id tables, of modules.alias lines, or, where the fault lies in a module's file, what it
 * is made of; `text` is how it is written.
 */
export type LintExample =
  | { readonly kind: 'json' | 'alias'; readonly text: string }
  | ({ readonly kind: 'module'; readonly text: string } & ModuleFacts)
  | ({ readonly kind: 'kernel'; readonly text: string } & KernelFacts);

/** What a module of an example has: functions that it imports, tables, aliases, the check of its .xz file. */
export interface ModuleFacts {
  readonly imports?: readonly string[];
  /** Types of tables that it has, each of one row. */
  readonly tables?: readonly string[];
  readonly aliases?: readonly string[];
  readonly xzCheck?: 'none' | 'crc32' | 'crc64' | 'sha256';
}

/** What a modules directory of an example has. */
export interface KernelFacts {
  /** Names of its modules. */
  readonly modules: readonly string[];
  /** The text of its modules.alias, and that of which its modules.alias.bin was made. */
  readonly aliasText?: string;
  readonly indexedText?: string;
  /** The text of a modprobe.d file that is given beside it. */
  readonly modprobe?: string;
}

/**
 * What a rule looks at: aliases, which every input has; rows of id tables, in JSON and module files; the code of module
 * files; what a modules directory or packages hold besides; modprobe.d.
 */
export type LintInputKind = 'aliases' | 'rows' | 'code' | 'kernel' | 'modprobe.d';

/** Something that a rule found in a module. */
export interface LintItem {
  readonly message: string;
  /** Module, file and line where they are not those of the module or the alias that was looked at. */
  readonly module?: string | null;
  readonly file?: string;
  readonly line?: number;
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
  /** Default: `aliases`. */
  readonly needs?: LintInputKind;
  /**
   * What an alias of a module has wherever the rule finds something in it: looked for in all of its aliases at once,
   * each in a line of its own. Of several texts one is enough; `repeats`: it is the same as another to libkmod.
   * Default: anything.
   */
  readonly mentions?: RegExp | readonly string[] | 'repeats';
  /** Says what is wrong with one alias of a module; undefined where nothing is. */
  readonly alias?: (text: string, module: LintModule) => string | undefined;
  /** Says what is wrong with one table of a module, and with which row; undefined where nothing is. */
  readonly table?: (table: IdTable) => { readonly row: number; readonly message: string } | undefined;
  /** The codes of what making the aliases of rows says where they have it. */
  readonly codes?: readonly Code[];
  /** Finds it in one module, which has an alias, a table, a driver, a diagnostic or the check of an xz file. */
  readonly module?: (module: LintModule) => Iterable<LintItem>;
  /** Finds it in all that belongs together: a kernel, or the files that were named. */
  readonly across?: (input: LintInput) => AcrossModules;
}

/** What a rule does with the modules of an input, and what it says in the end. */
export interface AcrossModules {
  readonly see?: (module: LintModule) => void;
  readonly done: () => Iterable<LintItem & { readonly module: string | null }>;
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

/** An example of a modules directory; the text says what it shows. */
export const kernelFolder = (facts: KernelFacts, ...lines: readonly string[]): LintExample => ({
  kind: 'kernel',
  ...facts,
  text: `${lines.join('\n')}\n`,
});

/** An example of a JSON id table: one object over these lines. */
export const jsonTable = (...lines: readonly string[]): LintExample => ({
  kind: 'json',
  text: `${lines.join('\n')}\n`,
});
