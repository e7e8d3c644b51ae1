import type { Code } from '../../codes.ts';
import type { Release } from '../../release.ts';
import type { ByRelease } from '../../release-history.ts';

/** The kernel's only override flag: PCI_ID_F_VFIO_DRIVER_OVERRIDE, CDX_ID_F_VFIO_DRIVER_OVERRIDE. */
export const VFIO_OVERRIDE: ReadonlyMap<number, string> = new Map([[1, 'vfio']]);

/**
 * The outcome of a row besides aliases. `skip` drops the row's aliases, `fail` is an input error, `note` changes
 * nothing.
 */
export interface Remark {
  readonly kind: 'skip' | 'fail' | 'note';
  readonly code: Code;
  readonly message: string;
}

/** One alias being written, left to right. */
export interface AliasText {
  /**
   * `name`, then the field's value in upper-case hexadecimal at its C type's width, or `*` if the row says any
   * (file2alias.c:ADD).
   */
  field(name: string, field: string): AliasText;
  /** The same for a given value; undefined is `*`. */
  hex(name: string, value: number | undefined, digits: number): AliasText;
  text(text: string): AliasText;
  /** A `*` at the end, unless there is one already (file2alias.c:add_wildcard). */
  wildcard(): AliasText;
}

/** What a bus's `alias` function writes to. */
export interface AliasWriter {
  readonly release: Release;
  /** Begins the next alias of the row. */
  alias(text: string): AliasText;
  /** The value of a rule at the release that aliases are made for. */
  at<T>(rule: ByRelease<T>): T;
  /** `''` for 0, such as `vfio_` for the other flags of override_only; undefined for a flag without a prefix. */
  overridePrefix(flag: number): string | undefined;
  /** Whether an earlier row of the table has used the word; the row's own words count from the next row on. */
  usedByEarlierRow(word: string): boolean;
  /** The kernel's modpost warns and makes no alias of the row. */
  skip(code: Code, message: string): void;
  /** The kernel's modpost stops at such a row. */
  fail(code: Code, message: string): void;
  /** Worth saying; the aliases stand. */
  note(code: Code, message: string): void;
}
