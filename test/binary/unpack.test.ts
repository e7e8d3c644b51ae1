import { expect, test } from 'vitest';
import { grownRoom, Scratch, tooBig } from '../../src/binary/unpack.ts';

const MIB = 1 << 20;

test('grownRoom doubles what was used, at least 1 MiB and at most one byte above the limit', () => {
  expect(grownRoom(5, 100 * MIB, 'x')).toBe(MIB);
  expect(grownRoom(MIB, 100 * MIB, 'x')).toBe(2 * MIB);
  expect(grownRoom(60 * MIB, 100 * MIB, 'x')).toBe(100 * MIB + 1);
  expect(grownRoom(100 * MIB, 100 * MIB, 'x')).toBe(100 * MIB + 1);
  expect(() => grownRoom(100 * MIB + 1, 100 * MIB, 'x')).toThrow(tooBig(100 * MIB, 'x').message);
});

test('Scratch keeps as many bytes as it is asked to where it has to grow, and its memory where it has not', () => {
  const scratch = new Scratch();
  const small = scratch.room(4);
  expect(small.length).toBe(MIB);
  small.set([1, 2, 3, 4]);
  expect(scratch.room(MIB)).toBe(small);
  const large = scratch.room(MIB + 1, 3);
  expect(large.length).toBe(MIB + 1);
  expect([...large.subarray(0, 3)]).toEqual([1, 2, 3]);
});

test('tooBig says what is too large, and for what', () => {
  expect(tooBig(7, 'x', 'package').message).toMatch(/^x: unpacks to more than 7 bytes, .* kernel package has$/);
  expect(tooBig(7, 'x').message).toMatch(/kernel module has$/);
});
