import type { IdTable } from '../bus/define/bus.ts';
import type { Release } from '../release.ts';

/** A module object of the JSON id-table format, with its defaults filled in. */
export interface ModuleTables {
  readonly module: string;
  /** The release whose rules apply, and whose limits the rows keep. */
  readonly release: Release;
  /** Prefixes of override_only flags besides vfio for 1, without the underscore. */
  readonly overridePrefixes: ReadonlyMap<number, string>;
  readonly tables: readonly IdTable[];
  /** Alias strings of the module itself, hand-written ones or all of its .modinfo. */
  readonly aliases: readonly string[];
}
