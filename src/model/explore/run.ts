import {
  type KernelEvent,
  type KernelState,
  step as kernelStep,
  pendingProbes,
  possibleDrivers,
  type Result,
  resultWord,
} from '../../driver-core/index.ts';
import { eventText } from '../script/event-text.ts';
import type { Program } from '../script/program.ts';
import { Ways } from '../script/ways.ts';
import { withOptions } from '../script/with-options.ts';
import { goneDevices, movedDevices, ruleOf, type TraceStep } from './trace.ts';
import { devicesIn, keyOf } from './undisturbed.ts';

/** One step of a run, with where the devices are then. */
export interface RunStep extends TraceStep {
  /** Every device that was spoken of so far, with its driver: `e1000e`, `none`, or `e1000e or none`. */
  readonly where: Readonly<Record<string, string>>;
}

/** A run of programs, one after the other. */
export interface Run {
  readonly steps: readonly RunStep[];
  /** How it ended: the status of the last program, at a call that does not return, or at something not understood. */
  readonly end: number | 'waits' | 'not-understood' | 'too-long';
  readonly state: KernelState;
}

/** The most steps of a run: a loop that waits for something that never comes has no end. */
const MOST_STEPS = 10_000;

/** Runs programs one after the other, with nothing in between; a program that fails ends the run. */
export function runPrograms(programs: readonly Program[], start: KernelState): Run {
  const steps: RunStep[] = [];
  const named = new Set<string>();
  const ways = new Ways();
  let state = withOptions(start, programs);
  for (const program of programs) {
    let at = program.start;
    for (;;) {
      const step = program.next(at, state);
      if (step.kind === 'end') {
        if (step.status !== 0) return { steps, end: step.status, state };
        break;
      }
      if (steps.length >= MOST_STEPS) return { steps, end: 'too-long', state };
      const { place, text } = step;
      const base = {
        who: program.name,
        file: place.file,
        line: place.line,
        event: text,
        act: null,
        rule: null,
        why: null,
      };
      if (step.kind === 'choice') {
        const way = ways.at(at, step);
        const event = `${text}: ${way.text}`;
        steps.push({ ...base, event, result: 'unknown', devices: {}, where: whereOf(state, named) });
        at = way.then;
        continue;
      }
      if (step.kind !== 'event') {
        const result = step.kind === 'read' ? 'ok' : 'unknown';
        steps.push({ ...base, result, devices: {}, where: whereOf(state, named) });
        if (step.then === null) return { steps, end: 'not-understood', state };
        at = step.then;
        continue;
      }
      const act = (event: KernelEvent, by: Partial<RunStep>): Result => {
        for (const key of devicesIn(state, event)) named.add(key);
        const { state: after, result, trace } = kernelStep(state, event);
        const devices = movedDevices(state, after);
        const gone = goneDevices(state, after);
        for (const name of Object.keys(devices)) named.add(keyOf(after.devices.find((one) => one.name === name)!));
        const why = result.kind === 'unknown' ? result.why : ruleOf(trace).why;
        const told = { act: eventText(event), ...ruleOf(trace), why, result: resultWord(result), devices, gone };
        steps.push({ ...base, ...told, ...by, where: whereOf(after, named) });
        state = after;
        return result;
      };
      const result = act(step.event, {});
      // Workers of the kernel are quick here: nothing else happens before they are done.
      for (let [due] = pendingProbes(state); due; [due] = pendingProbes(state)) {
        const event = { kind: 'asyncProbe', ...due } as const;
        act(event, { who: 'a worker of the kernel', file: null, line: null, event: eventText(event), act: null });
      }
      if (result.kind === 'blocks') return { steps, end: 'waits', state };
      at = step.then(result);
    }
  }
  return { steps, end: 0, state };
}

/** The first step at which two runs part: in what is done, its result, or where a device is. -1 where none does. */
export function partsAt(a: Run, b: Run): number {
  const seen = ({ event, result, where }: RunStep) => JSON.stringify([event, result, Object.entries(where).sort()]);
  const most = Math.max(a.steps.length, b.steps.length);
  for (let i = 0; i < most; i++) {
    const [one, other] = [a.steps[i], b.steps[i]];
    if (!one || !other || seen(one) !== seen(other)) return i;
  }
  return -1;
}

function whereOf({ devices }: KernelState, named: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(
    devices
      .filter((device) => named.has(keyOf(device)))
      .map((device) => [
        device.name,
        device.present
          ? possibleDrivers(device.driver)
              .map((name) => name ?? 'none')
              .join(' or ')
          : 'absent',
      ]),
  );
}
