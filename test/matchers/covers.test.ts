import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openAliasIndex, parseAliases } from '../../src/lookup/load.ts';
import { covers } from '../../src/matchers/covers.ts';
import { resolves } from '../../src/matchers/resolves.ts';
import { many } from '../support/many.ts';

const nic = (device: string, more = 'sv*sd*bc*sc*i*') => `pci:v00001AF4d${device}${more}`;
const DIGITS = [...'0123456789ABCDEF'];

test.each([
  ['the same', [nic('00001041')], [nic('00001041')], true],
  ['a wider pattern', [nic('*')], [nic('00001041')], true],
  ['a narrower pattern', [nic('00001041')], [nic('*')], false],
  ['one that is missing', [nic('00001041')], [nic('00001041'), nic('00001042')], false],
  ['something by nothing', [], [nic('00001041')], false],
  ['the union of several', DIGITS.map((d) => nic(`0000104${d}`)), [nic('0000104?')], true],
  ['a union that lacks one', DIGITS.slice(1).map((d) => nic(`0000104${d}`)), [nic('0000104?')], false],
  ['more text than a field has digits', [nic('????????')], [nic('*')], true],
  ['dashes as the index has them', ['platform:acme_nic'], ['platform:acme-nic'], true],
  ['aliases that name no device', ['fs-ext4'], ['fs-ext4', 'fs-ext3'], false],
])('covers: %s', (_, received, expected, pass) => {
  expect(covers(received, expected).pass).toBe(pass);
});

test('covers: a kernel answers for a list of patterns', () => {
  const kernel = parseAliases(`alias ${nic('*')} one\nalias usb:v0525p*d*dc*dsc*dp*ic*isc*ip*in* two\n`);
  expect(covers(kernel, ['usb:v0525pA4A0d*dc*dsc*dp*ic*isc*ip*in*', nic('00001041')]).pass).toBe(true);
});

test('covers: a failure lists what is not covered, with a device for example and why it has no match', () => {
  const lines = `alias ${nic('00001041')} acme\nalias ${nic('00001042')} acme\n`;
  const { pass, message } = covers([nic('00001041')], lines);
  expect(pass).toBe(false);
  expect(message()).toMatch(`expected to cover 2 patterns, found 1 not covered:\n  ${nic('00001042')} acme\n`);
  expect(message()).toMatch(
    /For example:\npci:v00001AF4d00001042sv[0-9A-F]{8}sd[^*]*\n[\s\S]*differs: device is 00001042, expected 00001041/,
  );
});

/** What is explained of a key that nothing is near to. */
const NOTHING = (key: string) => resolves([], key).message().split('\n').slice(2).join('\n');

/** Patterns of two open fields, whose values are short enough to try all of them. */
const field = fc.constantFrom('*', '0000000?', '00000000', '00000001', '0000000[0-3]', '0000000[12]', '0000000[!0]');
const pattern = fc.tuple(field, field).map(([v, d]) => `pci:v${v}d${d}sv*sd*bc*sc*i*`);
const KEYS = DIGITS.flatMap((v) => DIGITS.map((d) => `pci:v0000000${v}d0000000${d}sv00000000sd00000000bc00sc00i00`));

test('covers: passes exactly where a lookup finds whatever the others match, and has a true example otherwise', () => {
  const sets = fc.array(pattern, { maxLength: 6 });
  fc.assert(
    fc.property(sets, fc.array(pattern, { minLength: 1, maxLength: 6 }), (received, expected) => {
      const index = (patterns: readonly string[]) => parseAliases(patterns.map((p) => `alias ${p} m\n`).join(''));
      const [ours, theirs] = [index(received), index(expected)];
      const answers = (of: typeof ours, key: string) => of.lookup(key).length > 0;
      const { pass, message } = covers(received, expected);
      if (pass) for (const key of KEYS) expect(answers(theirs, key) && !answers(ours, key)).toBe(false);
      else {
        const example = /^For example:\n(.*)$/m.exec(message())![1]!;
        expect([example, answers(theirs, example), answers(ours, example)]).toEqual([example, true, false]);
      }
    }),
    { numRuns: many(25) },
  );
});

test('covers: what modprobe is configured to load, and the names of modules, serve an alias as a lookup has it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-covers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'modules.alias'), 'alias spi:one one\n');
  writeFileSync(join(folder, 'modules.dep'), 'kernel/two.ko:\n');
  writeFileSync(join(folder, 'x.conf'), 'alias spi:three* three\n');
  const index = openAliasIndex(folder, { config: [join(folder, 'x.conf')] });
  const covered = (pattern: string) => covers(index, pattern).pass;
  expect(['spi:one', 'two', 'spi:three', 'four'].map(covered)).toEqual([true, true, true, false]);
  expect(covers(index, 'spi:three?').message()).toMatch('spi:three? (cannot be decided)');
});

test('covers: aliases that depmod leaves out of the index match nothing, and need not be matched', () => {
  expect(covers([], ['spi:[one']).pass).toBe(true);
  expect(covers(['spi:[one'], ['spi:one']).pass).toBe(false);
});

test('covers: the first two examples are explained, and where all is covered the message says so', () => {
  const { message } = covers([], ['spi:one', 'spi:two', 'spi:three']);
  expect(message()).toBe(`expected to cover 3 patterns, found 3 not covered:
  spi:one
  spi:two
  spi:three

For example:
${NOTHING('spi:one')}

For example:
${NOTHING('spi:two')}`);
  expect(covers(['spi:one'], ['spi:one', 'spi:one']).message()).toBe(
    'expected not to cover 1 pattern, found that all are covered',
  );
});

test('covers: a device for example is one that there may be, not the shortest text that matches', () => {
  expect(covers([], ['of:N*T*Cacme,nic']).message()).toMatch('For example:\nof:NnodeT(null)Cacme,nic\n');
});

test('covers: says which side it cannot use', () => {
  expect(() => covers(7, [])).toThrow('received: found 7');
  expect(() => covers([], 7)).toThrow('expected: found 7');
});

test('covers: an empty list is refused, since anything would cover it', () => {
  for (const nothing of ['', [], '# a comment\n', parseAliases('')])
    expect(() => covers([nic('*')], nothing)).toThrow('expected: found no aliases');
});
