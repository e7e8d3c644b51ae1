import type { Diagnostic } from '../../errors.ts';
import type { KnownDevice } from '../../inventory/known-device.ts';
import { didYouMean } from '../../nearest.ts';
import { busOf } from '../bus-of.ts';
import type { ChangeClass } from '../change-classes.ts';
import type { Change } from './change.ts';
import { concerning, matchOf } from './concern.ts';
import type { Difference } from './diff.ts';
import { comparable, type DiffSide } from './side.ts';

/** Which changes to keep; what is left out keeps all. */
export interface Selection {
  readonly classes?: ReadonlySet<ChangeClass> | undefined;
  readonly buses?: ReadonlySet<string> | undefined;
  /** Names of modules, of either side. */
  readonly modules?: ReadonlySet<string> | undefined;
  /** Only changes that concern one of these, or may do so. */
  readonly devices?: readonly KnownDevice[] | undefined;
}

/**
 * The part of a difference that is asked for. Renames, and modules gone and new, stay unless modules, buses or devices
 * are chosen.
 */
export function select(
  difference: Difference,
  selection: Selection,
  [old, now]: readonly [DiffSide, DiffSide],
): Difference {
  const { classes, buses, modules, devices } = selection;
  const concerns = ({ old: before, new: after, modules: own }: Change) =>
    [...before, ...after, ...own].some((module) => modules!.has(module));
  const isChosen = (change: Change) =>
    (!classes || classes.has(change.class)) &&
    (!buses || (change.bus !== null && buses.has(change.bus))) &&
    (!modules || concerns(change));
  const sides = comparable(old, now);
  const chosen = (changes: readonly Change[]) => {
    const some = changes.filter(isChosen);
    return devices ? concerning(some, devices, sides, difference.renamed) : some;
  };
  const whole = !buses && !devices;
  const named = (names: readonly string[]) => names.filter((name) => whole && (!modules || modules.has(name)));
  return {
    renamed: difference.renamed.filter(
      ({ from, to }) => whole && (!modules || [...from, ...to].some((name) => modules.has(name))),
    ),
    changes: chosen(difference.changes),
    modules: { gone: named(difference.modules.gone), new: named(difference.modules.new) },
    other: chosen(difference.other),
    undecided: difference.undecided.filter(
      ({ pattern, module }) =>
        (!modules || modules.has(module)) && (!devices || devices.some((one) => matchOf(pattern, one) !== 'no')),
    ),
  };
}

/**
 * Warns of buses and modules that were chosen and that neither side has: a misspelt name selects nothing, which reads
 * like no difference.
 */
export function warnOfStrangers({ buses, modules }: Selection, sides: readonly DiffSide[]): Diagnostic[] {
  if (!buses && !modules) return [];
  const knownBuses = new Set<string>();
  const knownModules = new Set<string>();
  for (const { loadable, builtin, names = [], builtinNames = [] } of sides) {
    for (const name of [...names, ...builtinNames]) knownModules.add(name);
    for (const source of [loadable, builtin])
      for (const { pattern, module } of source?.patterns?.() ?? []) {
        knownModules.add(module);
        const bus = busOf(pattern);
        if (bus !== null) knownBuses.add(bus);
      }
  }
  const strangers = (option: string, chosen: ReadonlySet<string> | undefined, known: ReadonlySet<string>) =>
    [...(chosen ?? [])]
      .filter((name) => !known.has(name))
      .map((name): Diagnostic => {
        const message = `${option} ${name}: neither side has aliases of it${didYouMean(name, [...known])}`;
        return { code: 'selects-nothing', severity: 'warning', message };
      });
  return [...strangers('--bus', buses, knownBuses), ...strangers('--module', modules, knownModules)];
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
