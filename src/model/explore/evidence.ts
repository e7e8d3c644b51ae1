import {
  type Evidence,
  findDriver,
  type KernelState,
  type Missing,
  matchDevice,
  possibleDrivers,
  type Transition,
} from '../../driver-core/index.ts';

/** The first fact that a transition leaves open, of those that could be known. */
export function undecided(before: KernelState, { state, result }: Transition): Missing | undefined {
  if (result.kind === 'unknown' && result.missing.length > 0) return result.missing[0];
  for (const device of state.devices) {
    if (typeof device.driver !== 'object' || device.driver === null) continue;
    for (const name of possibleDrivers(device.driver)) {
      const driver = name === null ? undefined : findDriver(state, device.bus, name);
      if (!driver) continue;
      const fact = { bus: device.bus, driver: driver.name, device: device.name };
      const now = before.devices.find((one) => one.bus === device.bus && one.name === device.name) ?? device;
      if (matchDevice(before, driver, { ...now, matchReady: true }).answer === 'unknown')
        return { ...fact, about: 'matches' };
      if (driver.probe === null && evidenceOf(before, fact)?.probe === undefined) return { ...fact, about: 'probe' };
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
  const others = state.evidence.filter((one) => !isAbout(one, fact));
  const known = evidenceOf(state, fact);
  const assumed = [...new Set([...(known?.assumed ?? []), ...(fact.assumed ?? [])])].sort();
  const merged = { ...known, ...fact, ...(assumed.length > 0 ? { assumed } : {}) };
  return { ...state, evidence: [...others, merged].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) };
}

/** Whether two states may be of the same machine: what one knows of drivers is not otherwise in the other. */
export function agree(one: KernelState, other: KernelState): boolean {
  return one.evidence.every((fact) => {
    const same = evidenceOf(other, fact);
    return (['matches', 'probe', 'configure'] as const).every(
      (about) => fact[about] === undefined || same?.[about] === undefined || fact[about] === same[about],
    );
  });
}

/** What a fact is about: a driver and a device of its bus. */
type Subject = Pick<Evidence, 'bus' | 'driver' | 'device'>;

function evidenceOf({ evidence }: KernelState, subject: Subject): Evidence | undefined {
  return evidence.find((one) => isAbout(one, subject));
}

const isAbout = (one: Subject, { bus, driver, device }: Subject) =>
  one.device === device && one.driver === driver && one.bus === bus;

const keyOf = ({ bus, driver, device }: Subject) => `${bus} ${driver} ${device}`;
