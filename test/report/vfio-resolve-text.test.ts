import { expect, test } from 'vitest';
import { resolveText } from '../../src/report/vfio-resolve-text.ts';

const found = {
  ...{
    device: '01:00.0',
    path: 'devices/x',
    bus: 'pci',
    modalias: 'pci:v1',
    query: 'vfio_pci:v1',
    pattern: 'vfio_pci:*',
  },
  ...{
    module: 'vfio_pci',
    source: 'alias',
    driver: 'vfio-pci',
    driverSource: 'sysfs',
    driverFrom: 'sysfs',
    problem: null,
  },
  ...{ candidates: [], ambiguous: false, byRule: null },
};
const lines = (members: object, width = 80) =>
  resolveText({ ...found, ...members } as never, '/sys', width)
    .split('\n')
    .slice(0, -1);

test('resolveText: the six steps, and where the driver is from', () => {
  expect(lines({})).toEqual([
    ...['01:00.0', '1  path      /sys/devices/x', '2  modalias  pci:v1', '3  query     vfio_pci:v1'],
    ...['4  alias     vfio_pci:*', '5  module    vfio_pci', '6  driver    vfio-pci', '   by        sysfs'],
  ]);
});

test('resolveText: a dash for what is not there, and why no alias was asked for', () => {
  const none = { path: null, modalias: null, query: null, pattern: null, module: null, driver: null };
  expect(lines({ ...none, source: null, problem: 'no driver' })).toEqual([
    ...['01:00.0', '1  path      -', '2  modalias  -', '3  query     -', '4  alias     -', '5  module    -'],
    ...['6  driver    unknown', '   no answer: no driver'],
  ]);
  const fact = lines({ query: null, pattern: null, source: 'fact', bus: 'css' });
  expect(fact.slice(3, 5)).toEqual([
    "3  query     none: bus 'css' has no override aliases",
    '4  alias     none: from a table of kernel facts',
  ]);
  expect(lines({ source: 'builtin' })[5]).toBe('5  module    vfio_pci (built in)');
  expect(lines({ driverSource: null }).join()).not.toContain('by');
});

test('resolveText: other candidates once each, and what each rule says where they differ', () => {
  const candidates = ['vfio_pci', 'other', 'other', 'third'].map((module) => ({ module }));
  const byRule = { specific: 'a', stars: 'b' };
  expect(lines({ candidates, byRule, ambiguous: true }).slice(-2)).toEqual([
    '   others    other, third',
    '   ranks     specific: a, stars: b',
  ]);
  expect(lines({ candidates: candidates.slice(0, 1), byRule }).at(-1)).toBe('   by        sysfs');
});

test('resolveText: long texts are folded in their column, and controls are not printed', () => {
  expect(lines({ driverFrom: 'some words\x1b to be folded' }, 30).slice(-2)).toEqual([
    '   by        some words? to be',
    '               folded',
  ]);
});
