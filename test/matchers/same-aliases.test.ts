import { expect, test } from 'vitest';
import { parseAliases } from '../../src/lookup/load.ts';
import { hasSameAliases } from '../../src/matchers/same-aliases.ts';

const [ONE, TWO] = ['alias spi:acme-one acme', 'alias spi:acme-two acme'] as const;

test.each([
  ['order, repeats, comments and empty lines do not matter', [ONE, TWO], `# Made.\n\n${TWO}\r\n${ONE}\n${ONE}\n`, true],
  ['a missing line', [ONE], [ONE, TWO], false],
  ['a line more', [ONE, TWO], [ONE], false],
  ['another module', [ONE], 'alias spi:acme-one other', false],
  ['another module, where one side has no modules', [ONE], ['spi:acme-one'], true],
  ['dashes, which are not underscores in text', ['spi:acme-one'], ['spi:acme_one'], false],
  ['an index has dashes as underscores', parseAliases(ONE), ONE, true],
])('hasSameAliases: %s', (_, received, expected, pass) => {
  expect(hasSameAliases(received, expected).pass).toBe(pass);
});

test('hasSameAliases: a failure lists what is missing and what is new, and what is near to the first', () => {
  const [old, made] = ['00001041', '00001042'].map((d) => `alias pci:v00001AF4d${d}sv*sd*bc*sc*i* acme`) as [
    string,
    string,
  ];
  const { message, actual, expected } = hasSameAliases(made, old);
  expect([actual, expected]).toEqual([[made], [old]]);
  expect(message()).toMatch(`expected the same aliases, found 1 missing (-) and 1 more (+):\n- ${old}\n+ ${made}\n`);
  expect(message()).toMatch('differs: device is 00001041, expected 00001042');
});

test('hasSameAliases: a failure with many lines is cut', () => {
  const many = Array.from({ length: 30 }, (_, i) => `spi:acme${String(i).padStart(2, '0')}`);
  const { message, expected } = hasSameAliases([], many);
  expect(message()).toMatch(/^- spi:acme19\nand 10 more$/m);
  expect(message()).not.toMatch('acme20\n');
  expect(expected).toEqual([...many.slice(0, 20), 'and 10 more']);
  expect(hasSameAliases([], many.slice(0, 20)).expected).toEqual(many.slice(0, 20));
  expect(hasSameAliases([], many.slice(0, 21)).expected).toEqual([...many.slice(0, 20), 'and 1 more']);
});

test('hasSameAliases: lines are sorted, and what is missing is explained by two examples', () => {
  const { message } = hasSameAliases(['spi:x'], ['spi:c', 'spi:b', 'spi:a', 'spi:[']);
  const [list, ...examples] = message().split('\n\nWhat is missing would match, for example:\n');
  expect(list).toBe(
    'expected the same aliases, found 4 missing (-) and 1 more (+):\n- spi:[\n- spi:a\n- spi:b\n- spi:c\n+ spi:x',
  );
  expect(examples.map((text) => text.split('\n')[0])).toEqual(['spi:a', 'spi:b']);
});

test('hasSameAliases: modules count where all of both sides are known, whether written with dashes or underscores', () => {
  const mixed = ['alias spi:one acme', 'spi:two'];
  expect(hasSameAliases(mixed, ['alias spi:one other', 'alias spi:two other']).pass).toBe(true);
  expect(hasSameAliases('alias spi:one acme-nic', 'alias spi:one acme_nic').pass).toBe(true);
  expect(hasSameAliases('alias spi:one acme-nic', 'alias spi:one acmenic').pass).toBe(false);
});

test('hasSameAliases: says that all are the same, and which side it cannot use', () => {
  expect(hasSameAliases(ONE, ONE).message()).toBe('expected other aliases, found the same (1)');
  expect(() => hasSameAliases(7, [])).toThrow('received: found 7');
  expect(() => hasSameAliases([], 7)).toThrow('expected: found 7');
});
