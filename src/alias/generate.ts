import { needList, needObject } from '../arguments.ts';
import { VFIO_OVERRIDE } from '../bus/define/alias-writer.ts';
import { type Bus, type IdTable, isKnown, type Row } from '../bus/define/bus.ts';
import { tableAliases } from '../bus/define/table-aliases.ts';
import type { Code } from '../codes.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { formatFirst, formatRelease, knownRelease, type Release } from '../release.ts';
import { atRelease, history } from '../release-history.ts';

export interface GenerateOptions {
  /** The release whose modpost's rules apply: `6.12` or longer, or as `parseRelease` gives it. */
  readonly release: string | Release;
  /** override_only -> prefix without its underscore, besides vfio for 1; for pci and cdx. Default: none. */
  readonly overridePrefixes?: ReadonlyMap<number, string> | undefined;
}

/** An alias and the row that makes it: indices of the table and, inside it, of the row. */
export interface GeneratedAlias {
  readonly alias: string;
  readonly table: number;
  readonly row: number;
}

export interface Generated {
  readonly aliases: readonly GeneratedAlias[];
  /** Aliases that earlier rows made already, where the release's modpost drops them. Default: none. */
  readonly dropped?: readonly GeneratedAlias[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether a duplicate alias of a module is dropped (file2alias.c:module_alias_printf). */
const DROPS_DUPLICATES = history({ '5.10': false, '6.13': true });

const SEVERITY = { skip: 'warning', fail: 'error', note: 'note' } as const;

/**
 * The aliases of one module's tables, in table and row order, as the kernel's modpost makes them
 * (file2alias.c:handle_moddevtable). Rows without an alias have a diagnostic: a warning where modpost warns and
 * continues, an error where it stops. A type that the release does not know makes no aliases. Throws `bad-row` for
 * anything but a `Row`, such as a row of a JSON table, and `bad-release` for a release that is invalid or older than
 * any known.
 */
export function generateAliases(tables: readonly IdTable[], options: GenerateOptions): Generated {
  needList('tables', tables, 'bus', 'rows');
  needObject('options', options, 'release');
  const maker = new AliasMaker(options);
  tables.forEach((table, i) => {
    table.rows.forEach(maker.rowsOf(table, i));
  });
  return maker.made;
}

/** Makes a module's aliases row by row, for callers that do not hold the rows. @internal */
export class AliasMaker {
  readonly #release: Release;
  readonly #prefixes: ReadonlyMap<number, string>;
  /** The aliases so far, if the release drops duplicates. */
  readonly #seen: Set<string> | undefined;
  readonly #aliases: GeneratedAlias[] = [];
  readonly #dropped: GeneratedAlias[] = [];
  readonly #diagnostics: Diagnostic[] = [];

  constructor({ release, overridePrefixes = new Map() }: GenerateOptions) {
    this.#release = knownRelease(release, (message) =>
      this.#diagnostics.push({ code: 'newer-release', severity: 'warning', message }),
    );
    this.#prefixes = new Map([...VFIO_OVERRIDE, ...overridePrefixes]);
    this.#seen = atRelease(DROPS_DUPLICATES, this.#release) ? new Set() : undefined;
  }

  get made(): Generated {
    const dropped = this.#dropped;
    return { aliases: this.#aliases, diagnostics: this.#diagnostics, ...(dropped.length > 0 ? { dropped } : {}) };
  }

  /** Begins a table; takes its rows with their indices. */
  rowsOf({ bus, name }: Omit<IdTable, 'rows'>, table: number): (values: Row, row: number) => void {
    const release = this.#release;
    if (!isKnown(bus, release)) {
      const message = `${formatRelease(release)} makes no aliases of ${bus.name} tables; ${firstWith(bus)}`;
      this.#diagnostics.push({ code: 'bus-too-new', severity: 'warning', message, table: name });
      return () => {};
    }
    const longest = atRelease(bus.longest, release) ?? Number.POSITIVE_INFINITY;
    const texts = bus.fields.flatMap(({ name: field, form }) =>
      form.kind === 'text' ? [[field, atRelease(form.length, release) ?? form.most] as const] : [],
    );
    const aliasesOf = tableAliases(bus, release, this.#prefixes);
    return (values, row) => {
      checkRow(bus, values, { table: name, row });
      const made = aliasesOf(values);
      for (const [field, size] of texts) {
        const text = values[field] as string;
        if (text.length >= size) this.#diagnostics.push({ ...overfull(field, text, size), table: name, row });
      }
      for (const { kind, code, message } of made.remarks)
        this.#diagnostics.push({ code, severity: SEVERITY[kind], message, table: name, row });
      for (const alias of made.aliases) {
        const fault = faultOf(alias, longest, release);
        if (fault) this.#diagnostics.push({ ...fault, severity: 'error', table: name, row });
        else (this.#seen?.has(alias) ? this.#dropped : this.#aliases).push({ alias, table, row });
        this.#seen?.add(alias);
      }
    };
  }
}

/** A row of JSON taken as complete would make aliases from text and undefined values. */
function checkRow(bus: Bus, row: Row, at: { readonly table: string; readonly row: number }): void {
  for (const { name, value } of bus.fields) {
    if (typeof row[name] === typeof value) continue;
    const found = row[name] === undefined ? `no '${name}'` : `'${name}' ${JSON.stringify(row[name])}`;
    const message = `table ${at.table}, row ${at.row}: found ${found}, expected a complete ${bus.name} row; completeRow makes one from a JSON row`;
    throw new ModaliasError(
      'bad-row',
      message,
      {},
      { problems: [{ code: 'bad-row', severity: 'error', message, ...at }] },
    );
  }
}

/** From when on a type has aliases: `6.12 is the first release that does`. */
function firstWith(bus: Bus): string {
  const [first, ...others] = bus.since.map(([from]) => formatFirst(from));
  return others.length === 0
    ? `${first} is the first release that does`
    : `the first releases that do are ${first} in its own series and ${others.join(', ')}`;
}

/** Text without room for a terminating NUL: the alias also includes what follows the array, up to a NUL. */
function overfull(field: string, text: string, size: number): Diagnostic {
  const message = `${field} '${text}' has ${text.length} bytes and its array ${size}, with no room for a terminating NUL: the kernel reads past its end`;
  return { code: 'text-without-end', severity: 'warning', message };
}

/** Why modpost could not write an alias: too long for its buffer, or not a C string. */
function faultOf(alias: string, longest: number, release: Release): { code: Code; message: string } | undefined {
  if (alias.length > longest)
    return {
      code: 'alias-too-long',
      message: `the alias has ${alias.length} characters, but modpost of ${formatRelease(release)} can write at most ${longest}: ${alias.slice(0, 60)}...`,
    };
  if (/[\n\r\0]/.test(alias))
    return { code: 'alias-line-break', message: `the alias contains a line break: ${JSON.stringify(alias)}` };
  return undefined;
}
