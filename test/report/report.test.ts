import { expect, test } from 'vitest';
import { counted, countGroups, factsText, placeOf, subjectOf, totalOf } from '../../src/report/report.ts';
import { sampleReport, sampleResult } from './formats/sample-report.ts';

test('counted: leaves out what a baseline accepts, whether it fails or not', () => {
  const accepted = sampleResult({ accepted: { reason: 'old', until: null } });
  const [one, two] = [sampleResult(), sampleResult({ fails: false })];
  expect(counted(sampleReport([accepted, one, two]))).toEqual([one, two]);
});

test('countGroups: groups with most results come first, then by name; what has no group does not count', () => {
  const results = ['usb of lost', 'pci of lost', 'usb of moved', 'spi of lost', 'i2c of lost', 'pci of lost'].map(
    (text) => {
      const [bus, kind] = text.split(' of ');
      return sampleResult({ bus: bus!, kind: kind! });
    },
  );
  const groups = countGroups([sampleResult({ bus: null }), ...results], ({ bus }) => bus);
  expect(groups.map(([name, counts]) => [name, ...counts])).toEqual([
    ['pci', ['lost', 2]],
    ['usb', ['lost', 1], ['moved', 1]],
    ['i2c', ['lost', 1]],
    ['spi', ['lost', 1]],
  ]);
  expect(groups.map(([, counts]) => totalOf(counts))).toEqual([2, 2, 1, 1]);
});

test('placeOf: file and line as compilers write them, as far as they are known', () => {
  expect(placeOf({ file: 'a', line: 7 })).toBe('a:7');
  expect(placeOf({ file: 'a', line: null })).toBe('a');
  expect(placeOf({ file: null, line: 7 })).toBeNull();
});

test('subjectOf: module and pattern, as far as there are', () => {
  expect(subjectOf({ module: 'm', pattern: 'p' })).toBe('m: p');
  expect([subjectOf({ module: 'm', pattern: null }), subjectOf({ module: null, pattern: 'p' })]).toEqual(['m', 'p']);
  expect(subjectOf({ module: null, pattern: null })).toBe('');
});

test('factsText: one of something is in the singular', () => {
  const facts = [
    ['modules', 1],
    ['built-in aliases', 1],
    ['rows', 2],
    ['with 6.12', 'unknown'],
  ] as const;
  expect(factsText(sampleReport([], { facts }))).toBe('1 module, 1 built-in alias, 2 rows, unknown with 6.12');
});
