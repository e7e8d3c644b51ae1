import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseKeyNumber, parseNumber } from '../../src/tables/number.ts';
import { keyNumberPattern, numberPattern } from '../../src/tables/number-pattern.ts';
import { many } from '../support/many.ts';

const MOST = [0, 1, 7, 9, 10, 16, 0x11, 0x7f, 99, 100, 255, 256, 0x2ff, 0x2fe, 0xffff, 0xfffe, 0x10000, 0xffffffff];
const kinds = [
  ['numberPattern', 'parseNumber', numberPattern, parseNumber],
  ['keyNumberPattern', 'parseKeyNumber', keyNumberPattern, parseKeyNumber],
] as const;

test.each(MOST.flatMap((max) => kinds.map((kind) => [max, ...kind] as const)))(
  'numberPattern and keyNumberPattern: up to %i %s matches exactly the strings that %s takes',
  (max, _pattern, _parse, patternOf, parse) => {
    const pattern = new RegExp(patternOf(max));
    const texts = fc.oneof(
      fc.integer({ min: Math.max(0, max - 20), max: max + 20 }),
      fc.nat({ max: max * 2 + 20 }),
      fc.nat({ max: 300 }),
    );
    const forms = [
      (n: number) => String(n),
      (n: number) => `0x${n.toString(16)}`,
      (n: number) => `0X${n.toString(16).toUpperCase().padStart(8, '0')}`,
      (n: number) => `0x${n.toString(16).padStart(16, '0')}`,
      (n: number) => `0x${n.toString(16).padStart(17, '0')}`,
      (n: number) => `0${n}`,
    ];
    fc.assert(
      fc.property(texts, fc.constantFrom(...forms), (n, form) => {
        const value = parse(form(n));
        expect([form(n), pattern.test(form(n))]).toEqual([form(n), value !== undefined && value <= max]);
      }),
      { numRuns: many(750) },
    );
    for (const junk of ['', '0x', '-1', '+1', '1.0', '1e3', ' 1', '1 ', '1\n', '0x1\n', '0b1', '00']) {
      expect([junk, pattern.test(junk)]).toEqual([junk, false]);
    }
  },
);
