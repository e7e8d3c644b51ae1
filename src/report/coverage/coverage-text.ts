import { STATES } from '../../packaging/coverage/answer.ts';
import type { Coverage, CoverageSummary, CoveredDevice } from '../../packaging/coverage/coverage.ts';
import { STEP_CLASSES, type StepClass } from '../../packaging/coverage/step.ts';
import type { DeviceNames } from '../device-names.ts';
import { fold, plain } from '../terminal.ts';
import { answerWords, vendorLosses } from './coverage-json.ts';

/** What each class says of its devices. */
export const STEP_MEANINGS: Readonly<Record<StepClass, string>> = {
  lost: 'no module serves them any more',
  generic: 'only a driver of a wider class is left',
  unknown: 'whether they are still served is not known',
  dropped: 'one of their modules is gone, but another remains',
  moved: 'other modules serve them now',
  gained: 'no module served them before',
  specific: 'only a driver of a wider class served them before',
  joined: 'one more module serves them',
  builtin: 'their driver is built in now',
  loadable: 'their driver is no longer built in',
  package: 'their module comes from another package now',
};

export interface CoverageStyle {
  readonly width: number;
  readonly namesOf: (modalias: string) => DeviceNames;
  /** Whether to list every device, not only those of these classes. */
  readonly all: boolean;
  readonly listed: ReadonlySet<StepClass>;
}

/** The classes that are listed device by device unless others are asked for. */
export const LISTED_STEPS: ReadonlySet<StepClass> = new Set(['lost', 'generic', 'unknown', 'dropped']);

/** A coverage for people: counts by state and step, machines and vendors that lose, then devices. */
export function formatCoverageText(coverage: Coverage, summary: CoverageSummary, style: CoverageStyle): string {
  const { kernels, devices } = coverage;
  const unserved =
    kernels.length === 1
      ? devices.filter(({ answers, fault }) => fault === undefined && /none|unknown/.test(answers[0]!.state))
      : [];
  const parts = [
    fold(title(coverage, summary), style.width),
    table(coverage, summary, style.width),
    ...stepLines(summary, style.width),
    losingLines(summary, style.width),
    vendorLines(coverage, style),
    ...STEP_CLASSES.filter((name) => style.listed.has(name)).map((name) => classLines(name, coverage, style)),
    unserved.length > 0 && !style.all
      ? [`not served (${unserved.length})`, ...deviceLines(unserved, coverage, style)]
      : [],
    faultLines(coverage, style),
    style.all ? [`devices (${devices.length})`, ...deviceLines(devices, coverage, style)] : [],
  ];
  const shown = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

/** `old (6.1) -> new (6.12)`. */
export function kernelTitle({ kernels }: Coverage): string {
  return kernels
    .map(({ name, side }) => (side.release === null || side.release === name ? name : `${name} (${side.release})`))
    .join(' -> ');
}

function title(coverage: Coverage, { devices, machines }: CoverageSummary): string {
  const on = machines === 0 ? '' : ` of ${machines} machine${machines === 1 ? '' : 's'}`;
  return `${kernelTitle(coverage)}: ${devices} device${devices === 1 ? '' : 's'}${on}`;
}

/** Rows are states, columns kernels; where these do not fit beside each other, below each other. */
function table({ kernels }: Coverage, { states }: CoverageSummary, width: number): string[] {
  const cells = kernels.map(({ name }) => Math.max(name.length, 6) + 2);
  const used = STATES.filter((state) => states.some((counts) => counts[state] > 0));
  if (cells.reduce((sum, cell) => sum + cell, 8) > width)
    return kernels.flatMap(({ name }, i) =>
      fold(`${name}: ${used.map((state) => `${states[i]![state]} ${state}`).join(', ')}`, width),
    );
  const row = (head: string, texts: readonly string[]) =>
    head.padEnd(8) + texts.map((text, i) => text.padStart(cells[i]!)).join('');
  return [
    row(
      '',
      kernels.map(({ name }) => name),
    ),
    ...used.map((state) =>
      row(
        state,
        states.map((counts) => (counts[state] === 0 ? '-' : String(counts[state]))),
      ),
    ),
  ];
}

function stepLines({ steps }: CoverageSummary, width: number): string[][] {
  return steps.map(({ from, to, classes }) => {
    const counts = STEP_CLASSES.flatMap((name) => {
      const count = classes[name];
      if (!count) return [];
      const on = count.machines > 0 ? ` on ${count.machines} machine${count.machines === 1 ? '' : 's'}` : '';
      return [...fold(`${name} (${count.devices})${on}: ${STEP_MEANINGS[name]}`, width, '  ')];
    });
    return [`${from} -> ${to}${counts.length === 0 ? ': nothing changes' : ''}`, ...counts];
  });
}

const MOST_MACHINES = 20;

function losingLines({ losing }: CoverageSummary, width: number): string[] {
  if (losing.length === 0) return [];
  const words = losing.slice(0, MOST_MACHINES).map(({ name, lost, generic }) => {
    const counts = [lost > 0 ? `${lost} lost` : '', generic > 0 ? `${generic} generic` : ''].filter(
      (text) => text !== '',
    );
    return `${plain(name)} (${counts.join(', ')})`;
  });
  const more = losing.length > MOST_MACHINES ? [`and ${losing.length - MOST_MACHINES} more`] : [];
  return fold([`machines that lose a device or its own driver (${losing.length}):`, ...words, ...more], width);
}

const MOST_VENDORS = 10;

function vendorLines({ devices }: Coverage, { namesOf, width }: CoverageStyle): string[] {
  const losing = vendorLosses(devices, namesOf);
  if (losing.length === 0) return [];
  const more = losing.length - MOST_VENDORS;
  return [
    'by vendor',
    ...losing.slice(0, MOST_VENDORS).flatMap(({ vendor, lost, generic }) => {
      const counts = [lost > 0 ? `${lost} lost` : '', generic > 0 ? `${generic} generic` : ''].filter(
        (text) => text !== '',
      );
      return fold(`${plain(vendor)}: ${counts.join(', ')}`, width, '  ');
    }),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function classLines(name: StepClass, coverage: Coverage, style: CoverageStyle): string[] {
  const those = coverage.devices.filter(({ changes }) => changes.some((change) => change.class === name));
  if (those.length === 0) return [];
  return [
    ...fold(`${name} (${those.length}): ${STEP_MEANINGS[name]}`, style.width),
    ...deviceLines(those, coverage, style),
  ];
}

const MOST_FAULTS = 20;

/** What no device prints; where all devices are listed, it is said beside each. */
function faultLines(coverage: Coverage, style: CoverageStyle): string[] {
  const faults = coverage.devices.filter(({ fault }) => fault !== undefined);
  if (faults.length === 0 || style.all) return [];
  const more = faults.length - MOST_FAULTS;
  return [
    ...fold(`miswritten (${faults.length}): their modaliases are not what devices print`, style.width),
    ...deviceLines(faults.slice(0, MOST_FAULTS), coverage, style),
    ...(more > 0 ? [`  and ${more} more (--all lists every device)`] : []),
  ];
}

function deviceLines(
  devices: readonly CoveredDevice[],
  { machines }: Coverage,
  { width, namesOf }: CoverageStyle,
): string[] {
  return devices.flatMap((device) => {
    const { vendor, device: model } = namesOf(device.modalias);
    const name = [vendor, model]
      .filter((part) => part !== null)
      .map(plain)
      .join(' ');
    const on = device.count > 1 || machines.length > 1 ? ` (${device.count})` : '';
    const answers = device.answers.map(answerWords).join(' -> ');
    const lacks = device.unknown.length === 0 ? '' : ` without ${device.unknown.join(', ')}`;
    const fault = device.fault === undefined ? [] : fold(plain(device.fault), width, '      ');
    return [
      ...fold([`${plain(device.modalias)}${on}`], width, '  '),
      ...(name === '' ? [] : fold(name, width, '      ')),
      ...fold(`${answers}${lacks}`, width, '      '),
      ...fault,
    ];
  });
}
