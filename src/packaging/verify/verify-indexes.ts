import { type Finding, type FindingRule, finding } from '../finding.ts';
import { type Multiset, sameCounts, surplus } from '../multiset.ts';

/** A file's aliases by module. */
export type ByModule = ReadonlyMap<string, Multiset>;

/** Modules that may differ in one way before a file is called stale as a whole. */
const MOST_MODULES = 8;
const NOTHING: Multiset = new Map();

interface Difference {
  readonly module: string;
  readonly missing: Multiset;
  readonly extra: Multiset;
}

/** What differs between the aliases that a file has and those that it should have, module by module. */
function differences(wanted: ByModule, found: ByModule): Difference[] {
  const modules = new Set([...wanted.keys(), ...found.keys()]);
  const different: Difference[] = [];
  for (const module of modules) {
    const should = wanted.get(module) ?? NOTHING;
    const has = found.get(module) ?? NOTHING;
    if (!sameCounts(should, has))
      different.push({ module, missing: surplus(should, has), extra: surplus(has, should) });
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
}

/**
 * Compares what a file says with what it should say. A module gets one finding for what is missing and one for what is too much, with the first
 * such alias and the number of the others; a file in which many modules differ gets a single one. Modules in `explained`
 * are passed over.
 */
export function compareIndex(
  kind: IndexKind,
  wanted: ByModule,
  found: ByModule,
  explained: (module: string) => boolean = () => false,
): Finding[] {
  const different = differences(wanted, found).filter(({ module }) => !explained(module));
  if (different.length > MOST_MODULES) return [stale(kind, different)];
  return different.flatMap(({ module, missing, extra }) => {
    const file = kind.file;
    const both: Finding[] = [];
    if (missing.size > 0)
      both.push(
        finding(kind.missing, `in ${kind.source} but not in ${file}${more(missing)}; run depmod or modalias build`, {
          module,
          file,
          alias: first(missing),
        }),
      );
    if (extra.size > 0) {
      const origin = kind.known(module) ? `but not in ${kind.source}` : `but no such module is here`;
      both.push(
        finding(kind.extra, `in ${file} ${origin}${more(extra)}; run depmod or modalias build`, {
          module,
          file,
          alias: first(extra),
        }),
      );
    }
    return both;
  });
}

function stale(kind: IndexKind, different: readonly Difference[]): Finding {
  const total = (part: 'missing' | 'extra') => different.reduce((sum, d) => sum + size(d[part]), 0);
  const names = different
    .slice(0, MOST_MODULES)
    .map((d) => d.module)
    .join(', ');
  return finding(
    'stale-index',
    `${different.length} modules differ from ${kind.source} (${total('missing')} aliases missing, ${total('extra')} too many): ${names}, ...; run depmod or modalias build`,
    {
      file: kind.file,
      module: different[0]!.module,
      alias: first(different[0]!.missing) ?? first(different[0]!.extra),
    },
  );
}

function size(aliases: Multiset): number {
  let sum = 0;
  for (const count of aliases.values()) sum += count;
  return sum;
}

function first(aliases: Multiset): string | null {
  const [alias = null] = aliases.keys();
  return alias;
}

function more(aliases: Multiset): string {
  const others = size(aliases) - 1;
  return others > 0 ? ` (and ${others} more)` : '';
}
