import {
  type Evidence,
  findDriver,
  type KernelState,
  type Missing,
  matchDevice,
  possibleDrivers,
  type Transition,
} from '../../driver-core/index.ts';
import { UNSETTLED } from '../../driver-core/lists/devices.ts';
import { factAbout, withFact } from '../../driver-core/lists/facts.ts';
import { Remembered } from '../../driver-core/lists/remembered.ts';
import { listedDevice } from '../../driver-core/lookup.ts';

/** The first fact that a transition leaves open, of those that could be known. */
export function undecided(before: KernelState, { state, result }: Transition): Missing | undefined {
  if (result.kind === 'unknown' && result.missing.length > 0) return result.missing[0];
  for (const device of UNSETTLED.of(state.devices)) {
    if (typeof device.driver !== 'object' || device.driver === null) continue;
    for (const name of possibleDrivers(device.driver)) {
      const driver = name === null ? undefined : findDriver(state, device.bus, name);
      if (!driver) continue;
      const fact = { bus: device.bus, driver: driver.name, device: device.name };
      const now = listedDevice(before, device.bus, device.name) ?? device;
      if (matchDevice(before, driver, { ...now, matchReady: true }).answer === 'unknown')
        return { ...fact, about: 'matches' };
      if (driver.probe === null && factAbout(before.evidence, fact)?.probe === undefined)
        return { ...fact, about: 'probe' };
    }
  }
  return undefined;
}

/** Both ways in which a fact may be. A driver that matches by its table and takes nothing is as one that does not. */
export function alternatives({ bus, driver, device, about }: Missing): Evidence[] {
  const fact = { bus, driver, device };
  return about === 'matches'
    ? [
        { ...fact, matches: true, probe: 'ok', assumed: ['matches', 'probe'] },
        { ...fact, matches: false, assumed: ['matches'] },
      ]
    : [
        { ...fact, [about]: 'ok', assumed: [about] },
        { ...fact, [about]: 'ENODEV', assumed: [about] },
      ];
}

/** The state in which a fact is known; evidence stands in the order of its names, so that equal states look alike. */
export function withEvidence(state: KernelState, fact: Evidence): KernelState {
  const known = factAbout(state.evidence, fact);
  const assumed = [...new Set([...(known?.assumed ?? []), ...(fact.assumed ?? [])])].sort();
  const merged = { ...known, ...fact, ...(assumed.length > 0 ? { assumed } : {}) };
  return { ...state, evidence: withFact(state.evidence, merged) };
}

type Facts = KernelState['evidence'];

/** By one list of facts, then by another. */
const AGREEING = new Remembered((_: Facts) => new WeakMap<Facts, boolean>());

/** Whether two states may be of the same machine: what one knows of drivers is not otherwise in the other. */
export function agree({ evidence: one }: KernelState, { evidence: other }: KernelState): boolean {
  const known = AGREEING.of(one);
  let answer = known.get(other);
  if (answer === undefined) {
    answer = one === other || one.every((fact) => isSaid(fact, other));
    known.set(other, answer);
  }
  return answer;
}

/** Whether facts say nothing else of a driver and a device. */
function isSaid(fact: Evidence, facts: Facts): boolean {
  const same = factAbout(facts, fact);
  return (['matches', 'probe', 'configure'] as const).every(
    (about) => fact[about] === undefined || same?.[about] === undefined || fact[about] === same[about],
  );
}
