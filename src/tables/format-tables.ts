import { needObject } from '../arguments.ts';
import type { IdTable } from '../bus/define/bus.ts';
import { toJsonRow } from './complete-row.ts';

/** The input of a module object. */
export interface ModuleToFormat {
  readonly module: string;
  /** Full release, such as the first word of vermagic; omitted if not known. */
  readonly kernel?: string;
  readonly tables: readonly IdTable[];
  /** Alias strings of .modinfo; omitted if undefined. */
  readonly aliases?: readonly string[];
}

/**
 * A module object as JSON on one line, for NDJSON, newline included: members in the format's order, row fields in C
 * order, every field that an alias depends on. Reading it again gives the same rows (`readTables`).
 */
export function formatModuleLine(module: ModuleToFormat): string {
  needObject('module', module, 'tables');
  return `${JSON.stringify(jsonModule(module))}\n`;
}

/** The same in readable form: one row and one alias per line. */
export function formatModule(module: ModuleToFormat): string {
  needObject('module', module, 'tables');
  const { tables, aliases, ...head } = jsonModule(module);
  const table = ({ rows, ...rest }: (typeof tables)[number]) => `    ${open(rest)}"rows": [${lines(rows, 6)}] }`;
  const parts = [
    `  "tables": [${tables.length ? `\n${tables.map(table).join(',\n')}\n  ` : ''}]`,
    ...(aliases ? [`  "aliases": [${lines(aliases, 4)}]`] : []),
  ];
  const members = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${[...members, ...parts].join(',\n')}\n}\n`;
}

function jsonModule({ module, kernel, tables, aliases }: ModuleToFormat) {
  return {
    module,
    ...(kernel === undefined ? {} : { kernel }),
    tables: tables.map(({ bus, name, rows }) => ({
      bus: bus.name,
      name,
      rows: rows.map((row) => toJsonRow(bus, row)),
    })),
    ...(aliases === undefined ? {} : { aliases: [...aliases] }),
  };
}

/** `{ "bus": "pci", ` */
function open(members: Readonly<Record<string, unknown>>): string {
  return `{ ${Object.entries(members)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}, `)
    .join('')}`;
}

/** Items, one per line, or nothing. */
function lines(items: readonly unknown[], indent: number): string {
  if (items.length === 0) return '';
  const pad = ' '.repeat(indent);
  return `\n${items.map((item) => pad + spaced(item)).join(',\n')}\n${' '.repeat(indent - 2)}`;
}

/** JSON on one line with blanks after commas and colons and inside braces. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`)
    .join(', ')} }`;
}
