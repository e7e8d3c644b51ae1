import type { ModprobeConfig } from '../../config/modprobe-config.ts';
import type { AliasLines } from '../verify/alias-lines.ts';
import type { LintModule } from './lint-module.ts';

/** What belongs together: a kernel, the lines of a modules.alias, or files that were named one by one. */
export interface LintInput {
  /** Whether all modules of a kernel are there, as far as one can tell: in files and packages others may be missing. */
  readonly isWhole: boolean;
  /** What a modules directory or packages hold besides modules; undefined for files. */
  readonly kernel?: LintKernel;
  /** The lines of its modules.alias; undefined where there is none. */
  readonly text?: KernelFile<() => AliasLines> | undefined;
  /** What is to be looked at; rules see each module once. */
  readonly modules: AsyncIterable<LintModule>;
}

/** A kernel apart from what its modules say. Names have `_` for `-`. */
export interface LintKernel {
  /** The names of its loadable modules; undefined where only its modules.alias is there. */
  readonly loadable: ReadonlySet<string> | undefined;
  /** The names of its built-in modules; undefined where modules.builtin is missing. */
  readonly builtin: ReadonlySet<string> | undefined;
  /** modules.alias.bin; undefined where it is missing. */
  readonly index: KernelFile<Buffer> | undefined;
  /** Aliases that lookups know of without the modules: those of modules.alias and of built-in code. */
  readonly knownAliases: () => Iterable<string>;
  /** The modprobe.d that was named beside it. */
  readonly modprobe?: ModprobeConfig | undefined;
}

/** A file beside the modules: what messages call it, and what it holds. */
export interface KernelFile<T> {
  readonly file: string;
  readonly content: T;
}
