import type { Cause, Item } from '../finding.ts';
import { type Multiset, sameCounts, surplus } from '../multiset.ts';
import type { FindingRule } from '../rules.ts';
import type { ByModule } from './by-module.ts';

/** Modules that may differ before a file is called stale as a whole. */
const MOST_MODULES = 8;
/** In a small directory, a file in which every module differs is stale if there are more than these. */
const FEW_MODULES = 2;
const NOTHING: Multiset = new Map();

const ADVICE = 'run depmod or modalias build';

interface Difference {
  readonly module: string;
  readonly missing: Multiset;
  readonly extra: Multiset;
}

/** What differs between the aliases that a file has and those that it should have, module by module. */
function differences(expected: ByModule, found: ByModule): Difference[] {
  const modules = new Set([...expected.keys(), ...found.keys()]);
  const different: Difference[] = [];
  for (const module of modules) {
    const should = expected.get(module) ?? NOTHING;
    const has = found.get(module) ?? NOTHING;
    if (sameCounts(should, has)) continue;
    const difference = { module, missing: surplus(should, has), extra: surplus(has, should) };
    if (difference.missing.size + difference.extra.size > 0) different.push(difference);
  }
  return different;
}

/** How a file is called in findings, and which rules they have. */
export interface IndexKind {
  readonly file: string;
  readonly missing: FindingRule;
  readonly extra: FindingRule;
  /** Where the aliases come from that it should have. */
  readonly source: string;
  /** The names of modules that have a file of their own; any other is unknown. */
  readonly known: (module: string) => boolean;
  /** The line on which the file has an alias of a module. */
  readonly lineOf?: (module: string, alias: string) => number | undefined;
}

/**
 * Compares what a file says with what it should say. A module gives one cause for what is missing and one for what is
 * too much; a file in which many modules differ, or all, gives a single one. Modules in `explained` are skipped.
 */
export function compareIndex(
  kind: IndexKind,
  expected: ByModule,
  found: ByModule,
  explained: (module: string) => boolean = () => false,
): Cause[] {
  const different = differences(expected, found).filter(({ module }) => !explained(module));
  const all =
    different.length > FEW_MODULES && different.filter(({ module }) => expected.has(module)).length === expected.size;
  if (all || different.length > MOST_MODULES) return [stale(kind, different)];
  return different.flatMap((difference) =>
    [
      { rule: kind.missing, items: missingItems(kind, difference), advice: ADVICE },
      { rule: kind.extra, items: extraItems(kind, difference), advice: ADVICE },
    ].filter(({ items }) => items.length > 0),
  );
}

function missingItems(kind: IndexKind, { module, missing }: Difference): Item[] {
  const { file, missing: rule } = kind;
  const message = `in ${kind.source} but not in ${file}`;
  return each(missing, (alias) => ({ rule, module, alias, file, message }));
}

function extraItems(kind: IndexKind, { module, extra }: Difference): Item[] {
  const { file, extra: rule } = kind;
  const message = `in ${file} ${kind.known(module) ? `but not in ${kind.source}` : 'but no such module is here'}`;
  return each(extra, (alias) => {
    const line = kind.lineOf?.(module, alias);
    return { rule, module, alias, file, ...(line ? { line } : {}), message };
  });
}

/** A file as a whole is one of other modules. */
function stale(kind: IndexKind, different: readonly Difference[]): Cause {
  const missing = different.flatMap((difference) => missingItems(kind, difference));
  const extra = different.flatMap((difference) => extraItems(kind, difference));
  const names = different.slice(0, MOST_MODULES).map(({ module }) => module);
  const more = different.length > names.length ? ', ...' : '';
  return {
    rule: 'stale-index',
    items: [...missing, ...extra],
    summary: `${different.length} modules differ from ${kind.source} (${missing.length} aliases missing, ${extra.length} too many): ${names.join(', ')}${more}`,
    advice: ADVICE,
  };
}

export function isStale({ rule }: Cause): boolean {
  return rule === 'stale-index';
}

/**
 * The causes with one for all files that are stale: whoever copies in the files of another kernel copies several.
 * `alike` are files that repeat what a stale one says.
 */
export function asOneStale(causes: readonly Cause[], alike: readonly string[]): Cause[] {
  const all = causes.filter(isStale);
  const first = all[0];
  if (!first) return [...causes];
  const parts = all.map(({ items, summary }) => ({ file: items[0]!.file!, summary: summary! }));
  const [main, ...others] = parts.map(({ file }) => file);
  const files = [main!, ...alike, ...others];
  const named = files.map(nameOf);
  const counts = parts.map(({ summary }, i) => (i === 0 ? summary : `in ${nameOf(parts[i]!.file)}, ${summary}`));
  const like = named.length === 1 ? 'looks like that' : 'look like those';
  const whose = `${listed(named)} ${like} of another kernel or of older modules`;
  const one: Cause = {
    ...first,
    items: all.flatMap(({ items }) => items),
    summary: `${whose}: ${counts.join('; ')}`,
  };
  return causes.flatMap((cause) => (cause === first ? [one] : isStale(cause) ? [] : [cause]));
}

/** The name of a file on disk or, as `PACKAGE(PATH)`, in a package. */
function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1).replace(/\)$/, '');
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function each(aliases: Multiset, item: (alias: string) => Item): Item[] {
  return [...aliases].flatMap(([alias, count]) => Array.from({ length: count }, () => item(alias)));
}
