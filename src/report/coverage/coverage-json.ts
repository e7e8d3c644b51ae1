import type { Answer } from '../../packaging/coverage/answer.ts';
import { type Coverage, type CoveredDevice, summarizeCoverage } from '../../packaging/coverage/coverage.ts';
import type { CoverageKernel } from '../../packaging/coverage/kernel.ts';
import type { DeviceNames } from '../device-names.ts';

/** The JSON document of a coverage, version 1. Modaliases are bytes, one character each. */
export function coverageDocument(coverage: Coverage, namesOf: (modalias: string) => DeviceNames) {
  const { kernels, devices } = coverage;
  return {
    version: 1,
    kernels: kernels.map(({ name, side, records }) => ({
      name,
      inputs: side.inputs,
      release: side.release,
      builtin: records,
    })),
    devices: devices.map((device) => ({
      ...deviceDocument(device),
      machines: device.count,
      names: namesOf(device.modalias),
      changes: device.changes.map((change) => ({
        class: change.class,
        from: kernels[change.from]!.name,
        to: kernels[change.to]!.name,
      })),
    })),
    summary: { ...summarizeCoverage(coverage), vendors: vendorCounts(devices, namesOf) },
  };
}

/** One device, as a line of NDJSON has it too. */
export function deviceDocument({
  modalias,
  unknown,
  answers,
}: Pick<CoveredDevice, 'modalias' | 'unknown' | 'answers'>) {
  return { modalias, ...(unknown.length > 0 ? { unknown } : {}), answers };
}

/** How many devices each vendor has, and how many of them are lost or left to a generic driver; most losses first. */
export interface VendorCount {
  readonly vendor: string;
  readonly devices: number;
  readonly lost: number;
  readonly generic: number;
}

/** The vendors whose names are known. */
export function vendorCounts(
  devices: readonly CoveredDevice[],
  namesOf: (modalias: string) => DeviceNames,
): readonly VendorCount[] {
  const counts = new Map<string, { vendor: string; devices: number; lost: number; generic: number }>();
  for (const { modalias, changes } of devices) {
    const { vendor } = namesOf(modalias);
    if (vendor === null) continue;
    const count = counts.get(vendor) ?? { vendor, devices: 0, lost: 0, generic: 0 };
    counts.set(vendor, count);
    count.devices++;
    for (const name of ['lost', 'generic'] as const) if (changes.some((change) => change.class === name)) count[name]++;
  }
  return [...counts.values()].sort(
    (a, b) => b.lost - a.lost || b.generic - a.generic || b.devices - a.devices || (a.vendor < b.vendor ? -1 : 1),
  );
}

/** What a kernel says to a device, in a few words: its modules, or why there are none. */
export function answerWords({ state, modules, depends, mayBeBuiltin }: Answer): string {
  const names = modules.join(', ');
  if (state === 'unknown')
    return mayBeBuiltin ? `may be built in (${mayBeBuiltin.join(', ')})` : `unknown (${shortList(depends ?? [])})`;
  return state === 'none' ? 'none' : state === 'module' ? names : `${names} (${state})`;
}

const MOST_NAMES = 4;

function shortList(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 1 ? `${names.slice(0, MOST_NAMES).join(', ')} or ${more} others` : names.join(', ');
}

/** Whether a kernel says all there is of what is built into it. */
export const tellsBuiltin = ({ records }: CoverageKernel): boolean => records === 'tables';
