import { expect, test } from 'vitest';
import { knownDevice } from '../../../src/inventory/known-device.ts';
import type { ChangeClass } from '../../../src/packaging/change-classes.ts';
import type { Change } from '../../../src/packaging/diff/change.ts';
import type { Difference } from '../../../src/packaging/diff/diff.ts';
import { type Selection, select, summarize, warnOfStrangers } from '../../../src/packaging/diff/select.ts';
import { side } from './side.ts';

const change = (kind: ChangeClass, pattern: string, old: string[], now: string[], modules: string[]): Change => ({
  class: kind,
  bus: pattern.includes(':') ? pattern.slice(0, pattern.indexOf(':')) : null,
  pattern,
  example: pattern,
  old,
  new: now,
  modules,
  by: [],
  package: { old: null, new: null },
  rows: [],
});

const whole: Difference = {
  renamed: [{ from: ['r1'], to: ['r2'], patterns: 1 }],
  changes: [
    change('lost', 'pci:a*', ['before'], [], ['own']),
    change('moved', 'pci:b*', ['x'], ['after'], ['x']),
    change('lost', 'usb:a*', ['y'], [], ['y']),
  ],
  modules: { gone: ['g'], new: ['n'] },
  other: [change('gained', 'devname', [], ['o'], ['o'])],
  undecided: [{ side: 'old', pattern: 'pci:u*', module: 'u' }],
};

const sides = [
  side(['pci:a* before', 'pci:a* own', 'pci:b* x', 'usb:a* y', 'pci:u* u']),
  side(['pci:b* after', 'pci:u* u']),
] as const;

/** What is left of it, in one line a list. */
function left(selection: Selection): Record<string, string> {
  const { renamed, changes, modules, other, undecided } = select(whole, selection, sides);
  return {
    changes: changes.map(({ pattern }) => pattern).join(' '),
    rest: [
      ...renamed.map(({ to }) => to),
      ...modules.gone,
      ...modules.new,
      ...other.map(({ pattern }) => pattern),
      ...undecided.map(({ module }) => module),
    ].join(' '),
  };
}

test.each<[what: string, selection: Selection, changes: string, rest: string]>([
  ['nothing chosen', {}, 'pci:a* pci:b* usb:a*', 'r2 g n devname u'],
  ['classes', { classes: new Set(['lost']) }, 'pci:a* usb:a*', 'r2 g n u'],
  ['buses', { buses: new Set(['usb']) }, 'usb:a*', 'u'],
  ['classes of a bus', { classes: new Set(['lost']), buses: new Set(['pci']) }, 'pci:a*', 'u'],
  ['a module that answered before', { modules: new Set(['before']) }, 'pci:a*', ''],
  ['a module that answers now', { modules: new Set(['after']) }, 'pci:b*', ''],
  ['a module whose pattern it is', { modules: new Set(['own']) }, 'pci:a*', ''],
  ['a module that was renamed', { modules: new Set(['r1']) }, '', 'r2'],
  ['the new name of one', { modules: new Set(['r2']) }, '', 'r2'],
  [
    'modules that are gone, new, of no device and undecided',
    { modules: new Set(['g', 'n', 'o', 'u']) },
    '',
    'g n devname u',
  ],
  ['devices', { devices: ['pci:a1', 'pci:ux'].map(knownDevice) }, 'pci:a*', 'u'],
  ['devices of no pattern', { devices: [knownDevice('pci:z')] }, '', ''],
  ['a device that libkmod refuses', { devices: [knownDevice('pci:a[')] }, '', ''],
])('select: %s', (_what, selection, changes, rest) => {
  expect(left(selection)).toEqual({ changes, rest });
});

test('summarize counts the classes, those of each bus in the order of its name, and of what names no device', () => {
  const summary = summarize({ ...whole, changes: [whole.changes[2]!, ...whole.changes] });
  expect(summary).toEqual({
    classes: { lost: 3, moved: 1 },
    buses: { pci: { lost: 1, moved: 1 }, usb: { lost: 2 } },
    other: { gained: 1 },
  });
  expect(Object.keys(summary.buses)).toEqual(['pci', 'usb']);
});

test('warnOfStrangers: a bus or module that neither side has is a warning, with the name that was meant', () => {
  const chosen = { buses: new Set(['pci', 'ucb']), modules: new Set(['after', 'y', 'befor']) };
  expect(warnOfStrangers(chosen, sides).map(({ code, severity, message }) => [code, severity, message])).toEqual([
    ['selects-nothing', 'warning', "--bus ucb: neither side has aliases of it; did you mean 'usb'?"],
    ['selects-nothing', 'warning', "--module befor: neither side has aliases of it; did you mean 'before'?"],
  ]);
  expect(warnOfStrangers({}, sides)).toEqual([]);
  expect(
    warnOfStrangers({ modules: new Set(['bare']) }, [side([]), { ...side([]), names: new Set(['bare']) }]),
  ).toEqual([]);
});
