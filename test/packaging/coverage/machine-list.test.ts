import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MachineList } from '../../../src/packaging/coverage/machine-list.ts';

test('MachineList: holds each number once, in rising order, whatever the order in which they come', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 60 }), (numbers) => {
      const list = new MachineList();
      for (const number of numbers) list.add(number);
      const expected = [...new Set(numbers)].sort((a, b) => a - b);
      expect([...list]).toEqual(expected);
      expect(list.size).toBe(expected.length);
    }),
    { seed: 1, numRuns: 500 },
  );
});
