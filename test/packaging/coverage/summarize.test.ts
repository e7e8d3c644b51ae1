import { expect, test } from 'vitest';
import { type Coverage, summarizeCoverage } from '../../../src/packaging/coverage/coverage.ts';
import type { StepClass } from '../../../src/packaging/coverage/step.ts';

/** A device that changes so between two kernels, and the machines that have it. */
const device = (name: StepClass, ...machines: readonly number[]) => ({
  ...{ modalias: name, unknown: [], count: machines.length, machines },
  answers: [{ state: 'module' }, { state: 'none' }],
  changes: [{ class: name, from: 0, to: 1 }],
});

test('summarizeCoverage lists the machines with most lost devices first, then those with most generic ones', () => {
  const coverage = {
    kernels: [{ name: 'old' }, { name: 'new' }],
    machines: ['b', 'a', 'c', 'd', 'e'],
    devices: [
      ...[device('generic', 0), device('generic', 0), device('generic', 0, 1, 2), device('lost', 1, 2, 3)],
      ...[device('lost', 3), device('moved', 4)],
    ],
  } as unknown as Coverage;
  const { losing, states, steps } = summarizeCoverage(coverage);
  expect(losing.map(({ name, lost, generic }) => `${name} ${lost} ${generic}`)).toEqual([
    ...['d 2 0', 'a 1 1', 'c 1 1', 'b 0 3'],
  ]);
  expect(states.map(({ module, none }) => [module, none])).toEqual([
    [6, 0],
    [0, 6],
  ]);
  expect(steps).toMatchObject([{ from: 'old', to: 'new', classes: { lost: { devices: 2, machines: 3 } } }]);
});

test('summarizeCoverage counts a change at the step to the kernel that makes it, whichever kernel was the last that tells', () => {
  const coverage = {
    kernels: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
    machines: ['m'],
    devices: [{ ...device('lost', 0), answers: [], changes: [{ class: 'lost', from: 0, to: 2 }] }],
  } as unknown as Coverage;
  const [first, second] = summarizeCoverage({ ...coverage, devices: coverage.devices.map(answered) }).steps;
  expect([first!.classes, second!.classes]).toEqual([{}, { lost: { devices: 1, machines: 1 } }]);
});

const answered = (one: Coverage['devices'][number]) => ({
  ...one,
  answers: ['module', 'unknown', 'none'].map((state) => ({ state, modules: [], package: null }) as never),
});

test('summarizeCoverage lists machines with as many lost devices by their generic ones, then by their names', () => {
  const devices = [device('generic', 1), device('generic', 1, 0), device('generic', 2, 3)];
  const coverage = {
    kernels: [{ name: 'old' }, { name: 'new' }],
    machines: ['a', 'z', 'y', 'x'],
    devices,
  } as unknown as Coverage;
  expect(summarizeCoverage(coverage).losing.map(({ name }) => name)).toEqual(['z', 'a', 'x', 'y']);
});
