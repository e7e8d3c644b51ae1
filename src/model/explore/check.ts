import type { KernelState } from '../../driver-core/index.ts';
import { listedDevice } from '../../driver-core/lookup.ts';
import { formatRelease } from '../../release.ts';
import type { Program, Unread } from '../script/program.ts';
import { withOptions } from '../script/with-options.ts';
import { actsUpon, type Disturbance } from './acts.ts';
import { type Aim, aimsOf } from './aims.ts';
import { isForced } from './choices/forced.ts';
import { type Breach, Judge } from './judge.ts';
import { Kernels } from './kernels.ts';
import { type Orders, registrationOrders } from './orders.ts';
import { rowOf } from './passages.ts';
import { answersOf, isEnded, statusOf } from './processes.ts';
import { devicesNamed, needKnownDrivers, type Stated, TWIN } from './properties.ts';
import { type Replay, replayTo } from './replay.ts';
import { type Bound, KERNEL, Search, SHADOW, SLOTS } from './search.ts';
import { stuckWorlds } from './stuck.ts';
import { isCertain, traceTo } from './trace.ts';
import { withTwins } from './twins.ts';
import { concernedWith, keyOf, runAlone } from './undisturbed.ts';
import { boundsOf, ENDLESS, MANY_QUESTIONS, judgeAlone, type Violation, violationOf } from './violations.ts';
import type { Work } from './work.ts';

/** Most devices that something happens to, of those that the programs speak of and of others with the same ids. */
const MOST_ALIKE = 64;

/** What is checked, and how far. */
export interface CheckOptions {
  /** What may act between any two steps. */
  readonly while: ReadonlySet<Disturbance>;
  /** Properties to check instead of the usual ones. */
  readonly stated: readonly Stated[];
  /** Whether each act happens at most once. Default: as often as it likes. */
  readonly once?: boolean | undefined;
  readonly mostStates: number;
  /** What may still be done, by this check and others. Default: as much as it takes. */
  readonly work?: Work | undefined;
  /** How many of the interleavings that end are given as samples. Default: none. */
  readonly samples?: number | undefined;
  /** Whether violations come with their replays. */
  readonly replays?: boolean | undefined;
}

/** What came of checking programs on one machine with one kernel. */
export interface CheckResult {
  readonly kernel: string;
  readonly verdict: 'safe' | 'unsafe' | 'unknown';
  readonly violations: readonly Violation[];
  /** Why the verdict is not certain. */
  readonly bounds: readonly Bound[];
  readonly unread: readonly Unread[];
  /** The devices that the programs speak of. */
  readonly targets: readonly string[];
  /** Where the programs bring them if nothing disturbs them. */
  readonly aims: readonly Aim[];
  readonly states: number;
  /** Not all that can happen was explored. */
  readonly truncated: boolean;
  /** Interleavings at whose end everything has ended, the shortest and the longest among them. */
  readonly samples: readonly Replay[];
}

/**
 * Explores every interleaving of the programs with what may act meanwhile, on a machine, in every order of driver
 * registration that may matter, and says which properties do not hold. Pure.
 */
export function check(programs: readonly Program[], bare: KernelState, options: CheckOptions): CheckResult {
  const machine = withOptions(bare, programs);
  needKnownDrivers(machine, options.stated);
  const kernels = new Kernels(options.work);
  const { mostStates, stated, samples = 0, replays = false } = options;
  const alone = runAlone(kernels, programs, machine, mostStates);
  const spoken = stated.filter(({ device }) => device !== TWIN);
  const devicesOf = (some: readonly Stated[]) => some.flatMap(({ device }) => devicesNamed(machine, [], device));
  const targets = new Set([...alone.named, ...devicesOf(spoken.filter(({ kind }) => kind === 'ends'))]);
  const aimed = machine.devices.filter((device) => targets.has(keyOf(device)));
  const asked = new Set([...targets, ...devicesOf(spoken)]);
  const given = machine.devices.filter((device) => alone.given.has(keyOf(device)) && !targets.has(keyOf(device)));
  const few = aimed.slice(0, MOST_ALIKE);
  const hot = [...few, ...given.slice(0, MOST_ALIKE)];
  const { state: start, twins } = withTwins(machine, options.while.has('hotplug') ? hot : []);
  const near = concernedWith(start, new Set([...asked, ...alone.given]));
  const alike = near.filter((device) => !asked.has(keyOf(device)));
  const left = new Set([...alike.slice(MOST_ALIKE), ...aimed.slice(MOST_ALIKE)]);
  const concerned = near.filter((device) => !left.has(device));
  const orders = registrationOrders(start, concerned);
  const well = alone.ends.filter(({ failed }) => !failed);
  const ends = well.map(({ kernel }) => kernels.states[kernel]!);
  const answers = alone.answers.deciding(well);
  const later = ends.flatMap((end) => concerned.flatMap(({ bus, name }) => listedDevice(end, bus, name) ?? []));
  const search = new Search({
    kernels,
    programs,
    starts: orders.states.map((one) => kernels.intern(one)),
    acts: actsUpon(start, concerned, twins, options.while, later),
    secondRun: options.while.has('second-run'),
    kill: options.while.has('kill'),
    once: options.once === true,
    mostStates,
    answers,
  });
  const judge = new Judge({
    kernels,
    start,
    stated,
    targets,
    twins: twins.map(keyOf),
    ends,
    answered: { answers, ends: well.map((end) => answers.told(end.answers)) },
    removes: alone.removes,
  });
  const release = formatRelease(machine.release);
  const onItsOwn = stated.length > 0 ? null : judgeAlone(kernels, programs, alone, release, options);
  const violations = [...(onItsOwn?.violations ?? [])];
  const found = new Set<string>();
  const over: number[] = [];
  const broken: number[] = [];
  const note = (breaches: readonly Breach[], index: number) => {
    if (breaches.length > 0) broken.push(index);
    for (const breach of breaches) {
      const key = `${breach.property} ${breach.device ?? breach.message}`;
      if (found.has(key)) continue;
      found.add(key);
      violations.push(
        violationOf(breach, release, traceTo(search, index, alone.looks), replays ? replayTo(search, index) : null),
      );
    }
  };
  search.run((index, row) => {
    const [kernel, shadow] = [row[KERNEL]!, row[SHADOW]!];
    note(judge.always(kernel, shadow), index);
    if (search.isOver(row)) {
      note(judge.atEnd(kernel, shadow, hasFailed(row) ? 'failure' : 'success', answersIn(row)), index);
      if (samples > 0) over.push(index);
    }
    return false;
  });
  const stuck = stuckWorlds(search);
  for (const index of stuck.waiting) {
    const row = rowOf(search, index);
    note(judge.atEnd(row[KERNEL]!, row[SHADOW]!, 'endless'), index);
  }
  const truncated = search.truncated || alone.truncated;
  const explored = Math.min(Math.max(search.worlds.size, alone.search.worlds.size), mostStates);
  const bounds = [
    ...search.bounds.values(),
    ...alone.bounds,
    ...(onItsOwn?.bounds ?? []),
    ...(stuck.restless ? [ENDLESS] : []),
    ...(alone.answers.isCut ? [MANY_QUESTIONS] : []),
    ...boundsOf(truncated, explored),
    ...boundsOfOrders(orders),
    ...boundsOfMany(aimed.length, 'devices that the programs name'),
    ...boundsOfMany(alike.length, 'other devices with the same ids'),
  ];
  const unread = programs.flatMap((program) => program.unread);
  const told = eachOnce(violations);
  const isForcedToo = () =>
    told.some(({ trace }) => trace.some(({ isChoice }) => isChoice)) && isForced(search, broken);
  const verdict = verdictOf(told, bounds.length + unread.length === 0, isForcedToo);
  if (verdict === 'unknown') bounds.push(...boundsOfChoices(told));
  return {
    kernel: release,
    verdict,
    violations: told,
    bounds: bounds.filter(
      (one, i) => bounds.findIndex(({ text, place }) => text === one.text && place?.line === one.place?.line) === i,
    ),
    unread,
    targets: aimed.map(({ name }) => name),
    aims: few.length < aimed.length ? [] : aimsOf(start, aimed, ends, spoken),
    states: search.worlds.size,
    truncated,
    samples: spread(over, samples).map((index) => replayTo(search, index)),
  };
}

/** A device that is left without a driver is reported once, although success is not true then either. */
function eachOnce(violations: readonly Violation[]): readonly Violation[] {
  const without = violations.flatMap(({ property, device }) => (property === 'keeps-a-driver' ? device : []));
  const isTwice = ({ property, device, message }: Violation) =>
    property === 'success-is-true' && without.includes(device!) && / is on no driver, /.test(message);
  return violations.filter((one) => !isTwice(one));
}

/** So many of a list, as far apart as can be, with the first and the last. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (count >= list.length) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.round((i * (list.length - 1)) / Math.max(count - 1, 1))]!);
}

/**
 * Unsafe where a violation depends neither on rules that were only read in the kernel's source nor on something that is
 * not understood or not modelled, or where there is one whatever holds of what is not known.
 */
function verdictOf(
  violations: readonly Violation[],
  certain: boolean,
  isForcedToo: () => boolean,
): CheckResult['verdict'] {
  if (violations.some(({ trace }) => trace.every(isCertain)) || isForcedToo()) return 'unsafe';
  return violations.length === 0 && certain ? 'safe' : 'unknown';
}

/** What violations depend on that is not known. */
function boundsOfChoices(violations: readonly Violation[]): Bound[] {
  const steps = violations.flatMap(({ trace }) => trace.filter(({ isChoice }) => isChoice));
  return steps.map(({ file, line, event }) => ({ place: { file: file!, line: line! }, text: `not known: ${event}` }));
}

/** What the runs of each program were answered that have ended. */
function answersIn(row: Int32Array): number[][] {
  const programs = (row.length - SLOTS) / 2;
  return Array.from({ length: programs }, (_, i) =>
    [row[SLOTS + i]!, row[SLOTS + programs + i]!].filter(isEnded).map(answersOf),
  ).filter((runs) => runs.length > 0);
}

function hasFailed(row: Int32Array): boolean {
  for (let i = SLOTS; i < row.length; i++) if (isEnded(row[i]!) && statusOf(row[i]!) !== 0) return true;
  return false;
}

function boundsOfMany(count: number, what: string): Bound[] {
  if (count <= MOST_ALIKE) return [];
  const text = `of ${count} ${what} only ${MOST_ALIKE} were disturbed`;
  return [{ place: null, text }];
}

function boundsOfOrders({ varied, left }: Orders): Bound[] {
  if (left.length === 0) return [];
  const text = `of the orders in which drivers may have been registered only those of ${varied.join(', ')} were tried, not where ${left.join(', ')} ${left.length === 1 ? 'stands' : 'stand'}`;
  return [{ place: null, text }];
}
