import type { Device, KernelState } from '../../driver-core/index.ts';
import type { Program } from '../script/program.ts';
import type { Breach } from './judge.ts';
import type { Kernels } from './kernels.ts';
import type { PropertyId } from './properties.ts';
import { joined, type Replay, replayTo } from './replay.ts';
import type { Bound } from './search.ts';
import { stuckWorlds } from './stuck.ts';
import { type TraceStep, traceTo } from './trace.ts';
import { runUndisturbed, type Undisturbed } from './undisturbed.ts';

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

/** What a world breaks, with how the search came there. */
export function violationOf(
  { property, device, message }: Breach,
  kernel: string,
  trace: readonly TraceStep[],
  replay: Replay | null,
): Violation {
  const name = device === null ? null : device.slice(device.indexOf(' ') + 1);
  return { property, kernel, device: name, message, trace, replay };
}

/** Where a program may do things to the kernel without an end. */
export const ENDLESS: Bound = { place: null, text: 'the program may go on and on, with no end in sight' };

/** Where more is not known than is told apart. */
export const MANY_QUESTIONS: Bound = {
  place: null,
  text: 'the program asks for more that is not known than is told apart',
};

/** That a search was not gone through whole: it came to so many states. */
export function boundsOf(truncated: boolean, explored: number): Bound[] {
  return truncated
    ? [{ place: null, text: `only the first ${explored} states were explored; --most-states raises that` }]
    : [];
}

/** A program that fails on its own or does not end, and a second run after the first that changes something. */
export function judgeAlone(
  kernels: Kernels,
  programs: readonly Program[],
  alone: Undisturbed,
  release: string,
  { mostStates, replays }: { readonly mostStates: number; readonly replays?: boolean | undefined },
): { readonly violations: readonly Violation[]; readonly bounds: readonly Bound[] } {
  const { ends, search, looks } = alone;
  const violations: Violation[] = [];
  const bounds: Bound[] = [];
  // Where it ends well, too, it fails only on another machine than it is for.
  const isMeant = ({ index, failed }: (typeof ends)[number]) =>
    failed && (ends.every((end) => end.failed) || !traceTo(search, index, looks).some(({ isChoice }) => isChoice));
  const failure = ends.find(isMeant)?.index;
  const { waiting, restless } = stuckWorlds(search);
  const [at, message] =
    failure === undefined
      ? [waiting[0], 'the program does not end although nothing disturbs it']
      : [failure, 'the program fails although nothing disturbs it'];
  if (at !== undefined) {
    const replay = replays ? replayTo(search, at) : null;
    const breach = { property: 'succeeds', device: null, message } as const;
    violations.push(violationOf(breach, release, traceTo(search, at, looks), replay));
  }
  if (restless) bounds.push(ENDLESS);
  const answers = alone.answers.deciding(ends);
  const done = new Set<string>();
  for (const end of ends.filter(({ failed }) => !failed)) {
    const given = answers.told(end.answers);
    if (done.has(`${end.kernel} ${given}`)) continue;
    done.add(`${end.kernel} ${given}`);
    const again = runUndisturbed(kernels, programs, [end.kernel], mostStates, answers);
    bounds.push(...again.bounds, ...boundsOf(again.truncated, Math.min(again.search.worlds.size, mostStates)));
    const before = kernels.states[end.kernel]!;
    // What is not known may be otherwise the second time, which is no fault of the program.
    const changed = again.ends.find(
      (one) =>
        one.kernel !== end.kernel &&
        answers.agree(given, one.answers) &&
        !lookAlike(before, kernels.states[one.kernel]!),
    );
    if (!changed) continue;
    const trace = [...traceTo(search, end.index, looks), ...traceTo(again.search, changed.index, looks)];
    const message = 'a second run after the first leaves the machine in another state than the first did';
    const replay = replays ? joined(replayTo(search, end.index), replayTo(again.search, changed.index)) : null;
    violations.push(violationOf({ property: 'rerun-changes-nothing', device: null, message }, release, trace, replay));
    break;
  }
  return { violations, bounds };
}

/** Whether the same can be seen of two states. */
function lookAlike(one: KernelState, other: KernelState): boolean {
  return seen(one, new Set(other.devices)) === seen(other, new Set(one.devices));
}

/** What can be seen of a machine, as text, but for devices that are as they are in another state. */
function seen({ devices, drivers, buses }: KernelState, same: ReadonlySet<Device>): string {
  return JSON.stringify([
    devices
      .filter((device) => !same.has(device))
      .map(({ bus, name, present, driver, override }) => [bus, name, present, driver, override])
      .sort(),
    drivers.map(({ bus, name, dynids }) => [bus, name, dynids.map((id) => Object.values(id).join(' '))]).sort(),
    buses,
  ]);
}
