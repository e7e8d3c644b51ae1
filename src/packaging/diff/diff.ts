import { busOf } from '../bus-of.ts';
import { type ChangeClass, CLASSES } from '../change-classes.ts';
import type { Change, Undecided } from './change.ts';
import { GAIN_OF, judge, type Loss } from './classify.ts';
import { orderShifts } from './order.ts';
import { packageShifts } from './package-shifts.ts';
import { packagesOf } from './packages.ts';
import type { Pair } from './pair.ts';
import { type Direction, PairCase } from './pair-case.ts';
import { findRenames, type Renamed } from './renames.ts';
import { type Shift, sourceShift } from './shifts.ts';
import { comparable, type DiffSide } from './side.ts';
import { type View, viewsOf } from './view.ts';

/** What differs between two kernels. */
export interface Difference {
  readonly renamed: readonly Renamed[];
  /** Worst class first, then by bus and pattern. */
  readonly changes: readonly Change[];
  /** Modules that are gone or new and not renamed. */
  readonly modules: { readonly gone: readonly string[]; readonly new: readonly string[] };
  /** Changes of aliases that name no device. */
  readonly other: readonly Change[];
  readonly undecided: readonly Undecided[];
}

/** What the changes are made with, from OLD to NEW. */
interface Comparison {
  readonly old: View;
  readonly new: View;
  readonly changes: Change[];
  readonly undecided: Undecided[];
}

/**
 * Compares what two kernels answer for devices, by what their patterns match. What only one side tells (built-in code,
 * modules without aliases) is left out.
 */
export function diffSides(oldSide: DiffSide, newSide: DiffSide): Difference {
  const [before, after] = comparable(oldSide, newSide);
  const { renamed, gone, new: added, canonical } = findRenames(before, after);
  const [old, now] = viewsOf(before, after, canonical);
  const comparison: Comparison = { old, new: now, changes: [], undecided: [] };
  const told = losses(comparison);
  gains(comparison, told);
  for (const shift of orderShifts(old, now)) comparison.changes.push(changeOfShift(shift, comparison));
  for (const shift of packageShifts([old, now], [before, after], (pair) => told.has(pair)))
    comparison.changes.push(changeOfShift(shift, comparison));
  const changes = worstFirst(merged(comparison.changes)).map((change) => ({
    ...change,
    package: packagesOf(change, [before, after]),
  }));
  return {
    renamed,
    changes: changes.filter(({ bus }) => bus !== null),
    modules: { gone, new: added },
    other: changes.filter(({ bus }) => bus === null),
    undecided: comparison.undecided,
  };
}

/** From OLD to NEW; returns the pairs of which a loss is reported. */
function losses(comparison: Comparison): ReadonlySet<Pair> {
  const direction: Direction = { from: comparison.old, to: comparison.new };
  const told = new Set<Pair>();
  for (const pair of direction.from.pairs) {
    if (pair.twin?.builtin === pair.builtin) continue;
    const pairCase = new PairCase(pair, direction);
    const verdict = judge(pairCase, (taker) => !taker.twin);
    if (verdict === 'undecided') comparison.undecided.push(undecided('old', pair));
    else if (verdict === 'kept') {
      const shift = sourceShift(pairCase);
      if (shift) comparison.changes.push(changeOfShift(shift, comparison));
    } else {
      told.add(pair);
      const { fate, partly } = verdict;
      const kind = partly ? ({ class: 'narrowed', becomes: fate } as const) : { class: fate };
      comparison.changes.push(changeOf(kind, pair, verdict, comparison));
    }
  }
  return told;
}

/** From NEW to OLD. A pair that took over what was reported as moved is not reported again. */
function gains(comparison: Comparison, told: ReadonlySet<Pair>): void {
  const direction: Direction = { from: comparison.new, to: comparison.old };
  for (const pair of direction.from.pairs) {
    if (pair.twin) continue;
    const verdict = judge(new PairCase(pair, direction), (taker) => told.has(taker));
    if (verdict === 'undecided') comparison.undecided.push(undecided('new', pair));
    if (typeof verdict === 'string') continue;
    const { fate, partly } = verdict;
    const gain = GAIN_OF[fate === 'override-only' ? 'lost' : fate];
    if (gain === undefined) continue;
    const kind = partly ? ({ class: 'widened', becomes: gain } as const) : { class: gain };
    comparison.changes.push(changeOf(kind, pair, verdict, comparison));
  }
}

const undecided = (side: 'old' | 'new', { pattern, name }: Pair): Undecided => ({ side, pattern, module: name });

function changeOf(kind: Pick<Change, 'class' | 'becomes'>, pair: Pair, { key, by }: Loss, views: Comparison): Change {
  return { ...kind, ...shown(pair, key.text, views), by };
}

function changeOfShift(shift: Shift, views: Comparison): Change {
  return { class: shift.class, ...shown(shift.pair, shift.example, views), by: [] };
}

function shown({ pattern, name }: Pair, example: string, views: Comparison): Omit<Change, 'class' | 'by'> {
  const [old, now] = [views.old.answer(example), views.new.answer(example)];
  const untold = { package: { old: null, new: null }, rows: [] };
  return { bus: busOf(pattern), pattern, example, old, new: now, modules: [name], ...untold };
}

/** Changes of one class and pattern whose example shows all of them become one, with all their modules. */
function merged(changes: readonly Change[]): Change[] {
  const kept: Change[] = [];
  const places = new Map<string, number>();
  for (const change of changes) {
    const name = [change.class, change.becomes, change.pattern].join(' ');
    const place = places.get(name);
    const [module] = change.modules;
    const first = place === undefined ? undefined : kept[place];
    if (first && (first.old.includes(module!) || first.new.includes(module!))) {
      kept[place!] = { ...first, modules: [...first.modules, module!].sort() };
    } else places.set(name, kept.push(change) - 1);
  }
  return kept;
}

const rank = new Map<ChangeClass, number>(CLASSES.map((name, i) => [name, i]));

function worstFirst(changes: readonly Change[]): Change[] {
  const texts = new Map(changes.map((c) => [c, [c.bus ?? '', c.modules[0]!, c.pattern].join(' ')]));
  const order = (a: Change, b: Change) => rank.get(a.class)! - rank.get(b.class)!;
  return [...changes].sort((a, b) => order(a, b) || (texts.get(a)! < texts.get(b)! ? -1 : 1));
}
