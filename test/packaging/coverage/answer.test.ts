import fc from 'fast-check';
import { expect, test } from 'vitest';
import { knownDevice } from '../../../src/inventory/known-device.ts';
import { buildAliasIndex } from '../../../src/lookup/load.ts';
import { answersTo, refusalOf } from '../../../src/packaging/coverage/answer.ts';
import type { CoverageKernel } from '../../../src/packaging/coverage/kernel.ts';
import { many } from '../../support/many.ts';
import { kernel } from './kernels.ts';

const NIC = 'pci:v00008086d000010D3sv00001028sd00000001bc02sc00i00';
const ids = (sv: string) => `pci:v00008086d000010D3sv${sv}sd*bc*sc*i*`;
const CLASS = 'pci:v*d*sv*sd*bc02sc*i*';

/** The states of a device, with modules. */
const answers = (modalias: string, ...kernels: readonly CoverageKernel[]) =>
  answersTo(knownDevice(modalias), kernels).map(({ state, modules, depends, mayBeBuiltin }) =>
    [
      state,
      ...modules,
      ...(depends ? ['depends', ...depends] : []),
      ...(mayBeBuiltin ? ['built-in?', ...mayBeBuiltin] : []),
    ].join(' '),
  );

test('answersTo: generic is a kernel that has only wider patterns left of those that another has', () => {
  const both = kernel('both', [`${ids('*')} e1000e`, `${CLASS} generic`]);
  const wide = kernel('wide', [`${CLASS} generic`]);
  expect(answers(NIC, both, wide)).toEqual(['module e1000e generic', 'generic generic']);
  expect(answers(NIC, wide, both)).toEqual(['generic generic', 'module e1000e generic']);
  expect(answers(NIC, wide)).toEqual(['module generic']);
});

test('answersTo: a wider driver that the other kernel does not have, or that claims the same, is none that is left', () => {
  const old = kernel('old', [`${ids('*')} e1000e`]);
  expect(answers(NIC, old, kernel('new', [`${CLASS} other`]))).toEqual(['module e1000e', 'module other']);
  const two = kernel('two', [`${ids('*')} e1000e`, `${ids('*')} igb`]);
  expect(answers(NIC, two, old)).toEqual(['module e1000e igb', 'module e1000e']);
});

test('answersTo: a built-in driver counts where what it matches is recorded', () => {
  const loadable = kernel('loadable', [`${ids('*')} e1000e`]);
  const builtin = kernel('builtin', [], { builtinNames: ['e1000e'], builtin: [[ids('*'), 'e1000e']] });
  expect(answers(NIC, loadable, builtin)).toEqual(['module e1000e', 'builtin e1000e']);
  const hidden = kernel('hidden', [`${CLASS} generic`], { builtinNames: ['e1000e'], builtin: [[ids('*'), 'e1000e']] });
  const both = kernel('both', [`${ids('*')} e1000e`, `${CLASS} generic`]);
  expect(answers(NIC, both, hidden)).toEqual(['module e1000e generic', 'module generic']);
});

test('answersTo: where it is not recorded, a module of another kernel that is built in may serve the device', () => {
  const loadable = kernel('loadable', [`${ids('*')} e1000e`, `${CLASS} generic`]);
  const named = { builtinNames: ['e1000e'], builtin: [] };
  expect(answers(NIC, loadable, kernel('named', [], named))).toEqual([
    'module e1000e generic',
    'unknown built-in? e1000e',
  ]);
  expect(answers(NIC, loadable, kernel('named', [`${CLASS} generic`], named))).toEqual([
    'module e1000e generic',
    'module generic built-in? e1000e',
  ]);
  const recording = kernel('recording', [], { builtinNames: ['e1000e'], builtin: [[ids('*'), 'e1000e']] });
  expect(answers(NIC, recording, kernel('silent', []))).toEqual(['builtin e1000e', 'unknown built-in? e1000e']);
  expect(answers(NIC, loadable, kernel('silent', []))).toEqual(['module e1000e generic', 'none']);
});

test('answersTo: names the package of the first module that comes in one', () => {
  const packed = kernel('packed', [`${ids('*')} a`, `${ids('*')} b`], { packages: { b: 'modules-extra-6.1' } });
  expect(answersTo(knownDevice(NIC), [packed])).toEqual([
    { state: 'module', modules: ['a', 'b'], package: 'modules-extra-6.1' },
  ]);
});

test('answersTo: what libkmod refuses is not known, as no device prints it', () => {
  const any = kernel('any', ['pci:* x']);
  expect(answers('pci:[x', any)).toEqual(['unknown']);
  expect(answers('platform:[x', any)).toEqual(['none']);
  expect(refusalOf('pci:[x')).toContain('unpaired bracket');
  expect(refusalOf('pci:\u0100')).toContain('not a byte');
  expect(refusalOf(NIC)).toBeUndefined();
  expect(answers(`pci:${'v'.repeat(4200)}`, kernel('long', [`pci:* ${'m'.repeat(50)}`]))).toEqual(['unknown']);
});

test('answersTo: where nothing serves a modalias that no device prints, that is not known; else libkmod is right', () => {
  const miswritten = 'pci:v00008086d000010d3sv00001028sd00000001bc02sc00i00';
  expect(answers(miswritten, kernel('ids', [`${ids('*')} e1000e`]), kernel('class', [`${CLASS} generic`]))).toEqual([
    'unknown',
    'module generic',
  ]);
});

/** Patterns and devices over few values, so that they meet often. */
const value = (width: number, ...values: string[]) =>
  fc.constantFrom(...values.map((text) => text.padStart(width, '0')));
const fields = [
  value(8, '8086', '1AF4'),
  value(8, '1', '2'),
  value(8, '0', '7'),
  value(8, '0', '8'),
  value(2, '2', '3'),
  value(2, '0', '1'),
  value(2, '0', '80'),
];
const tags = ['v', 'd', 'sv', 'sd', 'bc', 'sc', 'i'];
const joined = (values: readonly string[]) => `pci:${tags.map((tag, i) => tag + values[i]!).join('')}`;
const device = fc.tuple(...fields).map(joined);
const pattern = fc.tuple(...fields.map((field) => fc.oneof(field, fc.constant('*')))).map(joined);
const aliases = fc.array(fc.tuple(pattern, fc.constantFrom('a', 'b', 'c', 'd')), { maxLength: 8 });

test('answersTo: the modules of a whole modalias are those of a lookup, in its order', () => {
  fc.assert(
    fc.property(aliases, aliases, device, (one, two, modalias) => {
      const sets = [one, two];
      const kernels = sets.map((set, i) =>
        kernel(
          `k${i}`,
          set.map((alias) => alias.join(' ')),
        ),
      );
      const found = answersTo(knownDevice(modalias), kernels);
      for (const [i, set] of sets.entries()) {
        const index = buildAliasIndex(set.map(([alias, module]) => ({ alias, module })));
        const expected = [...new Set(index.lookup(modalias).map((match) => match.module))];
        expect(found[i]!.modules).toEqual(expected);
        expect(found[i]!.state === 'none').toBe(expected.length === 0);
      }
    }),
    { seed: 2, numRuns: many(100) },
  );
});

test('answersTo: what is said of a device of which fields are missing holds whatever they are', () => {
  fc.assert(
    fc.property(aliases, device, fc.subarray([2, 3, 4, 5, 6], { minLength: 1 }), (set, modalias, missing) => {
      const values = /^pci:v(.*)d(.{8})sv(.*)sd(.*)bc(.*)sc(.*)i(.*)$/.exec(modalias)!.slice(1);
      const partly = joined(values.map((text, i) => (missing.includes(i) ? '*' : text)));
      const one = kernel(
        'k',
        set.map((alias) => alias.join(' ')),
      );
      const [answer] = answersTo(knownDevice(partly), [one]);
      const [truth] = answersTo(knownDevice(modalias), [one]);
      const maybe = [...answer!.modules, ...(answer!.depends ?? [])];
      expect(truth!.modules.filter((module) => !maybe.includes(module))).toEqual([]);
      expect(answer!.modules.filter((module) => !truth!.modules.includes(module))).toEqual([]);
      if (answer!.state === 'none') expect(truth!.state).toBe('none');
      expect(knownDevice(partly).unknown).toEqual(missing.map((i) => tags[i]));
    }),
    { seed: 3, numRuns: many(250) },
  );
});

test('answersTo: modules of a device of which fields are missing come in the order of their lines', () => {
  const k = kernel('k', [`${ids('*')} card`, `${CLASS} any`, `${ids('00001028')} oem`]);
  expect(answers('pci:v00008086d000010D3sv*sd*bc02sc00i00', k)).toEqual(['module card any depends oem']);
});

test('answersTo: a class is generic beside patterns that give ids of devices, and beside no other that only overlaps', () => {
  const vendor = 'pci:v00008086d*sv*sd*bc*sc*i*';
  const wide = kernel('wide', [`${CLASS} generic`]);
  expect(answers(NIC, kernel('both', [`${vendor} maker`, `${CLASS} generic`]), wide)).toEqual([
    'module maker generic',
    'module generic',
  ]);
  expect(answers(NIC, kernel('both', [`${ids('*')} card`, `${CLASS} generic`]), wide)[1]).toBe('generic generic');
});
