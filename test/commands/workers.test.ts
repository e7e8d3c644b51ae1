import { expect, test } from 'vitest';
import { workerCount } from '../../src/commands/workers.ts';

test('workerCount takes whole numbers from 1 to 64', () => {
  expect([undefined, 1, 64].map((workers) => workerCount({ workers }))).toEqual([undefined, 1, 64]);
  for (const workers of [0, 65, 1.5, Number.NaN])
    expect(() => workerCount({ workers })).toThrow(`found ${workers}, expected a whole number from 1 to 64`);
});
