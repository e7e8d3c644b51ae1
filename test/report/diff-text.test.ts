import { expect, test } from 'vitest';
import type { ChangeClass } from '../../src/packaging/change-classes.ts';
import type { Change } from '../../src/packaging/diff/change.ts';
import type { Difference } from '../../src/packaging/diff/diff.ts';
import { type DiffStyle, formatDiffText, LISTED } from '../../src/report/diff-text.ts';
import { side } from '../packaging/diff/side.ts';

const NONE: Difference = { renamed: [], changes: [], modules: { gone: [], new: [] }, other: [], undecided: [] };
const STYLE: DiffStyle = {
  width: 80,
  namesOf: () => ({ vendor: null, device: null }),
  listed: LISTED,
  isPart: false,
  accepted: 0,
};
const change = (name: ChangeClass, pattern: string, members: Partial<Change> = {}): Change => ({
  class: name,
  bus: pattern.includes(':') ? pattern.slice(0, pattern.indexOf(':')) : null,
  pattern,
  example: pattern,
  old: ['m'],
  new: [],
  modules: ['m'],
  by: [],
  package: { old: null, new: null },
  rows: [],
  ...members,
});
/** The parts of the text behind its title. */
const parts = (difference: Partial<Difference>, style: Partial<DiffStyle> = {}) => {
  const sides = [side([]), { ...side([]), release: '6.12' }] as const;
  const text = formatDiffText(sides, { ...NONE, ...difference }, { ...STYLE, ...style });
  const [title, ...rest] = text.slice(0, -1).split('\n\n');
  expect(title).toBe('test -> 6.12');
  return rest;
};

test('formatDiffText: says that there is no difference, or none in what was asked for or is not accepted', () => {
  expect(parts({})).toEqual(['no difference']);
  expect(parts({}, { accepted: 1 })).toEqual(['no other difference']);
  expect(parts({}, { accepted: 1, isPart: true })).toEqual(['no such difference']);
  for (const difference of [
    { renamed: [{ from: ['a'], to: ['b'], patterns: 1 }] },
    { modules: { gone: ['a'], new: [] } },
    { modules: { gone: [], new: ['a'] } },
  ])
    expect(parts(difference).at(-1)).toBe('no difference but in modules');
  expect(parts({ undecided: [{ side: 'new', pattern: 'a\x1b*', module: 'm' }] })).toEqual(['undecided: m of new: a?*']);
});

test('formatDiffText: counts by class and bus, buses with most changes first, as many as fit', () => {
  const changes = [
    ...[change('lost', 'i2c:a'), change('lost', 'pci:a'), change('lost', 'pci:b'), change('gained', 'pci:c')],
    ...[change('gained', 'i2c:d')],
  ];
  const table = (width: number) => parts({ changes, other: [change('lost', 'x')] }, { width })[0]!.split('\n');
  // 13 for the class, 7 for all, 8 each for the others and for no bus, 7 for each bus.
  expect(table(50)).toEqual([
    '                 all    pci    i2c  others  no bus',
    'lost               4      2      1       -       1',
    'gained             2      1      1       -       -',
  ]);
  expect(table(49)[1]).toBe('lost               4      2       1       1');
  expect(table(42)[1]).toBe('lost               4       3       1');
});

test('formatDiffText: lists losses pattern by pattern, and only counts the rest', () => {
  const changes = [
    change('lost', 'i2c:a', { modules: ['m', 'n'] }),
    change('lost', 'i2c:b'),
    change('narrowed', 'i2c:c', { becomes: 'moved', new: ['m', 'other'] }),
    change('narrowed', 'i2c:d', { becomes: 'dropped', new: ['m'] }),
    change('gained', 'i2c:e', { modules: ['g'] }),
    change('gained', 'i2c:f', { modules: ['g'] }),
  ];
  expect(parts({ changes }).slice(1)).toEqual([
    'lost (2): no module serves them any more\n  m n (1)\n      i2c:a\n  m (1)\n      i2c:b',
    'narrowed (2): the module no longer serves a part of them\n  m (2)\n      i2c:c (moved) -> m, other\n      i2c:d (dropped)',
    'gained (2): no module served them before\n  g (2)',
  ]);
  expect(parts({ changes }, { listed: new Set(['gained']) }).at(-1)).toBe(
    'gained (2): no module served them before\n  g (2)\n      i2c:e\n      i2c:f',
  );
});

test('formatDiffText: groups the patterns of a module by vendor, and names devices below them', () => {
  const namesOf = (pattern: string) => ({
    vendor: pattern < 'pci:c' ? 'Intel' : null,
    device: pattern === 'pci:a' ? '82574L' : null,
  });
  const changes = ['pci:a', 'pci:c', 'pci:b'].map((pattern) => change('lost', pattern));
  expect(parts({ changes }, { namesOf }).at(-1)!.split('\n').slice(1)).toEqual([
    ...['  m (3)', '    Intel (2)', '      pci:a', '        82574L', '      pci:b', '      pci:c'],
  ]);
});

test('formatDiffText: tells aliases that name no device, renames and modules by themselves', () => {
  const difference = {
    other: [change('lost', 'crypto_x')],
    renamed: [
      { from: ['a'], to: ['b', 'c'], patterns: 1 },
      { from: ['d'], to: ['e'], patterns: 2 },
    ],
    modules: { gone: ['g', 'h'], new: ['n'] },
  };
  expect(parts(difference).slice(1)).toEqual([
    'renamed: a -> b, c (1 pattern)\nrenamed: d -> e (2 patterns)',
    'lost (1) of aliases that name no device: no module serves them any more\n  m (1)\n      crypto_x',
    'modules gone (2): g h\nmodules new (1): n',
  ]);
});

test('formatDiffText: says which fields a change depends on, where no device is sure to be concerned', () => {
  const depends = [
    { modalias: 'usb:a', unknown: ['ic', 'isc'] },
    { modalias: 'usb:b', unknown: ['ic', 'ip'] },
  ];
  const changes = [
    change('lost', 'usb:a*', { devices: [], depends }),
    change('lost', 'usb:b*', { devices: ['usb:b'], depends }),
    change('lost', 'usb:c*'),
  ];
  const [, listed, dependent] = parts({ changes });
  expect(listed!.split('\n').slice(2)).toEqual([
    '      usb:a* (depends on ic, isc, ip)',
    '      usb:b*',
    '      usb:c*',
  ]);
  expect(dependent).toBe('1 of these changes depend on fields that the inventory lacks: ic, isc, ip');
});
