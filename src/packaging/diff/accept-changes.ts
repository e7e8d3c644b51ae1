import { accept } from '../baseline/accept.ts';
import type { Baseline, BaselineEntry, BaselineMatch } from '../baseline/baseline.ts';
import { UNDECIDED, UNKNOWN, UNSERVED } from '../change-classes.ts';
import type { Finding } from '../finding.ts';
import type { Change, Undecided } from './change.ts';
import type { Difference } from './diff.ts';

/** What a baseline can accept of a difference. */
export type Acceptable = Change | Undecided;

/** What a change is known by in a baseline; what is undecided is of the class `undecided`. */
export function matchOfChange(item: Acceptable): BaselineMatch {
  if ('side' in item) return { class: UNDECIDED, pattern: item.pattern, module: item.module };
  const { class: name, bus, pattern, modules } = item;
  return { class: name, ...(bus === null ? {} : { bus }), pattern, module: modules.join(' ') };
}

/** A difference in two parts: what counts, and what a baseline accepts. */
export interface AcceptedDifference {
  readonly counted: Difference;
  /** Without renames and modules, which nobody needs to accept. */
  readonly accepted: Difference;
  readonly entries: ReadonlyMap<Acceptable, BaselineEntry>;
  /** What is wrong with the baseline itself. */
  readonly findings: readonly Finding[];
}

/** Holds a whole difference against a baseline, before a part of it is selected: what is left out would seem unused. */
export function acceptChanges(difference: Difference, baseline: Baseline, today: string): AcceptedDifference {
  const items: Acceptable[] = [...difference.changes, ...difference.other, ...difference.undecided];
  const concerns = (match: BaselineMatch) =>
    match.rule === undefined && match.class !== UNKNOWN && match.class !== UNSERVED;
  const { accepted, findings } = accept(items, baseline, { matchOf: matchOfChange, concerns, today });
  const part = (is: boolean) => ({
    changes: difference.changes.filter((change) => accepted.has(change) === is),
    other: difference.other.filter((change) => accepted.has(change) === is),
    undecided: difference.undecided.filter((one) => accepted.has(one) === is),
  });
  return {
    counted: { ...difference, ...part(false) },
    accepted: { renamed: [], modules: { gone: [], new: [] }, ...part(true) },
    entries: accepted,
    findings,
  };
}
