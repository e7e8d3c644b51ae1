import type { KernelState } from '../../driver-core/index.ts';
import { formatRelease } from '../../release.ts';
import type { Program, Unread } from '../script/program.ts';
import { actsUpon, type Disturbance } from './acts.ts';
import { type Aim, aimsOf } from './aims.ts';
import { type Breach, Judge } from './judge.ts';
import { Kernels } from './kernels.ts';
import { withOptions } from './options.ts';
import { type Orders, registrationOrders } from './orders.ts';
import { isEnded, statusOf } from './processes.ts';
import { devicesNamed, type PropertyId, type Stated } from './properties.ts';
import { joined, type Replay, replayTo } from './replay.ts';
import { type Bound, KERNEL, Search, SHADOW, SLOTS } from './search.ts';
import { type TraceStep, traceTo } from './trace.ts';
import { withTwins } from './twins.ts';
import { concernedWith, keyOf, runAlone, runUndisturbed, type Undisturbed } from './undisturbed.ts';

/** Most devices of the ids of those that the programs speak of that something happens to. */
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
  /** How many of the interleavings that end are given as samples. Default: none. */
  readonly samples?: number | undefined;
  /** Whether violations come with their replays. */
  readonly replays?: boolean | undefined;
}

/** A property that does not hold, with the shortest way there. */
export interface Violation {
  readonly property: PropertyId;
  /** The kernel's release. */
  readonly kernel: string;
  /** Name of the device, null where it is not about one. */
  readonly device: string | null;
  readonly message: string;
  readonly trace: readonly TraceStep[];
  /** The same way as the kernel meets it, where that was asked for. */
  readonly replay: Replay | null;
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
  /** Interleavings at whose end everything has ended, the shortest and the longest among them. */
  readonly samples: readonly Replay[];
}

/**
 * Explores every interleaving of the programs with what may act meanwhile, on a machine, in every order of driver
 * registration that may matter, and says which properties do not hold. Pure.
 */
export function check(programs: readonly Program[], bare: KernelState, options: CheckOptions): CheckResult {
  const machine = withOptions(bare, programs);
  const kernels = new Kernels();
  const { mostStates, stated, samples = 0, replays = false } = options;
  const alone = runAlone(kernels, programs, machine, mostStates);
  const targets = new Set([
    ...alone.named,
    ...stated.flatMap((one) => (one.kind === 'ends' ? devicesNamed(machine, [], one.device) : [])),
  ]);
  const aimed = machine.devices.filter((device) => targets.has(keyOf(device)));
  const { state: start, twins } = withTwins(machine, options.while.has('hotplug') ? aimed : []);
  const near = concernedWith(start, targets);
  const alike = near.filter((device) => !targets.has(keyOf(device)));
  const left = new Set(alike.slice(MOST_ALIKE));
  const concerned = near.filter((device) => !left.has(device));
  const orders = registrationOrders(start, concerned);
  const search = new Search({
    kernels,
    programs,
    starts: orders.states.map((one) => kernels.intern(one)),
    acts: actsUpon(start, concerned, twins, options.while),
    secondRun: options.while.has('second-run'),
    kill: options.while.has('kill'),
    once: options.once === true,
    mostStates,
  });
  const ends = alone.ends.filter(({ failed }) => !failed).map(({ kernel }) => kernels.states[kernel]!);
  const judge = new Judge({
    kernels,
    start,
    stated,
    targets,
    twins: twins.map(keyOf),
    ends,
  });
  const release = formatRelease(machine.release);
  const violations = stated.length > 0 ? [] : undisturbedViolations(kernels, programs, alone, release, options);
  const found = new Set<string>();
  const over: number[] = [];
  const note = (breaches: readonly Breach[], index: number) => {
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
      note(judge.atEnd(kernel, shadow, hasFailed(row)), index);
      if (samples > 0) over.push(index);
    }
    return false;
  });
  const bounds = [
    ...search.bounds.values(),
    ...alone.bounds,
    ...boundsOf(search.truncated || alone.truncated, mostStates),
    ...boundsOfOrders(orders),
    ...boundsOfAlike(alike.length),
  ];
  const unread = programs.flatMap((program) => program.unread);
  return {
    kernel: release,
    verdict: verdictOf(violations, bounds.length + unread.length === 0),
    violations,
    bounds: bounds.filter(
      (one, i) => bounds.findIndex(({ text, place }) => text === one.text && place?.line === one.place?.line) === i,
    ),
    unread,
    targets: aimed.map(({ name }) => name),
    aims: aimsOf(start, aimed, ends, stated),
    states: search.worlds.size,
    samples: spread(over, samples).map((index) => replayTo(search, index)),
  };
}

/** So many of a list, as far apart as can be, with the first and the last. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (count >= list.length) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.round((i * (list.length - 1)) / Math.max(count - 1, 1))]!);
}

/** Unsafe where a violation does not depend on rules that were only read in the kernel's source. */
function verdictOf(violations: readonly Violation[], certain: boolean): CheckResult['verdict'] {
  if (violations.some(({ trace }) => !trace.some(({ fromSource }) => fromSource))) return 'unsafe';
  return violations.length === 0 && certain ? 'safe' : 'unknown';
}

function hasFailed(row: Int32Array): boolean {
  for (let i = SLOTS; i < row.length; i++) if (isEnded(row[i]!) && statusOf(row[i]!) !== 0) return true;
  return false;
}

function violationOf(
  { property, device, message }: Breach,
  kernel: string,
  trace: readonly TraceStep[],
  replay: Replay | null,
): Violation {
  const name = device === null ? null : device.slice(device.indexOf(' ') + 1);
  return { property, kernel, device: name, message, trace, replay };
}

function boundsOf(truncated: boolean, mostStates: number): Bound[] {
  return truncated
    ? [{ place: null, text: `only the first ${mostStates} states were explored; --most-states raises that` }]
    : [];
}

function boundsOfAlike(count: number): Bound[] {
  if (count <= MOST_ALIKE) return [];
  const text = `of ${count} other devices with the same ids only ${MOST_ALIKE} were disturbed`;
  return [{ place: null, text }];
}

function boundsOfOrders({ varied, left }: Orders): Bound[] {
  if (left.length === 0) return [];
  const text = `of the orders in which drivers may have been registered only those of ${varied.join(', ')} were tried, not where ${left.join(', ')} ${left.length === 1 ? 'stands' : 'stand'}`;
  return [{ place: null, text }];
}

/** A program that fails on its own, and a second run after the first that changes something. */
function undisturbedViolations(
  kernels: Kernels,
  programs: readonly Program[],
  { ends, search, looks }: Undisturbed,
  release: string,
  { mostStates, replays }: CheckOptions,
): Violation[] {
  const violations: Violation[] = [];
  const failure = ends.find(({ failed }) => failed);
  if (failure) {
    const message = 'the program fails although nothing disturbs it';
    const trace = traceTo(search, failure.index, looks);
    const replay = replays ? replayTo(search, failure.index) : null;
    violations.push(violationOf({ property: 'succeeds', device: null, message }, release, trace, replay));
  }
  for (const end of ends.filter(({ failed }) => !failed)) {
    const again = runUndisturbed(kernels, programs, [end.kernel], mostStates);
    const changed = again.ends.find(
      ({ kernel }) => seen(kernels.states[kernel]!) !== seen(kernels.states[end.kernel]!),
    );
    if (!changed) continue;
    const trace = [...traceTo(search, end.index, looks), ...traceTo(again.search, changed.index, looks)];
    const message = 'a second run after the first leaves the machine in another state than the first did';
    const replay = replays ? joined(replayTo(search, end.index), replayTo(again.search, changed.index)) : null;
    violations.push(violationOf({ property: 'rerun-changes-nothing', device: null, message }, release, trace, replay));
    break;
  }
  return violations;
}

/** What can be seen of a machine, as text. */
function seen({ devices, drivers, buses }: KernelState): string {
  return JSON.stringify([
    devices.map(({ bus, name, present, driver, override }) => [bus, name, present, driver, override]).sort(),
    drivers.map(({ bus, name, dynids }) => [bus, name, dynids.map((id) => Object.values(id).join(' '))]).sort(),
    buses,
  ]);
}
