import { fnmatch } from '../../pattern/fnmatch.ts';
import { normalizeAlias } from '../../pattern/normalize.ts';
import type { Change, ChangeClass } from './change.ts';
import type { Difference } from './diff.ts';

/** Which changes to keep; what is left out keeps all. */
export interface Selection {
  readonly classes?: ReadonlySet<ChangeClass> | undefined;
  readonly buses?: ReadonlySet<string> | undefined;
  /** Names of modules, of either side. */
  readonly modules?: ReadonlySet<string> | undefined;
  /** Modaliases of devices: only changes whose pattern matches one of them. */
  readonly devices?: readonly string[] | undefined;
}

/**
 * The part of a difference that is asked for. Renames, and modules gone and new, stay unless modules, buses or devices
 * are chosen.
 */
export function select(difference: Difference, selection: Selection): Difference {
  const { classes, buses, modules, devices } = selection;
  const keys = devices?.flatMap((modalias) => normalizeAlias(modalias) ?? []);
  const concerns = ({ old, new: now, modules: own }: Change) =>
    [...old, ...now, ...own].some((module) => modules!.has(module));
  const isChosen = (change: Change) =>
    (!classes || classes.has(change.class)) &&
    (!buses || (change.bus !== null && buses.has(change.bus))) &&
    (!modules || concerns(change)) &&
    (!keys || keys.some((key) => fnmatch(change.pattern, key)));
  const whole = !buses && !devices;
  const named = (names: readonly string[]) => names.filter((name) => whole && (!modules || modules.has(name)));
  return {
    renamed: difference.renamed.filter(
      ({ from, to }) => whole && (!modules || [...from, ...to].some((name) => modules.has(name))),
    ),
    changes: difference.changes.filter(isChosen),
    modules: { gone: named(difference.modules.gone), new: named(difference.modules.new) },
    other: difference.other.filter(isChosen),
    undecided: difference.undecided.filter(
      ({ pattern, module }) =>
        (!modules || modules.has(module)) && (!keys || keys.some((key) => fnmatch(pattern, key))),
    ),
  };
}

/** How many changes there are of each class, and of each class on each bus; only what there is. */
export interface DiffSummary {
  readonly classes: Readonly<Partial<Record<ChangeClass, number>>>;
  readonly buses: Readonly<Record<string, Readonly<Partial<Record<ChangeClass, number>>>>>;
  /** The same for aliases that name no device. */
  readonly other: Readonly<Partial<Record<ChangeClass, number>>>;
}

export function summarize({ changes, other }: Difference): DiffSummary {
  const buses: Record<string, Partial<Record<ChangeClass, number>>> = {};
  for (const bus of [...new Set(changes.map((change) => change.bus!))].sort())
    buses[bus] = countClasses(changes.filter((change) => change.bus === bus));
  return { classes: countClasses(changes), buses, other: countClasses(other) };
}

function countClasses(changes: readonly Change[]): Partial<Record<ChangeClass, number>> {
  const counts: Partial<Record<ChangeClass, number>> = {};
  for (const { class: name } of changes) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
