import type { Elf } from '../binary/elf.ts';
import { STT_OBJECT } from '../binary/elf-format.ts';
import type { Reader } from '../binary/reader.ts';
import { tableSymbols } from '../bus/symbols.ts';
import { ModaliasError } from '../errors.ts';
import type { Release } from '../release.ts';

/** A device table of a module, from its symbol. */
export interface TableSymbol {
  /** The device-table type's name, known or not. */
  readonly bus: string;
  /** The C array's name. */
  readonly table: string;
  /** The releases whose modpost expects this spelling: the first, and the first of the next spelling. */
  readonly from: Release;
  readonly until: Release | undefined;
  readonly bytes: Reader;
}

/** Types that drivers declare tables of but modpost makes no aliases of (seen in 6.1 and 6.12). */
export const TYPES_WITHOUT_ALIASES: ReadonlySet<string> = new Set([
  ...['fsi', 'gbphy', 'greybus', 'memstick', 'peci', 'scmi', 'tc', 'tifm'],
]);

/** Limits on the bytes and tables of one module; real ones reach some 200,000 bytes and a dozen tables. */
const BYTES_LIMIT = 32 * 1024 * 1024;
const TABLES_LIMIT = 4096;

/**
 * The device tables of a module by their symbols, in the symbol table's order: objects that lie in a section, in any
 * spelling (file2alias.c:handle_moddevtable). Throws `truncated` and `too-big`.
 */
export function findTables(elf: Elf): TableSymbol[] {
  const found: TableSymbol[] = [];
  let total = 0;
  for (const symbol of elf.symbols('__mod_')) {
    if (symbol.type !== STT_OBJECT || symbol.section === 0 || symbol.section >= elf.sectionCount) continue;
    const spelled = spelling(symbol.name);
    if (!spelled) continue;
    const section = elf.sectionAt(symbol.section);
    const what = `the table ${spelled.table}`;
    total += symbol.size;
    if (total > BYTES_LIMIT || found.length === TABLES_LIMIT) {
      throw new ModaliasError(
        'too-big',
        `${what} brings the module to ${found.length + 1} tables of ${total} bytes; the symbol table is damaged`,
        { file: elf.source.file, offset: section.offset },
      );
    }
    const { bus, table, from, until } = spelled;
    found.push({ bus, table, from, until, bytes: elf.part(section, symbol.value, symbol.size, what) });
  }
  return found;
}

/** Parses a symbol's name. The newest spelling is tried first, as each older one would match it too. */
function spelling(name: string): Omit<TableSymbol, 'bytes'> | undefined {
  for (let i = tableSymbols.length - 1; i >= 0; i--) {
    const [from, pattern] = tableSymbols[i]!;
    const { bus, table } = pattern.exec(name)?.groups ?? {};
    if (bus !== undefined && table !== undefined) return { bus, table, from, until: tableSymbols[i + 1]?.[0] };
  }
  return undefined;
}
