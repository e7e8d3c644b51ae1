import {
  findDevice,
  type KernelEvent,
  type KernelState,
  possibleDrivers,
  step,
  type TraceEntry,
} from '../../driver-core/index.ts';
import type { Because } from '../because.ts';
import type { Task, TaskStep } from './task.ts';

/** The device that matters. */
export interface Subject {
  readonly bus: string;
  readonly name: string;
}

/** How far one order of the events has led. */
export interface Point {
  readonly kernel: KernelState;
  /** Modules with a driver for the subject, in the order in which they were loaded. */
  readonly loads: readonly string[];
  /** What set the subject's driver or override last. */
  readonly because: readonly Because[];
  /** What the model had to assume, in words. */
  readonly assumed: readonly string[];
}

export interface Explored {
  /** The points that differ for the subject, that of the listed order first. */
  readonly ends: readonly Point[];
  /** False where there were too many orders to see them all. */
  readonly complete: boolean;
}

/** Most points of one stage; beyond, what was seen is an excerpt. */
const MOST_POINTS = 20_000;

interface Node {
  readonly point: Point;
  readonly at: readonly number[];
  /** By task: its slots that are yes. */
  readonly yes: readonly (readonly number[])[];
  /**
   * By task: the module that it loads, of which the driver has the subject and other devices are still to be probed.
   * Until they are, the driver's files are not there (drivers/base/bus.c:bus_add_driver makes them last), and who loads
   * the module too waits (kernel/module/main.c:module_patient_check_exists).
   */
  readonly probing: readonly (string | null)[];
}

/** Runs tasks in every order that they may run in, and gives the ends that differ for the subject. */
export function explore(start: Point, tasks: readonly Task[], subject: Subject): Explored {
  const places = new Map(tasks.map((task, index) => [task.name, index]));
  const waits = tasks.map((task) => task.after.flatMap((name) => places.get(name) ?? []));
  const ends = new Map<string, Point>();
  const seen = new Set<string>();
  // A stack, the listed order on top.
  const first = { point: start, at: tasks.map(() => 0), yes: tasks.map(() => []), probing: tasks.map(() => null) };
  const open: Node[] = [settled(first, tasks, waits)];
  for (let node = open.pop(); node; node = open.pop()) {
    const key = `${node.at.join()}|${node.yes.map((slots) => slots.join()).join(';')}|${node.probing.join()}|${pointKey(node.point, subject)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > MOST_POINTS) return { ends: [...ends.values()], complete: false };
    const next = tasks.flatMap((_, index) => advance(node, index, tasks, waits, subject));
    if (next.length === 0) {
      const end = pointKey(node.point, subject);
      if (!ends.has(end)) ends.set(end, node.point);
    }
    for (const one of next.reverse()) open.push(settled(one, tasks, waits));
  }
  return { ends: [...ends.values()], complete: true };
}

/** What tells points apart: everything that later events may depend on. */
function pointKey({ kernel, assumed }: Point, { bus, name }: Subject): string {
  const device = findDevice(kernel, bus, name);
  const loaded = kernel.modules.flatMap((module) => (module.loaded ? module.name : []));
  const drivers = kernel.drivers.map((driver) => [driver.name, driver.dynids.length]);
  return JSON.stringify([device?.driver, device?.override, loaded, drivers, assumed.length > 0]);
}

function isReady({ at, probing }: Node, index: number, tasks: readonly Task[], waits: readonly (readonly number[])[]) {
  const isOver = (other: number) => at[other]! >= tasks[other]!.steps.length && probing[other] === null;
  return !isOver(index) && waits[index]!.every(isOver);
}

/** Passes over steps that do nothing now and would do nothing later, which keeps the number of orders small. */
function settled(start: Node, tasks: readonly Task[], waits: readonly (readonly number[])[]): Node {
  let node = start;
  for (let moved = true; moved; ) {
    moved = false;
    for (let index = 0; index < tasks.length; index++)
      while (isReady(node, index, tasks, waits) && isIdle(tasks[index]!.steps[node.at[index]!], node, index)) {
        node = { ...node, at: node.at.with(index, node.at[index]! + 1) };
        moved = true;
      }
  }
  return node;
}

function isIdle(one: TaskStep | undefined, { point, yes, probing }: Node, index: number): boolean {
  if (one === undefined || one.kind === 'test' || probing[index] !== null) return false;
  if (one.needs.some((slot) => yes[index]!.includes(slot < 0 ? -1 - slot : slot) !== slot >= 0)) return true;
  const { event } = one;
  if (typeof event === 'function' || event.kind !== 'load') return false;
  const isLoaded = point.kernel.modules.find((module) => module.name === event.module)?.loaded !== false;
  return isLoaded && !probing.includes(event.module);
}

function advance(
  node: Node,
  index: number,
  tasks: readonly Task[],
  waits: readonly (readonly number[])[],
  subject: Subject,
): Node[] {
  if (!isReady(node, index, tasks, waits)) return [];
  if (node.probing[index] !== null) return [{ ...node, probing: node.probing.with(index, null) }];
  const one = tasks[index]!.steps[node.at[index]!]!;
  const at = node.at.with(index, node.at[index]! + 1);
  if (one.kind === 'act') {
    const event = typeof one.event === 'function' ? one.event(node.point.kernel) : one.event;
    if (event !== null && isTooEarly(node, event))
      return event.kind === 'load' || one.patient === true ? [] : [{ ...node, at }];
    return happen(node.point, { ...one, event: () => event }, subject).map((point) => {
      const probing = node.probing.with(index, probes(point, event, node.point, subject));
      return { ...node, at, point, probing };
    });
  }
  const answer = one.test(node.point.kernel);
  const yes = { ...node, at, yes: node.yes.with(index, [...node.yes[index]!, one.slot]) };
  if (answer === 'yes') return [yes];
  if (answer === 'no') return [{ ...node, at }];
  const point = { ...node.point, assumed: [...node.point.assumed, `a condition of ${tasks[index]!.name}`] };
  return [
    { ...yes, point },
    { ...node, at, point },
  ];
}

/** Whether an event is about a module that still probes devices: one more load of it, or a write to its driver. */
function isTooEarly({ point, probing }: Node, event: KernelEvent): boolean {
  if (event.kind === 'load') return probing.includes(event.module);
  const name = event.kind === 'write' ? /^bus\/[^/]+\/drivers\/([^/]+)\//.exec(event.path)?.[1] : undefined;
  if (name === undefined) return false;
  return point.kernel.modules.some(
    (module) => probing.includes(module.name) && module.drivers.some((driver) => driver.name === name),
  );
}

/** The module that an event has loaded, where its driver has the subject now. */
function probes(point: Point, event: KernelEvent | null, before: Point, { bus, name }: Subject): string | null {
  if (event?.kind !== 'load' || !isNew(before.kernel, point.kernel, event)) return null;
  const driver = findDevice(point.kernel, bus, name)?.driver;
  const module = point.kernel.modules.find((one) => one.name === event.module);
  return module?.drivers.some((one) => one.name === driver) === true ? module.name : null;
}

/** What an event leads to: one point for each driver that the subject may have then. */
export function happen(
  point: Point,
  act: Extract<TaskStep, { readonly kind: 'act' }>,
  { bus, name }: Subject,
): Point[] {
  const event = typeof act.event === 'function' ? act.event(point.kernel) : act.event;
  if (event === null) return [point];
  const { state, trace } = step(point.kernel, event);
  const before = findDevice(point.kernel, bus, name);
  const after = findDevice(state, bus, name);
  const loads =
    event.kind === 'load' && isNew(point.kernel, state, event) ? [...point.loads, event.module] : point.loads;
  const moved = before?.driver !== after?.driver;
  const because = moved
    ? distinct([...held(point, after?.override ?? null), ...act.because, ...kernelRules(trace, name)])
    : before?.override !== after?.override
      ? [...act.because]
      : point.because;
  const possible = possibleDrivers(after?.driver ?? null);
  if (possible.length <= 1) return [{ ...point, kernel: state, loads, because }];
  return possible.map((driver) => ({
    kernel: bound(state, bus, name, driver),
    loads,
    because,
    assumed: [...point.assumed, `whether ${possible.filter((one) => one !== null).join(' or ')} takes ${name}`],
  }));
}

function isNew(before: KernelState, after: KernelState, { module }: Extract<KernelEvent, { readonly kind: 'load' }>) {
  const loaded = (state: KernelState) => state.modules.find((one) => one.name === module)?.loaded === true;
  return !loaded(before) && loaded(after);
}

/** What set the override that a driver was then bound by. */
function held({ because, kernel }: Point, override: string | null): readonly Because[] {
  return override !== null && kernel.devices.some((one) => one.override === override) ? because : [];
}

function distinct(all: readonly Because[]): Because[] {
  return [...new Map(all.map((one) => [`${one.file}:${one.line}:${one.rule}`, one])).values()];
}

function kernelRules(trace: readonly TraceEntry[], device: string): Because[] {
  const last = trace.filter((entry) => entry.device === device && entry.driver !== undefined);
  return last.slice(-2, -1).map(({ rule, text }) => ({ file: null, line: null, rule: `${rule}: ${text}` }));
}

function bound(state: KernelState, bus: string, name: string, driver: string | null): KernelState {
  return {
    ...state,
    devices: state.devices.map((one) => (one.bus === bus && one.name === name ? { ...one, driver } : one)),
  };
}
