import { type Generated, type GeneratedAlias, generateAliases } from '../../alias/generate.ts';
import type { IdTable } from '../../bus/define/bus.ts';
import type { Diagnostic } from '../../errors.ts';
import { normalizeAlias, PATH_MAX } from '../../pattern/normalize.ts';
import type { Release } from '../../release.ts';
import { type Cause, fewOrOne } from '../finding.ts';
import { countOf, type Multiset } from '../multiset.ts';
import { prefixOf } from '../prefix.ts';

/** A module as its file tells it. */
export interface ModuleContent {
  readonly module: string;
  readonly file: string;
  /** The aliases of .modinfo, in order. */
  readonly aliases: readonly string[];
  readonly tables: readonly IdTable[];
  readonly release: Release;
}

/** What one table came to: its rows and the aliases that they make. */
export interface TableCount {
  readonly bus: string;
  readonly rows: number;
  readonly aliases: number;
  /** What stands before the colon of those aliases. */
  readonly prefixes: ReadonlySet<string>;
}

export interface ModuleVerdict {
  readonly causes: readonly Cause[];
  /** Aliases of .modinfo that no row makes. */
  readonly handWritten: readonly string[];
  readonly tables: readonly TableCount[];
  /** What modpost would say of the rows. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Holds a module's id tables against its .modinfo. Every alias that a row makes must be there, as often as rows make
 * it. What is left over is hand-written, as far as one can tell: nothing marks it. Only where an alias of a table is
 * missing does a left-over one of the same build (same letters, other digits) count as a finding: then table and
 * .modinfo have two different ids.
 */
export function verifyModule(content: ModuleContent): ModuleVerdict {
  const { tables, release } = content;
  const { aliases, diagnostics } = tables.length === 0 ? NOTHING_MADE : generateAliases(tables, { release });
  const left = countOf(content.aliases);
  const missing = takeOut(aliases, left);
  const others = expanded(left);
  const sound = missing.length === 0 && content.aliases.every(isSound);
  const builds = new Set(missing.map(({ alias }) => buildOf(alias)));
  return {
    handWritten: builds.size === 0 ? others : others.filter((alias) => !builds.has(buildOf(alias))),
    tables: countTables(tables, aliases),
    diagnostics,
    causes: sound
      ? []
      : causesOf(
          content,
          aliases,
          missing,
          others.filter((alias) => builds.has(buildOf(alias))),
        ),
  };
}

const NOTHING_MADE: Generated = { aliases: [], diagnostics: [] };

/** Takes each alias out of the counts once; answers with those that were not there (any more). */
function takeOut(aliases: readonly GeneratedAlias[], left: Map<string, number>): GeneratedAlias[] {
  const missing: GeneratedAlias[] = [];
  for (const generated of aliases) {
    const count = left.get(generated.alias) ?? 0;
    if (count > 0) left.set(generated.alias, count - 1);
    else missing.push(generated);
  }
  return missing;
}

/** What is counted, each as often as its count says. */
function expanded(left: Multiset): string[] {
  const all: string[] = [];
  for (const [alias, count] of left) for (let i = 0; i < count; i++) all.push(alias);
  return all;
}

function countTables(tables: readonly IdTable[], made: readonly GeneratedAlias[]): TableCount[] {
  const counts = tables.map(({ bus, rows }) => ({
    bus: bus.name,
    rows: rows.length,
    aliases: 0,
    prefixes: new Set<string>(),
  }));
  for (const { alias, table } of made) {
    const count = counts[table]!;
    count.aliases++;
    count.prefixes.add(prefixOf(alias));
  }
  return counts;
}

/** What is wrong with a module: aliases that are missing in its .modinfo, too much there, or odd. */
function causesOf(
  { module, file, aliases, tables }: ModuleContent,
  made: readonly GeneratedAlias[],
  missing: readonly GeneratedAlias[],
  extra: readonly string[],
): Cause[] {
  const here = { module, file };
  const bracket = 'an unpaired bracket: depmod omits the alias from modules.alias.bin, and no device finds it';
  const unfit = 'longer than 4,095 bytes or with a byte above 127: depmod truncates it, refuses it or crashes';
  const odd = (message: string) => (alias: string) => {
    const from = made.find((generated) => generated.alias === alias);
    return { ...here, alias, ...(from ? { table: tables[from.table]!.name, row: from.row } : {}), message };
  };
  return [
    ...fewOrOne(
      'missing-in-modinfo',
      missing.map(({ alias, table, row }) => {
        const { name } = tables[table]!;
        const message = `row ${row} of ${name} makes an alias that .modinfo lacks: the module was changed or linked after modpost ran`;
        return { ...here, alias, table: name, row, message };
      }),
    ),
    ...fewOrOne(
      'extra-in-modinfo',
      extra.map((alias) => ({
        ...here,
        alias,
        message: '.modinfo has an alias built like those of a table, but no row makes it',
      })),
    ),
    ...fewOrOne('unmatched-bracket', aliases.filter((alias) => normalizeAlias(alias) === undefined).map(odd(bracket))),
    ...fewOrOne('alias-not-indexable', aliases.filter(isNotIndexable).map(odd(unfit))),
  ];
}

/** An alias without its digits and wildcards: what rows of one table have in common. */
function buildOf(alias: string): string {
  const colon = alias.indexOf(':');
  const prefix = alias.slice(0, colon + 1);
  const numeric = /^(?:[a-z]+(?:[0-9A-F]+|\*))+\*?$/;
  const rest = alias.slice(colon + 1);
  return numeric.test(rest) ? prefix + rest.replace(/[0-9A-F]+|\*/g, '#') : `${prefix}*`;
}

/** Whether nothing can be wrong with the text of an alias: it is short, ASCII and without brackets, or these pair. */
function isSound(alias: string): boolean {
  if (PLAIN.test(alias) && alias.length < PATH_MAX) return true;
  return normalizeAlias(alias) !== undefined && !isNotIndexable(alias);
}

const PLAIN = /^[\0-Z\\^-\x7f]*$/;

function isNotIndexable(alias: string): boolean {
  return alias.length >= PATH_MAX || /[^\0-\x7f]/.test(alias);
}
