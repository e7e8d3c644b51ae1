import { type Bus, isKnown, type Row } from '../bus/define/bus.ts';
import { VFIO_OVERRIDE } from '../bus/define/override.ts';
import { tableAliases } from '../bus/define/table-aliases.ts';
import type { Diagnostic } from '../errors.ts';
import { formatFirst, formatRelease, knownRelease, type Release } from '../release.ts';
import { atRelease, history } from '../release-history.ts';

/** An id table of a module, ready to make aliases of. */
export interface IdTable {
  readonly bus: Bus;
  /** The C array's name. */
  readonly name: string;
  readonly rows: readonly Row[];
}

export interface GenerateOptions {
  /** The release whose modpost's rules apply: `6.12` or longer, or as `parseRelease` gives it. */
  readonly release: string | Release;
  /** override_only -> prefix without its underscore, besides vfio for 1; for pci and cdx. */
  readonly overridePrefixes?: ReadonlyMap<number, string>;
}

/** An alias and the row that makes it: indices of the table and, inside it, of the row. */
export interface GeneratedAlias {
  readonly alias: string;
  readonly table: number;
  readonly row: number;
}

export interface Generated {
  readonly aliases: readonly GeneratedAlias[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether an alias that the module has already is dropped (file2alias.c:module_alias_printf). */
const DROPS_DUPLICATES = history({ '5.10': false, '6.13': true });

const SEVERITY = { skip: 'warning', fail: 'error', note: 'note' } as const;

/**
 * The aliases of one module's tables, in table and row order, as the kernel's modpost makes them
 * (file2alias.c:handle_moddevtable). Rows without an alias have a diagnostic: a warning where modpost warns and goes
 * on, an error where it stops. A type that the release does not know makes no aliases. Throws `bad-release` for a release that is
 * older than any known, or none.
 */
export function generateAliases(tables: readonly IdTable[], options: GenerateOptions): Generated {
  const prefixes = new Map([...VFIO_OVERRIDE, ...(options.overridePrefixes ?? [])]);
  const diagnostics: Diagnostic[] = [];
  const release = knownRelease(options.release, (message) =>
    diagnostics.push({ code: 'newer-release', severity: 'warning', message }),
  );
  const dropsDuplicates = atRelease(DROPS_DUPLICATES, release) ?? false;
  const seen = new Set<string>();
  const aliases: GeneratedAlias[] = [];
  tables.forEach(({ bus, name, rows }, table) => {
    if (!isKnown(bus, release)) {
      const message = `${formatRelease(release)} makes no aliases of ${bus.name} tables; ${firstWith(bus)}`;
      diagnostics.push({ code: 'bus-too-new', severity: 'warning', message, table: name });
      return;
    }
    const longest = atRelease(bus.longest, release) ?? Number.POSITIVE_INFINITY;
    const texts = bus.fields.flatMap(({ name: field, form }) =>
      form.kind === 'text' ? [[field, atRelease(form.length, release) ?? form.most] as const] : [],
    );
    const aliasesOf = tableAliases(bus, release, prefixes);
    rows.forEach((values, row) => {
      const made = aliasesOf(values);
      for (const [field, size] of texts) {
        const text = values[field] as string;
        if (text.length >= size) diagnostics.push({ ...overfull(field, text, size), table: name, row });
      }
      for (const { kind, code, message } of made.remarks)
        diagnostics.push({ code, severity: SEVERITY[kind], message, table: name, row });
      for (const alias of made.aliases) {
        const fault = faultOf(alias, longest, release);
        if (fault) diagnostics.push({ ...fault, severity: 'error', table: name, row });
        else if (!dropsDuplicates || !seen.has(alias)) aliases.push({ alias, table, row });
        seen.add(alias);
      }
    });
  });
  return { aliases, diagnostics };
}

/** From when on a type has aliases: `6.12 is the first release that does`. */
function firstWith(bus: Bus): string {
  const [first, ...others] = bus.since.map(([from]) => formatFirst(from));
  return others.length === 0
    ? `${first} is the first release that does`
    : `the first releases that do are ${first} in its own series and ${others.join(', ')}`;
}

/** Text that leaves no room for the NUL at its end: the alias holds what lies behind the array, too, up to a NUL. */
function overfull(field: string, text: string, size: number): Diagnostic {
  const message = `${field} '${text}' has ${text.length} bytes and its array ${size}, with no room for the NUL at the end: the kernel reads on behind it`;
  return { code: 'text-without-end', severity: 'warning', message };
}

/** Why modpost could not write an alias: too long for its buffer, or no C string. */
function faultOf(alias: string, longest: number, release: Release): { code: string; message: string } | undefined {
  if (alias.length > longest)
    return {
      code: 'alias-too-long',
      message: `the alias has ${alias.length} characters, ${longest} is the most that modpost of ${formatRelease(release)} can write: ${alias.slice(0, 60)}...`,
    };
  if (/[\n\r\0]/.test(alias))
    return { code: 'alias-line-break', message: `the alias has a line break in it: ${JSON.stringify(alias)}` };
  return undefined;
}
