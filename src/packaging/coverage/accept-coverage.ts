import { type Acceptance, accept } from '../baseline/accept.ts';
import type { Baseline, BaselineMatch } from '../baseline/baseline.ts';
import { busOf } from '../bus-of.ts';
import { UNSERVED } from '../change-classes.ts';
import type { Coverage, CoveredDevice } from './coverage.ts';
import { STEP_CLASSES, type StepChange } from './step.ts';

/** What a baseline can accept: what changes for a device, or that a kernel does not serve it. */
export interface AcceptableChange {
  readonly device: CoveredDevice;
  /** Null where a kernel does not serve it. */
  readonly change: StepChange | null;
}

/** What a change is known by in a baseline: the class, the device's modalias, and the modules that served it before. */
export function matchOfDevice({ device: { modalias, answers }, change }: AcceptableChange): BaselineMatch {
  const bus = busOf(modalias);
  const modules = change ? answers[change.from]!.modules.join(' ') : '';
  return {
    class: change?.class ?? UNSERVED,
    ...(bus === null ? {} : { bus }),
    pattern: modalias,
    ...(modules === '' ? {} : { module: modules }),
  };
}

/** All that a baseline can accept of a coverage whose exit status depends on some classes. */
export function acceptableOf({ devices }: Coverage, failing: (kind: string) => boolean): AcceptableChange[] {
  return devices.flatMap((device) => [
    ...device.changes.map((change) => ({ device, change })),
    ...(failing(UNSERVED) && isUnserved(device) ? [{ device, change: null }] : []),
  ]);
}

/** Whether some kernel does not serve a device. */
export const isUnserved = ({ answers }: CoveredDevice): boolean => answers.some(({ state }) => state === 'none');

export interface AcceptCoverageOptions {
  /** The day that it is, YYYY-MM-DD. */
  readonly today: string;
  /** What counts for the exit status; entries for devices that are not served concern no other. */
  readonly failing: (kind: string) => boolean;
}

/** A coverage without the changes that a baseline accepts. */
export interface AcceptedCoverage {
  readonly counted: Coverage;
  /** Devices, by their modaliases, that may stay without a driver. */
  readonly unserved: ReadonlySet<string>;
  readonly held: Acceptance<AcceptableChange>;
}

/** Holds a coverage against a baseline; entries for findings, and for classes of differences only, are left alone. */
export function acceptCoverage(
  coverage: Coverage,
  baseline: Baseline,
  { today, failing }: AcceptCoverageOptions,
): AcceptedCoverage {
  const classes: ReadonlySet<string> = new Set([...STEP_CLASSES, ...(failing(UNSERVED) ? [UNSERVED] : [])]);
  const concerns = (match: BaselineMatch) =>
    match.rule === undefined && (match.class === undefined || classes.has(match.class));
  const held = accept(acceptableOf(coverage, failing), baseline, { matchOf: matchOfDevice, concerns, today });
  const accepted = new Set([...held.accepted.keys()].flatMap(({ change }) => change ?? []));
  const unserved = [...held.accepted.keys()].filter(({ change }) => change === null);
  const devices = coverage.devices.map((device) =>
    device.changes.some((change) => accepted.has(change))
      ? { ...device, changes: device.changes.filter((change) => !accepted.has(change)) }
      : device,
  );
  return {
    counted: { ...coverage, devices },
    unserved: new Set(unserved.map(({ device }) => device.modalias)),
    held,
  };
}
