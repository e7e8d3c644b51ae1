import { expect, test } from 'vitest';
import { parseAliases } from '../../src/lookup/load.ts';
import { resolves } from '../../src/matchers/resolves.ts';

const LINES = `alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e
alias pci:v00008086d*sv*sd*bc02sc*i* any-nic
alias vfio_pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e_vfio_pci
`;
const KEY = 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00';
const OTHER = 'pci:v00008086d000010D4sv00008086sd0000A01Fbc0Csc00i00';

test.each([
  ['any module, where there is one', KEY, undefined, true],
  ['any module, where there is none', OTHER, undefined, false],
  ['the best module', KEY, 'e1000e', true],
  ['a module that is not the best', KEY, 'any_nic', false],
  ['all modules, best first', KEY, ['e1000e', 'any_nic'], true],
  ['all modules, in another order', KEY, ['any_nic', 'e1000e'], false],
  ['a part of the modules', KEY, ['e1000e'], false],
  ['a name with dashes for one with underscores', KEY, ['e1000e', 'any-nic'], true],
  ['no module, where there is none', OTHER, [], true],
  ['no module, where there are some', KEY, [], false],
] as const)('resolves: %s', (_, modalias, expected, pass) => {
  expect(resolves(LINES, modalias, expected).pass).toBe(pass);
});

test('resolves: the prefix asks for overrides', () => {
  expect(resolves(LINES, KEY, 'e1000e_vfio_pci', { prefix: 'vfio' }).pass).toBe(true);
  expect(resolves(LINES, KEY, 'e1000e', { prefix: 'vfio' }).message()).toMatch(
    `expected vfio_${KEY} to resolve to e1000e, found e1000e_vfio_pci\n`,
  );
});

test('resolves: a failure shows the fields of the device, the closest pattern and the field that differs', () => {
  const { message, actual, expected } = resolves(LINES, OTHER, 'e1000e');
  expect([actual, expected]).toEqual([[], ['e1000e']]);
  expect(message()).toMatch(`expected ${OTHER} to resolve to e1000e, found no module\n`);
  expect(message()).toMatch(/^ {2}d {3}device +000010D4/m);
  expect(message()).toMatch(
    /Closest patterns that do not match:\n {2}e1000e\n {6}pci:v00008086d000010D3sv\*sd\*bc\*sc\*i\*\n {8}differs: device is 000010D4, expected 000010D3/,
  );
  expect(message()).not.toMatch('built into the kernel');
});

test('resolves: patterns without modules cannot be compared with a module', () => {
  const patterns = ['pci:v00008086d000010D3sv*sd*bc*sc*i*'];
  expect(resolves(patterns, KEY).pass).toBe(true);
  expect(() => resolves(patterns, KEY, 'e1000e')).toThrow(
    'received: pci:v00008086d000010D3sv*sd*bc*sc*i* has no module to compare with; give the line "alias PATTERN MODULE", or use toMatchModalias',
  );
});

test('resolves: a message names all modules, and that there is none', () => {
  const first = (expected: readonly string[], key: string) =>
    resolves(LINES, key, expected).message().split('\n').slice(0, 3);
  expect(first([], KEY)).toEqual([`expected ${KEY} to resolve to no module, found e1000e, any_nic`, '', KEY]);
  expect(first(['a', 'b'], OTHER)).toEqual([`expected ${OTHER} to resolve to a, b, found no module`, '', OTHER]);
});

test('resolves: where nothing in particular is expected, there is nothing to compare', () => {
  expect(Object.keys(resolves(LINES, OTHER))).toEqual(['pass', 'message']);
});

test.each([
  [[7], 'modalias: found a number, expected a string'],
  [[KEY, 7], 'expected: found a number, expected a string'],
  [[KEY, ['a', 7]], 'expected[1]: found a number, expected a string'],
  [[KEY, 'a', 7], 'choice: found a number, expected an object'],
])('resolves: refuses %s', (args, message) => {
  const call = resolves as (...args: readonly unknown[]) => unknown;
  expect(() => call(LINES, ...args)).toThrow(expect.objectContaining({ code: 'bad-argument', message }));
});

test('resolves: of an index of a kernel, built-in drivers are thought of', () => {
  expect(resolves(parseAliases(LINES), OTHER).message()).toMatch('A driver built into the kernel may serve the device');
});

test('resolves: a modalias that no device has is refused where nothing matches it, for behind not it would pass', () => {
  expect(() => resolves(LINES, KEY.slice(0, 20), [])).toThrow(
    'modalias: pci:v00008086d000010 is truncated or miswritten; device (d) is',
  );
  expect(() => resolves(LINES, 'pci:v00008086', undefined, { prefix: 'vfio' })).toThrow('modalias: vfio_pci:v00008086');
  expect(() => resolves(LINES, '', [])).toThrow('modalias: is empty; expected what a device has');
  expect(resolves('alias pci:* any', KEY.slice(0, 20), 'any').pass).toBe(true);
});

test('resolves: a misspelt member of the choice is refused', () => {
  const choice: object = { prefx: 'vfio' };
  expect(() => resolves(LINES, KEY, 'e1000e', choice)).toThrow(
    "choice: found a member 'prefx', expected prefix, rank; did you mean 'prefix'?",
  );
});
