import type { Answer } from '../../packaging/coverage/answer.ts';
import type { Coverage, CoverageSummary, CoveredDevice } from '../../packaging/coverage/coverage.ts';
import type { CoverageKernel } from '../../packaging/coverage/kernel.ts';
import type { DeviceNames } from '../device-names.ts';

/** The JSON document of a coverage, version 1. Modaliases are bytes, one character each. */
export function coverageDocument(
  coverage: Coverage,
  summary: CoverageSummary,
  namesOf: (modalias: string) => DeviceNames,
) {
  const { kernels, devices } = coverage;
  return {
    version: 1,
    kernels: kernels.map(({ name, side, records }) => ({
      name,
      inputs: side.inputs,
      release: side.release,
      builtin: records,
    })),
    devices: devices.map(({ modalias, unknown, fault, count, answers, changes }) => ({
      modalias,
      ...(unknown.length > 0 ? { unknown } : {}),
      ...(fault === undefined ? {} : { problem: fault }),
      machines: count,
      answers,
      changes: changes.map((change) => ({
        class: change.class,
        from: kernels[change.from]!.name,
        to: kernels[change.to]!.name,
      })),
    })),
    summary: { ...summary, vendors: vendorLosses(devices, namesOf) },
  };
}

const texts = new WeakMap<Answer, string>();

/** A device as a line of NDJSON has it: the members of its object, without braces. */
export function deviceMembers({
  modalias,
  unknown,
  answers,
}: Pick<CoveredDevice, 'modalias' | 'unknown' | 'answers'>): string {
  const lacking = unknown.length > 0 ? `"unknown":${JSON.stringify(unknown)},` : '';
  const text = /["\\\0-\x1f]|[^\0-\x7f]/.test(modalias) ? JSON.stringify(modalias) : `"${modalias}"`;
  let all = '';
  for (const answer of answers) all += all === '' ? answerText(answer) : `,${answerText(answer)}`;
  return `"modalias":${text},${lacking}"answers":[${all}]`;
}

function answerText(answer: Answer): string {
  let text = texts.get(answer);
  if (text === undefined) {
    text = JSON.stringify(answer);
    texts.set(answer, text);
  }
  return text;
}

/** How many devices of a vendor are lost, or left to a generic driver. */
export interface VendorLosses {
  readonly vendor: string;
  readonly lost: number;
  readonly generic: number;
}

/** Vendors whose names are known and that lose devices; most losses first. */
export function vendorLosses(
  devices: readonly CoveredDevice[],
  namesOf: (modalias: string) => DeviceNames,
): readonly VendorLosses[] {
  const counts = new Map<string, { vendor: string; lost: number; generic: number }>();
  for (const { modalias, changes } of devices) {
    const losses = (['lost', 'generic'] as const).filter((name) => changes.some((change) => change.class === name));
    const vendor = losses.length > 0 ? namesOf(modalias).vendor : null;
    if (vendor === null) continue;
    const count = counts.get(vendor) ?? { vendor, lost: 0, generic: 0 };
    counts.set(vendor, count);
    for (const name of losses) count[name]++;
  }
  return [...counts.values()].sort(
    (a, b) => b.lost - a.lost || b.generic - a.generic || (a.vendor < b.vendor ? -1 : 1),
  );
}

/** What a kernel says to a device, in a few words: its modules, or why there are none. */
export function answerWords({ state, modules, depends, mayBeBuiltin }: Answer): string {
  const names = modules.join(', ');
  if (state === 'unknown')
    return mayBeBuiltin
      ? `may be built in (${mayBeBuiltin.join(', ')})`
      : ['unknown', ...(depends ? [`(${shortList(depends)})`] : [])].join(' ');
  return state === 'none' ? 'none' : state === 'module' ? names : `${names} (${state})`;
}

const MOST_NAMES = 4;

function shortList(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 1 ? `${names.slice(0, MOST_NAMES).join(', ')} or ${more} others` : names.join(', ');
}

/** Whether a kernel says all there is of what is built into it. */
export const tellsBuiltin = ({ records }: CoverageKernel): boolean => records === 'tables';
