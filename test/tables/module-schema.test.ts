import * as v from 'valibot';
import { expect, test } from 'vitest';
import { wholeModuleSchema } from '../../src/tables/module-schema.ts';
import { badModules, goodModules } from './samples.ts';

const isModule = (json: unknown) => v.safeParse(wholeModuleSchema(), json).success;

/** Valibot leaves such a member out, and takes an array for an object; src/tables/check.ts sees both. */
const LEFT_TO_CHECK = [
  'a member called __proto__',
  'members called __proto__ further down',
  'a table that is none',
  'rows that are none',
];

test.each(goodModules)('wholeModuleSchema takes %s', (_what, json) => {
  expect(isModule(json)).toBe(true);
});

test.each(badModules.filter(([what]) => !LEFT_TO_CHECK.includes(what)))(
  'wholeModuleSchema refuses %s',
  (_what, json) => {
    expect(isModule(json)).toBe(false);
  },
);

test.each([
  [{ 1: 'a', '0x2': 'b', 4294967295: 'c' }, true],
  [{ '0x100000000': 'a' }, false],
  [{ 4294967296: 'a' }, false],
  [{ 0: 'a' }, false],
  [{ '0X0': 'a' }, false],
  [{ x1: 'a' }, false],
  [{ '1x': 'a' }, false],
])('wholeModuleSchema: whether prefixes have flags of 32 bits above 0: %j %j', (overridePrefixes, is) => {
  expect(isModule({ module: 'a', overridePrefixes })).toBe(is);
});

test('wholeModuleSchema knows the rows of each bus', () => {
  const table = (bus: string, row: object) => ({ module: 'a', tables: [{ bus, rows: [row] }] });
  expect([isModule(table('pci', { vendor: 1 })), isModule(table('usb', { idVendor: 1 }))]).toEqual([true, true]);
  expect([isModule(table('usb', { vendor: 1 })), isModule(table('usb', { idVendor: 65536 }))]).toEqual([false, false]);
});
