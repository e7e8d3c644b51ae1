import { type ChangeClass, CLASSES, LOSSES } from '../packaging/change-classes.ts';
import type { Change } from '../packaging/diff/change.ts';
import type { Difference } from '../packaging/diff/diff.ts';
import { type DiffSummary, summarize } from '../packaging/diff/select.ts';
import type { DiffSide } from '../packaging/diff/side.ts';
import { grouped } from '../grouped.ts';
import type { DeviceNames } from './device-names.ts';
import { fold, plain } from './terminal.ts';

/** What each class says of its devices. */
export const MEANINGS: Readonly<Record<ChangeClass, string>> = {
  lost: 'no module serves them any more',
  generic: 'only a driver of a wider class is left',
  dropped: 'one of their modules is gone, but another remains',
  moved: 'another module serves them now',
  narrowed: 'the module no longer serves a part of them',
  'override-only': 'served only when driver_override asks for it',
  gained: 'no module served them before',
  specific: 'only a driver of a wider class served them before',
  joined: 'one more module serves them',
  widened: 'the module serves more of them than before',
  builtin: 'their module is built in now',
  loadable: 'their module is no longer built in',
  package: 'their module comes from another package now',
  order: 'the same modules serve them, but another comes first',
};

/** How to write a difference. */
export interface DiffStyle {
  readonly width: number;
  readonly namesOf: (pattern: string) => DeviceNames;
  /** Classes to list pattern by pattern; of the others only counts by module are shown. */
  readonly listed: ReadonlySet<ChangeClass>;
  /** Whether only some of the changes were asked for. */
  readonly isPart: boolean;
  /** How many changes a baseline accepts. */
  readonly accepted: number;
}

/** The classes that are listed unless others are asked for. */
export const LISTED: ReadonlySet<ChangeClass> = new Set(LOSSES);

/** A difference for people: counts by class and bus, then losses by module and vendor, then modules. */
export function formatDiffText(
  [old, now]: readonly [DiffSide, DiffSide],
  difference: Difference,
  style: DiffStyle,
): string {
  const { changes, other, undecided } = difference;
  const called = ({ release, inputs }: DiffSide) => release ?? inputs.join(' + ');
  const parts = [
    fold([called(old), `-> ${called(now)}`], style.width),
    summaryTable(summarize(difference), style.width),
    renamedLines(difference, style.width),
    ...sections(changes, style, ''),
    ...sections(other, style, ' of aliases that name no device'),
    moduleLines(difference, style.width),
    dependentLines([...changes, ...other], style.width),
    undecided.map(({ side, pattern, module }) => `undecided: ${module} of ${side}: ${plain(pattern)}`),
  ];
  if (changes.length + other.length + undecided.length === 0) parts.push([nothing(difference, style)]);
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** What to say where no change is left; modules without aliases may have come or gone, or be called otherwise. */
function nothing({ renamed, modules }: Difference, { isPart, accepted }: DiffStyle): string {
  if (isPart) return 'no such difference';
  if (accepted > 0) return 'no other difference';
  const differs = renamed.length + modules.gone.length + modules.new.length > 0;
  return differs ? 'no difference but in modules' : 'no difference';
}

/** Rows are classes, columns as many buses as fit, those with most changes first. */
function summaryTable({ classes, buses, other }: DiffSummary, width: number): string[] {
  const total = (counts: DiffSummary['other']) => Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total(classes) + total(other) === 0) return [];
  const columns = Object.entries(buses).sort(([, a], [, b]) => total(b) - total(a));
  const cellWidth = (name: string) => Math.max(name.length, 5) + 2;
  let room = width - 13 - cellWidth('all') - cellWidth('others') - cellWidth('no bus');
  const fitting = columns.filter(([bus]) => {
    room -= cellWidth(bus);
    return room >= 0;
  });
  const rest = columns.filter((column) => !fitting.includes(column));
  const cell = (name: string, text: string) => text.padStart(cellWidth(name));
  const count = (n: number) => (n === 0 ? '-' : String(n));
  const row = (name: ChangeClass) =>
    name.padEnd(13) +
    cell('all', count((classes[name] ?? 0) + (other[name] ?? 0))) +
    fitting.map(([bus, counts]) => cell(bus, count(counts[name] ?? 0))).join('') +
    cell('others', count(rest.reduce((sum, [, counts]) => sum + (counts[name] ?? 0), 0))) +
    cell('no bus', count(other[name] ?? 0));
  const heads = ['all', ...fitting.map(([bus]) => bus), 'others', 'no bus'];
  const head = ' '.repeat(13) + heads.map((name) => cell(name, name)).join('');
  return [head, ...CLASSES.filter((name) => name in classes || name in other).map(row)];
}

function renamedLines({ renamed }: Difference, width: number): string[] {
  return renamed.flatMap(({ from, to, patterns }) =>
    fold(`renamed: ${from.join(', ')} -> ${to.join(', ')} (${patterns} pattern${patterns === 1 ? '' : 's'})`, width),
  );
}

function moduleLines({ modules }: Difference, width: number): string[] {
  const list = (title: string, names: readonly string[]) =>
    names.length === 0 ? [] : fold([`${title} (${names.length}):`, ...names], width);
  return [...list('modules gone', modules.gone), ...list('modules new', modules.new)];
}

function sections(changes: readonly Change[], style: DiffStyle, of: string): string[][] {
  return CLASSES.flatMap((name) => {
    const those = changes.filter((change) => change.class === name);
    if (those.length === 0) return [];
    const title = fold(`${name} (${those.length})${of}: ${MEANINGS[name]}`, style.width);
    const byModule = grouped(those, ({ modules }) => modules.join(' '));
    if (style.listed.has(name))
      return [[...title, ...[...byModule].flatMap(([module, group]) => moduleSection(module, group, style))]];
    const counts = [...byModule].map(([module, group]) => `${module} (${group.length})`);
    return [[...title, ...fold(counts, style.width, '  ')]];
  });
}

function moduleSection(module: string, changes: readonly Change[], style: DiffStyle): string[] {
  const byVendor = grouped(changes, ({ pattern }) => style.namesOf(pattern).vendor ?? '');
  return [
    `  ${module} (${changes.length})`,
    ...[...byVendor].flatMap(([vendor, group]) => [
      ...(vendor === '' ? [] : [`    ${vendor} (${group.length})`]),
      ...group.flatMap((change) => changeLines(change, style)),
    ]),
  ];
}

function changeLines(change: Change, { width, namesOf }: DiffStyle): string[] {
  const { device } = namesOf(change.pattern);
  const becomes = change.becomes ? [`(${change.becomes})`] : [];
  const isOthers = change.new.some((module) => !change.modules.includes(module));
  const now = isOthers ? ['->', change.new.join(', ')] : [];
  const name = device === null ? [] : fold(device, width, '        ');
  const depends = dependsOn(change);
  return [...fold([plain(change.pattern), ...becomes, ...now, ...depends], width, '      '), ...name];
}

function dependentLines(changes: readonly Change[], width: number): string[] {
  const dependent = changes.filter((change) => dependsOn(change).length > 0);
  const unknown = new Set(dependent.flatMap(({ depends = [] }) => depends.flatMap((device) => device.unknown)));
  const what = `depend on fields that the inventory lacks: ${[...unknown].join(', ')}`;
  return dependent.length === 0 ? [] : fold(`${dependent.length} of these changes ${what}`, width);
}

/** The fields that a change depends on and that the inventory lacks. */
function dependsOn({ devices, depends }: Change): string[] {
  if (!depends || devices?.length !== 0) return [];
  return [`(depends on ${[...new Set(depends.flatMap(({ unknown }) => unknown))].join(', ')})`];
}
