import { type Cause, cause, type Finding, findingsOf } from '../finding.ts';
import { type Baseline, type BaselineEntry, type BaselineMatch, MATCH_MEMBERS } from './baseline.ts';

/** How to hold findings or changes against a baseline. */
export interface AcceptOptions<T> {
  /** What identifies an item; of several modules their names joined by spaces. */
  readonly matchOf: (item: T) => BaselineMatch;
  /** Entries that could accept an item of this kind; others are neither used nor unused. */
  readonly concerns: (match: BaselineMatch) => boolean;
  /** The day that it is, YYYY-MM-DD. */
  readonly today: string;
}

/** Items that count, items that do not, and what is wrong with the baseline itself. */
export interface Acceptance<T> {
  readonly kept: readonly T[];
  readonly accepted: ReadonlyMap<T, BaselineEntry>;
  /** Entries that have expired, and entries that accept nothing. */
  readonly findings: readonly Finding[];
}

/**
 * Which items a baseline accepts: those with an entry whose every member is equal and that has not expired. An entry
 * holds through the day that it names.
 */
export function accept<T>(items: readonly T[], baseline: Baseline, options: AcceptOptions<T>): Acceptance<T> {
  const { matchOf, concerns, today } = options;
  const hasExpired = ({ until }: BaselineEntry) => until !== undefined && until < today;
  const find = entriesByShape(baseline.accepted.filter((entry) => !hasExpired(entry)));
  const used = new Set<BaselineEntry>();
  const accepted = new Map<T, BaselineEntry>();
  for (const item of items) {
    const entries = find(matchOf(item));
    for (const entry of entries) used.add(entry);
    if (entries[0]) accepted.set(item, entries[0]);
  }
  const times = new Map<string, number>();
  const causes = baseline.accepted.flatMap((entry, i): Cause[] => {
    const { match, until, reason } = entry;
    if (!concerns(match)) return [];
    const about = MATCH_MEMBERS.flatMap((name) => (match[name] === undefined ? [] : `${name} ${match[name]}`));
    const what = about.join(', ');
    times.set(what, (times.get(what) ?? 0) + 1);
    const key = `${what} ${times.get(what)}`;
    const where = { file: baseline.file, module: match.module ?? null, alias: match.pattern ?? null, key };
    const told = `/accepted/${i}: ${what}`;
    if (hasExpired(entry)) return [cause('expired-acceptance', `${told}: expired after ${until} (${reason})`, where)];
    return used.has(entry)
      ? []
      : [cause('unused-acceptance', `${told}: accepts nothing that is there; remove it`, where)];
  });
  return { kept: items.filter((item) => !accepted.has(item)), accepted, findings: findingsOf(causes) };
}

/** Finds the entries for an item: they are kept by the members that they have, as most have the same. */
function entriesByShape(entries: readonly BaselineEntry[]): (match: BaselineMatch) => BaselineEntry[] {
  const shapes = new Map<
    string,
    { readonly members: readonly (keyof BaselineMatch)[]; readonly byKey: Map<string, BaselineEntry[]> }
  >();
  const keyOf = (match: BaselineMatch, members: readonly (keyof BaselineMatch)[]) =>
    JSON.stringify(members.map((name) => match[name] ?? null));
  for (const entry of entries) {
    const members = MATCH_MEMBERS.filter((name) => entry.match[name] !== undefined);
    const shape = shapes.get(members.join()) ?? { members, byKey: new Map() };
    shapes.set(members.join(), shape);
    const key = keyOf(entry.match, members);
    shape.byKey.set(key, [...(shape.byKey.get(key) ?? []), entry]);
  }
  return (match) => [...shapes.values()].flatMap(({ members, byKey }) => byKey.get(keyOf(match, members)) ?? []);
}

/** Entries that accept exactly these items: those that the baseline has for them, or new ones with an empty reason. */
export function entriesFor<T>(
  items: readonly T[],
  matchOf: (item: T) => BaselineMatch,
  accepted: ReadonlyMap<T, BaselineEntry> = new Map(),
): BaselineEntry[] {
  const entries = new Map<string, BaselineEntry>();
  for (const item of items) {
    const own = accepted.get(item);
    const all = matchOf(item);
    const names = MATCH_MEMBERS.filter(
      (name) => all[name] !== undefined && (name !== 'bus' || all.pattern === undefined),
    );
    const entry = own ?? { match: Object.fromEntries(names.map((name) => [name, all[name]])), reason: '' };
    const key = JSON.stringify(entry.match);
    if (!entries.has(key)) entries.set(key, entry);
  }
  return [...entries.values()];
}
