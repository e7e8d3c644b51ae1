import type { Severity } from '../packaging/rules.ts';
import type { DeviceNames } from './device-names.ts';

/** A rule or a class: what results are sorted into. */
export interface Kind {
  /** A stable word to filter by. */
  readonly id: string;
  readonly severity: Severity;
  /** What it says, in a line. */
  readonly about: string;
}

/** Why a result does not count, from the baseline. */
export interface Accepted {
  readonly reason: string;
  /** The last day on which it is accepted (YYYY-MM-DD); null where it has no end. */
  readonly until: string | null;
}

/** One finding or change. The fields that do not apply are null; patterns are bytes, one character each. */
export interface Result {
  /** The id of its kind. */
  readonly kind: string;
  readonly severity: Severity;
  /** Whether it counts for the exit status. */
  readonly fails: boolean;
  readonly module: string | null;
  readonly bus: string | null;
  readonly pattern: string | null;
  readonly names: DeviceNames;
  readonly file: string | null;
  /** Number of the line in the file, the first is 1. */
  readonly line: number | null;
  readonly message: string;
  /** What else there is to say: a name and a text each. */
  readonly details: readonly (readonly [name: string, text: string])[];
  /** Stays the same while kind, module and pattern do. */
  readonly fingerprint: string;
  readonly accepted: Accepted | null;
}

/** Something worth knowing that is not a result: how often, and examples. */
export interface Remark {
  readonly kind: string;
  readonly count: number;
  readonly message: string;
  readonly examples: readonly string[];
  readonly fails: boolean;
}

/** What a command found, in the shape that every format writes. */
export interface Report {
  readonly command: string;
  /** What was looked at: `6.1.0 -> 6.12.1`. */
  readonly title: string;
  /** The paths as they were given. */
  readonly inputs: readonly string[];
  /** Every kind that there could have been, the worst first. */
  readonly kinds: readonly Kind[];
  /** The worst first. */
  readonly results: readonly Result[];
  readonly remarks: readonly Remark[];
  /** Numbers that say what was looked at, each with its name. */
  readonly facts: readonly (readonly [name: string, value: string | number])[];
  /** Lists of names that belong to the whole: modules that are gone, renames. */
  readonly lists: readonly (readonly [title: string, items: readonly string[]])[];
  /** Whether something was found that counts for the exit status. */
  readonly failed: boolean;
  /** Whether a baseline was given, so that results are new or accepted. */
  readonly hasBaseline: boolean;
  /** The report for people at a terminal of this width. */
  readonly text: (width: number) => string;
  /** The JSON document. */
  readonly document: () => unknown;
}

/** Results that no baseline accepts. */
export function counted({ results }: Report): Result[] {
  return results.filter(({ accepted }) => accepted === null);
}

/** How many results of each kind each group has; groups with most results first, then by name. */
export function countGroups(
  results: readonly Result[],
  groupOf: (result: Result) => string | null,
): [group: string, counts: ReadonlyMap<string, number>][] {
  const groups = new Map<string, Map<string, number>>();
  for (const result of results) {
    const group = groupOf(result);
    if (group === null) continue;
    const counts = groups.get(group) ?? new Map<string, number>();
    groups.set(group, counts.set(result.kind, (counts.get(result.kind) ?? 0) + 1));
  }
  return [...groups].sort(([a, x], [b, y]) => totalOf(y) - totalOf(x) || (a < b ? -1 : 1));
}

/** The sum of a group's counts. */
export function totalOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** What was looked at, in words: `1 module, 2 tables`. */
export function factsText({ facts }: Report): string {
  return facts
    .map(([name, value]) => `${value} ${value === 1 ? name.replace(/(?<=alias)es$|s$/, '') : name}`)
    .join(', ');
}

/** Where a result is, as compilers write it: `file:line`; null without a file. */
export function placeOf({ file, line }: Pick<Result, 'file' | 'line'>): string | null {
  return file === null ? null : `${file}${line === null ? '' : `:${line}`}`;
}

/** What a result is about: its module and pattern, as far as there are. */
export function subjectOf({ module, pattern }: Pick<Result, 'module' | 'pattern'>): string {
  return [module, pattern].filter((part) => part !== null).join(': ');
}
