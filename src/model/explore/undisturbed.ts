import { matchesRow } from '../../driver-core/device-id.ts';
import { idsGiven } from '../../driver-core/dynamic-ids.ts';
import {
  type Device,
  findDevice,
  type KernelEvent,
  type KernelState,
  possibleDrivers,
} from '../../driver-core/index.ts';
import { DEVICES } from '../../driver-core/lists/devices.ts';
import { type Answered, Answers, NO_ANSWERS } from './answers.ts';
import type { Program } from '../script/program.ts';
import type { Kernels } from './kernels.ts';
import { registrationOrders } from './orders.ts';
import { answersOf, statusOf } from './processes.ts';
import { type Bound, KERNEL, Search, SLOTS } from './search.ts';
import { idsOf } from './twins.ts';
import { workOf } from './work.ts';

/** What the programs do where nothing else acts. */
export interface Undisturbed {
  readonly search: Search;
  /** The rows of the worlds in which all have ended. */
  readonly ends: readonly (Answered & { readonly index: number; readonly failed: boolean })[];
  /** What was answered where something is not known. */
  readonly answers: Answers;
  /** Names of the devices that they speak of, by `bus name`. */
  readonly named: ReadonlySet<string>;
  /** The devices whose ids they give to drivers, likewise. */
  readonly given: ReadonlySet<string>;
  /** Whether they remove devices on purpose: a driver that takes others along does not. */
  readonly removes: boolean;
  /** The looks of programs that all end well (`Processes.lookName`): what they usually see. */
  readonly looks: ReadonlySet<string>;
  readonly bounds: readonly Bound[];
  readonly truncated: boolean;
}

/** Runs the programs alone, in every order of registration of the drivers of the devices that they then speak of. */
export function runAlone(
  kernels: Kernels,
  programs: readonly Program[],
  machine: KernelState,
  mostStates: number,
): Undisturbed {
  let alone = runUndisturbed(kernels, programs, [kernels.intern(machine)], mostStates);
  const sizeOf = ({ named, given }: Undisturbed) => named.size + given.size;
  for (let size = -1; size !== sizeOf(alone); ) {
    size = sizeOf(alone);
    const { states } = registrationOrders(machine, concernedWith(machine, new Set([...alone.named, ...alone.given])));
    const starts = states.map((state) => kernels.intern(state));
    alone = runUndisturbed(kernels, programs, starts, mostStates);
    // Where all runs leave the machine the same, it does not matter what they were answered.
    if (new Set(alone.ends.map(({ kernel }) => kernel)).size > 1)
      alone = runUndisturbed(kernels, programs, starts, mostStates, new Answers());
  }
  return alone;
}

/** The devices of a state that have one of these keys, or the ids of one that has. */
export function concernedWith({ devices }: KernelState, keys: ReadonlySet<string>): Device[] {
  const ids = new Set(devices.flatMap((device) => (keys.has(keyOf(device)) ? (idsOf(device) ?? []) : [])));
  return devices.filter((device) => device.present && (keys.has(keyOf(device)) || ids.has(idsOf(device) ?? '')));
}

/** Runs the programs in every order of their own steps, with nothing else. */
export function runUndisturbed(
  kernels: Kernels,
  programs: readonly Program[],
  starts: readonly number[],
  mostStates: number,
  answers: Answers = new Answers(null, new Set()),
): Undisturbed {
  const search = new Search({
    kernels,
    programs,
    starts,
    acts: [],
    secondRun: false,
    kill: false,
    once: false,
    mostStates,
    answers,
  });
  const ends: (Answered & { index: number; failed: boolean })[] = [];
  const named = new Set<string>();
  const given = new Set<string>();
  let removes = false;
  const looks = new Set<string>();
  search.run((index, row) => {
    for (let i = 0; i < programs.length; i++) {
      const slot = row[SLOTS + i]!;
      const move = slot < 0 ? undefined : search.processes.next(slot, row[KERNEL]!);
      if (move?.kind === 'event') {
        const state = kernels.states[row[KERNEL]!]!;
        kernels.work.spend(workOf(state));
        for (const key of devicesIn(state, move.step.event)) named.add(key);
        for (const key of devicesGiven(state, move.step.event)) given.add(key);
        removes ||= isRemoval(move.step.event);
      }
      if (move?.kind === 'read') looks.add(search.processes.lookName(i, slot, move.then));
    }
    if (search.isOver(row)) {
      const failed = programs.some((_, i) => statusOf(row[SLOTS + i]!) !== 0);
      const given = programs.reduce((all, _, i) => answers.both(all, answersOf(row[SLOTS + i]!)), NO_ANSWERS);
      ends.push({ index, kernel: row[KERNEL]!, answers: given, failed });
    }
    return false;
  });
  if (ends.some(({ failed }) => failed)) looks.clear();
  return {
    search,
    ends,
    answers,
    named,
    given,
    removes,
    looks,
    bounds: [...search.bounds.values()],
    truncated: search.truncated,
  };
}

/** The devices that an event names: in its path, or as what is written to bind, unbind or drivers_probe. */
export function devicesIn({ devices }: KernelState, event: { readonly kind: string }): string[] {
  const words = Object.values(event).flatMap((text) =>
    typeof text === 'string' && text !== event.kind ? text.trim().split('/') : [],
  );
  const places = new Set(words.flatMap((word) => DEVICES.places(devices, 'name', word)));
  return [...places].sort((a, b) => a - b).map((at) => keyOf(devices[at]!));
}

function isRemoval(event: KernelEvent): boolean {
  return event.kind === 'unplug' || (event.kind === 'write' && /\/(?:remove|sriov_numvfs)$/.test(event.path));
}

/** The devices that have an id which an event gives a driver. */
function devicesGiven(state: KernelState, event: KernelEvent): string[] {
  const ids = idsGiven(state, event);
  if (ids.length === 0) return [];
  return state.devices.filter(({ pci }) => pci && ids.some(({ id }) => matchesRow(id, pci))).map(keyOf);
}

export const keyOf = ({ bus, name }: Pick<Device, 'bus' | 'name'>): string => `${bus} ${name}`;

/** The device that the kernel knows by `bus name`. */
export function deviceOf(state: KernelState, key: string): Device | undefined {
  const blank = key.indexOf(' ');
  return findDevice(state, key.slice(0, blank), key.slice(blank + 1));
}

/** The driver of a device: its name, null for none, undefined where there is no such device or it is not known. */
export function driverOf(state: KernelState, key: string): string | null | undefined {
  const device = deviceOf(state, key);
  const possible = device ? possibleDrivers(device.driver) : [];
  return possible.length === 1 ? possible[0] : undefined;
}
