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
