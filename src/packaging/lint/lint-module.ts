import type { IdTable } from '../../bus/define/bus.ts';
import type { Diagnostic } from '../../errors.ts';
import type { DriverRegistration } from '../../module/driver-registrations.ts';

/** An alias of a module and where it comes from. */
export interface LintAlias {
  readonly alias: string;
  /** The table and the row in it that make the alias; null for a hand-written one, or where that is unknown. */
  readonly table: string | null;
  readonly row: number | null;
  /** JSON pointer of the row or of the alias, below the module object; undefined where the input is not JSON. */
  readonly pointer?: string;
  /** Line of modules.alias, the first is 1; undefined where the input is another. */
  readonly line?: number;
}

/** A module as lint sees it, whatever it was read from. */
export interface LintModule {
  readonly module: string;
  /** What messages call the file. */
  readonly file: string;
  /** The text of every alias that it has, in the order of the input. */
  readonly texts: readonly string[];
  /** The same aliases with where they come from, which may be found out when this is first asked for. */
  readonly aliases: readonly LintAlias[];
  /** Hand-written ones that a row makes too, where that counts as one alias: in JSON id tables. Default: none. */
  readonly listedAgain?: readonly LintAlias[];
  /** Rows whose aliases earlier ones make, where modpost drops them. Default: none. */
  readonly dropped?: readonly LintAlias[];
  /** Undefined where the input has aliases only. */
  readonly tables?: readonly IdTable[];
  /**
   * Drivers that it registers, one for each bus; none where no rule would find fault with any, undefined where there is
   * no code to look at.
   */
  readonly drivers?: readonly DriverRegistration[];
  /** The check that an xz file carries, as `xz --check` names it; undefined for any other. */
  readonly xzCheck?: string;
  /** What modpost would say of the rows. */
  readonly diagnostics: readonly Diagnostic[];
  /** Lines of JSON pointers; undefined where the input is not JSON. */
  readonly lines?: (pointers: ReadonlySet<string>) => ReadonlyMap<string, number>;
}
