import { expect, test } from 'vitest';
import { chooseDelimiters } from '../../src/pattern-index/delimiter.ts';
import { PatternTableBuilder } from '../../src/pattern-index/pattern-table.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

function delimitersOf(patterns: readonly string[]): string | undefined {
  const builder = new PatternTableBuilder(patterns.length, 4096);
  const module = builder.module('m');
  for (const pattern of patterns) builder.add(Buffer.from(pattern, 'latin1'), 0, pattern.length, module, 0);
  const table = builder.finish();
  const chosen = chooseDelimiters(
    table,
    patterns.map((_, row) => row),
  );
  return chosen && String.fromCharCode(...[...chosen.keys()].filter((byte) => chosen[byte] === 1));
}

const hex = (i: number) => (i * 40503).toString(16).toUpperCase().padStart(8, '0').slice(-4);
const many = (pattern: (i: number) => string) => Array.from({ length: 400 }, (_, i) => pattern(i));

test('chooseDelimiters takes the C that opens a compatible string, also where each stands twice, with `C*` and without', () => {
  const compatible = (i: number) => `of:N*T*Cvendor,${hex(i)}`;
  expect(delimitersOf(many(compatible).flatMap((p) => [p, `${p}C*`]))).toBe('C');
  const pairs = Array.from({ length: 5157 }, (_, i) => compatible(i)).flatMap((p) => [p, `${p}C*`]);
  expect(delimitersOf(pairs)).toBe('C');
});

test("chooseDelimiters takes the colons around acpi's ids", () => {
  expect(delimitersOf(many((i) => `acpi*:ABC${hex(i)}:*`))).toBe(':');
});

test('chooseDelimiters takes all small letters where those name the fields', () => {
  expect(delimitersOf(many((i) => `usb:v*p*d*c${hex(i)}s*`))).toBe(LETTERS);
});

test('chooseDelimiters takes no digit, of which values are full', () => {
  expect(delimitersOf(many((i) => `x:*0${1000 + i}0*`))).toBeUndefined();
});

test('chooseDelimiters takes all small letters for a small group', () => {
  expect(delimitersOf(['of:N*T*Cone', 'of:N*T*Ctwo'])).toBe(LETTERS);
});

test('chooseDelimiters answers undefined where nothing cuts out a word', () => {
  expect(delimitersOf(many((i) => `cpu:*${i % 10}*`))).toBeUndefined();
});
