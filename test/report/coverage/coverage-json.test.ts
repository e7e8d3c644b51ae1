import { expect, test } from 'vitest';
import { answerWords, vendorLosses } from '../../../src/report/coverage/coverage-json.ts';

test('answerWords names five modules that an answer depends on, or four and how many others there are', () => {
  const of = (count: number) => {
    const depends = Array.from({ length: count }, (_, i) => `m${i}`);
    return answerWords({ state: 'unknown', modules: [], depends, package: null } as Parameters<typeof answerWords>[0]);
  };
  expect(of(5)).toBe('unknown (m0, m1, m2, m3, m4)');
  expect(of(6)).toBe('unknown (m0, m1, m2, m3 or 2 others)');
});

test('vendorLosses: vendors with most lost devices first, then most generic ones, then by name; nameless ones are none', () => {
  const device = (vendor: string, ...classes: readonly string[]) => ({
    ...{ modalias: vendor, changes: classes.map((name) => ({ class: name })) },
  });
  const devices = [
    ...[device('z', 'generic'), device('b', 'lost'), device('a', 'lost'), device('c', 'lost', 'generic')],
    ...[device('', 'lost'), device('d', 'moved'), device('y', 'generic'), device('y', 'generic')],
  ] as never;
  const namesOf = (modalias: string) => ({ vendor: modalias || null, device: null });
  expect(vendorLosses(devices, namesOf).map(({ vendor, lost, generic }) => `${vendor} ${lost} ${generic}`)).toEqual([
    ...['c 1 1', 'a 1 0', 'b 1 0', 'y 0 2', 'z 0 1'],
  ]);
});
