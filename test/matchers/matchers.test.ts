import { expect, test } from 'vitest';
import { parseAliases } from '../../src/lookup/load.ts';
import { type ModaliasMatchers, matchers } from '../../src/matchers/matchers.ts';

expect.extend(matchers);

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: an interface is only merged with one of the same type parameters.
  interface Matchers<T = any> extends ModaliasMatchers<void> {}
}

const LINE = 'alias usb:v0001p*d*dc*dsc*dp*ic*isc*ip*in* one';
const KEY = 'usb:v0001p0002d0003dc00dsc00dp00ic00isc00ip00in00';

test('matchers: work by expect.extend, by themselves, negated, promised and inside of others', async () => {
  const kernel = parseAliases(LINE);
  expect(kernel).toResolve(KEY, 'one');
  expect(kernel).not.toResolve(KEY, 'two');
  expect(kernel).toMatchModalias(KEY);
  expect(kernel).toCover(LINE);
  expect(kernel).toHaveSameAliasesAs(LINE);
  await expect(Promise.resolve(kernel)).resolves.toResolve(KEY);
  expect({ kernel }).toEqual({ kernel: expect.toResolve(KEY) });
});

test('matchers: a failure has the message, and what a runner shows as the difference', () => {
  const failure = (run: () => void): { message: string; actual: unknown; expected: unknown } => {
    try {
      run();
    } catch (error) {
      return error as { message: string; actual: unknown; expected: unknown };
    }
    throw new Error('expected a failure');
  };
  const failed = failure(() => expect(LINE).toResolve(KEY, 'two'));
  expect(failed.message).toMatch(`expected ${KEY} to resolve to two, found one\n`);
  expect([failed.actual, failed.expected]).toEqual([['one'], ['two']]);
  const negated = failure(() => expect(LINE).not.toMatchModalias(KEY));
  expect(negated.message).toMatch(`expected no pattern to match ${KEY}, found usb:v0001p*`);
});

test('matchers: what they cannot use is an error, negated or not', () => {
  expect(() => expect(7).not.toResolve(KEY)).toThrow('received: found 7, expected an index, id tables');
  expect(() => expect(LINE).not.toResolve(7 as unknown as string)).toThrow(
    'modalias: found a number, expected a string',
  );
  expect(() => expect(LINE).not.toMatchModalias('usb:[')).toThrow(/bracket/);
});

test('matchers: a message shows the beginning of a modalias, an alias or a module that never ends', () => {
  const long = 'a'.repeat(1_000_000);
  const begin = (start: string) => `${start}${'a'.repeat(400 - start.length)}...`;
  const { toResolve, toMatchModalias, toCover, toHaveSameAliasesAs } = matchers;
  expect(toMatchModalias('spi:b', `spi:${long}`).message()).toMatch(`a pattern to match ${begin('spi:')}\n`);
  const matched = toMatchModalias(`spi:*${long.slice(0, 3000)}`, `spi:${long.slice(0, 3000)}`);
  expect(matched.message()).toMatch(`no pattern to match ${begin('spi:')}, found ${begin('spi:*')}\n`);
  const other = toResolve('alias spi:a one', `spi:${long}`, long);
  expect(other.message()).toMatch(`expected ${begin('spi:')} to resolve to ${begin('')}, found no module\n`);
  const served = toResolve(`alias spi:a ${long.slice(0, 3000)}`, 'spi:a', long);
  expect(served.message()).toMatch(`to resolve to ${begin('')}, found ${begin('')}\n`);
  expect([served.actual, served.expected]).toEqual([[begin('')], [begin('')]]);
  expect(toCover('spi:b', `spi:${long.slice(0, 3000)}`).message()).toMatch(`\n${begin('  spi:')}\n`);
  expect(toHaveSameAliasesAs('spi:b', `spi:${long}`).message()).toMatch(`\n${begin('- spi:')}\n`);
  const refused = (run: () => unknown, message: string) =>
    expect(run).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
  refused(() => toMatchModalias('spi:b', `pci:v${long}`), `modalias: ${begin('pci:v')} is truncated`);
  refused(() => toResolve(`spi:${long}`, 'spi:b', 'one'), `received: ${begin('spi:')} has no module`);
  refused(() => toResolve(`alias spi:b ${long}`, 'spi:b'), `module '${'a'.repeat(80)}...', but libkmod allows`);
});

test('matchers: a modalias of 400 characters is shown whole', () => {
  const key = `spi:${'a'.repeat(396)}`;
  expect(matchers.toMatchModalias('spi:b', key).message()).toMatch(`a pattern to match ${key}\n`);
});
