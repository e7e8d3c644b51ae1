import { type KernelState, type Result, resultWord, step, type TraceEntry } from '../../driver-core/index.ts';
import { listedDevice } from '../../driver-core/lookup.ts';
import { eventText } from '../script/event-text.ts';
import { decisive } from './looks.ts';
import { type Passage, passagesTo } from './passages.ts';
import { KERNEL, type Search, SLOTS } from './search.ts';
import { driverOf, keyOf } from './undisturbed.ts';

/** One step of a trace. */
export interface TraceStep {
  /** A program, its second run or its rerun, or who else acts. */
  readonly who: string;
  readonly file: string | null;
  /** Number of the line in the file, the first is 1. */
  readonly line: number | null;
  /** What is done, as a person would type it. */
  readonly event: string;
  /** The write or the call itself, as one would type it in a shell; null where it is none. */
  readonly act: string | null;
  /** `ok`, an errno, `blocks`, `unknown`. */
  readonly result: string;
  /** The kernel's rule that decided, as `file:function`, and what it says. */
  readonly rule: string | null;
  readonly why: string | null;
  /** The rule was read in the kernel's source and not compared with a running kernel. */
  readonly fromSource?: boolean;
  /** What is not known was answered in one way, and may be otherwise. */
  readonly isChoice?: boolean;
  /** The devices that the step moved, each with the driver it has now. */
  readonly devices: Readonly<Record<string, string | null>>;
  /** Of these, the ones that are not there any more. */
  readonly gone?: readonly string[];
}

/** How the search came to a world: every step from the start, without looks that decide nothing (`decisive`). */
export function traceTo(search: Search, index: number, usualLooks: ReadonlySet<string>): TraceStep[] {
  const killed = new Set<number>();
  return decisive(search, passagesTo(search, index), usualLooks).map((passage) => {
    if (passage.doing.kind === 'kill') killed.add(passage.doing.program);
    return stepOf(search, passage, killed);
  });
}

/** A step depends neither on rules that were only read in the kernel's source nor on what is not known. */
export function isCertain({ fromSource, result }: TraceStep): boolean {
  return !fromSource && result !== 'unknown';
}

/** A passage as a step of a trace, in which these programs were killed before. */
export function stepOf(
  search: Search,
  { before, after, doing }: Passage,
  killed: ReadonlySet<number> = new Set(),
): TraceStep {
  const { kernels, programs } = search.setup;
  const states = [kernels.states[before[KERNEL]!]!, kernels.states[after[KERNEL]!]!] as const;
  const devices = movedDevices(...states);
  const gone = goneDevices(...states);
  const none = { file: null, line: null, act: null, rule: null, why: null, result: 'ok', devices, gone };
  if (doing.kind === 'kill') {
    const closed = search.processes.closing(before[SLOTS + doing.program]!, before[KERNEL]!);
    const rule = closed.length > 0 ? lastRule(states[0], states[1], closed) : {};
    return {
      ...none,
      ...rule,
      who: 'SIGKILL',
      event: `${programs[doing.program]!.name} is killed, and started again`,
    };
  }
  if (doing.kind === 'start')
    return { ...none, who: 'another process', event: `${programs[doing.program]!.name} is started a second time` };
  if (doing.kind === 'act') {
    const { who, text, events } = doing.act;
    return { ...none, ...lastRule(states[0], states[1], events), who, event: text };
  }
  const program = doing.slot % programs.length;
  const { name } = programs[program]!;
  const who = doing.slot >= programs.length ? `${name} (second run)` : killed.has(program) ? `${name} (rerun)` : name;
  const move = search.processes.next(before[SLOTS + doing.slot]!, before[KERNEL]!);
  if (!('step' in move)) return { ...none, who, event: 'goes on: the call that waited returns' };
  const place = { who, file: move.step.place.file, line: move.step.place.line, event: move.step.text };
  if (move.kind === 'unread') return { ...none, ...place, result: 'unknown' };
  if (move.kind === 'choice') {
    const event = `${place.event}: ${move.step.ways[doing.outcome]!.text}`;
    return { ...none, ...place, event, result: 'unknown', isChoice: true };
  }
  if (move.kind !== 'event') return { ...none, ...place };
  const { result } = move.outcomes[doing.outcome]!;
  const act = eventText(move.step.event);
  return { ...none, ...place, act, ...lastRule(states[0], states[1], [move.step.event]), result: resultWord(result) };
}

/** The driver of every device that has another one afterwards, or is new or gone. */
export function movedDevices(before: KernelState, after: KernelState): Record<string, string | null> {
  const moved = after.devices.filter((device, i) => {
    if (before.devices[i] === device) return false;
    const was = listedDevice(before, device.bus, device.name);
    const driver = (state: KernelState) => driverOf(state, keyOf(device));
    return was?.present !== device.present || driver(before) !== driver(after);
  });
  return Object.fromEntries(moved.map((device) => [device.name, driverOf(after, keyOf(device)) ?? null]));
}

/** The names of the devices that the kernel knows before, and not afterwards. */
export function goneDevices(before: KernelState, after: KernelState): readonly string[] {
  const stays = new Set(after.devices.flatMap((one) => (one.present ? [keyOf(one)] : [])));
  return before.devices.filter((one) => one.present && !stays.has(keyOf(one))).map(({ name }) => name);
}

/** Where the devices are that a step moved, as a person reads it. */
export function movesOf({ devices, gone = [] }: Pick<TraceStep, 'devices' | 'gone'>): readonly string[] {
  return Object.entries(devices).map(([name, driver]) =>
    gone.includes(name) ? `${name} is gone` : `${name} on ${driver ?? 'no driver'}`,
  );
}

/** The rule that decided, and the words of every rule that led there; `after` knows what was decided of drivers. */
function lastRule(before: KernelState, after: KernelState, events: readonly Parameters<typeof step>[1][]) {
  let now: KernelState = { ...before, evidence: after.evidence };
  const entries: TraceEntry[] = [];
  let result: Result = { kind: 'ok' };
  for (const event of events) {
    const transition = step(now, event);
    now = transition.state;
    result = transition.result;
    entries.push(...transition.trace);
    if (result.kind !== 'ok') break;
  }
  return { ...ruleOf(entries), result: resultWord(result) };
}

/** The rule that decided, and the last words of what led there. */
export function ruleOf(entries: readonly TraceEntry[]): Pick<TraceStep, 'rule' | 'why' | 'fromSource'> {
  const why = [...new Set(entries.map(({ text }) => text))].slice(-3).join('; ');
  const fromSource = entries.some((entry) => entry.fromSource);
  return { rule: entries.at(-1)?.rule ?? null, why: why || null, ...(fromSource ? { fromSource } : {}) };
}
