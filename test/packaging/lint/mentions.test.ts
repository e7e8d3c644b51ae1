import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LintAlias, LintModule } from '../../../src/packaging/lint/lint-module.ts';
import { mentionsOf } from '../../../src/packaging/lint/mentions.ts';
import { moduleRules } from '../../../src/packaging/lint/module-rules.ts';
import { LINT_RULE_NAMES } from '../../../src/packaging/lint/rules.ts';
import { pci } from '../../../src/bus/pci.ts';
import { PATH_MAX } from '../../../src/pattern/normalize.ts';
import { many } from '../../support/many.ts';

const moduleWith = (aliases: readonly LintAlias[], more: Partial<LintModule> = {}): LintModule => ({
  module: 'acme',
  file: 'acme.ko',
  texts: aliases.map(({ alias }) => alias),
  aliases,
  diagnostics: [],
  ...more,
});
const byHand = (alias: string): LintAlias => ({ alias, table: null, row: null });
const repeats = (texts: readonly string[], more?: Partial<LintModule>) =>
  mentionsOf(moduleWith(texts.map(byHand), more))('repeats');

test('mentionsOf: looks for a pattern in every alias, each in a line of its own', () => {
  const mentioned = mentionsOf(moduleWith([byHand('pci:a'), byHand('acpi*:b:')]));
  expect([/^acpi/m, /^pci/, /_pci/, /a:?$/m, undefined].map(mentioned)).toEqual([true, true, false, true, true]);
});

test('mentionsOf: looks for any of several texts', () => {
  const mentioned = mentionsOf(moduleWith([byHand('pci:a'), byHand('vfio_pci:b]')]));
  expect([['['], ['[', ']'], ['_cdx:', '_pci:'], ['a\nv'], []].map(mentioned)).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
});

test('mentionsOf: aliases repeat where they differ in dashes, or in what libkmod cuts off', () => {
  expect(repeats(['a', 'b', 'c-d'])).toBe(false);
  expect(repeats(['a', 'b', 'a'])).toBe(true);
  expect(repeats(['a-b', 'a_b'])).toBe(true);
  const long = 'x'.repeat(PATH_MAX - 1);
  expect(repeats([long, 'b'])).toBe(false);
  expect(repeats([`${long}1`, `${long}2`])).toBe(true);
});

test('mentionsOf: rows that modpost drops and aliases that are listed again repeat another', () => {
  expect(repeats([])).toBe(false);
  expect(repeats(['a'], { dropped: [byHand('a')] })).toBe(true);
  expect(repeats(['a'], { listedAgain: [byHand('a')] })).toBe(true);
});

test('LINT_RULES: what a rule looks for is there wherever it finds something', () => {
  const start = ['pci:', 'vfio_pci:', 'usb:', 'acpi*:', 'ACPI:', 'acpi*:acme0001:', 'hid:', '16z', '*'];
  const piece = fc.oneof(
    fc.constantFrom(...start, '[-', ']', '-', '_', 'v', 'a', '\n', '*'),
    fc.string({ maxLength: 3 }),
  );
  const alias = fc.record({
    alias: fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
    table: fc.constantFrom('ids', null),
    row: fc.constant(0),
  });
  const tables = [{ bus: pci, name: 'ids', rows: [] }];
  fc.assert(
    fc.property(fc.array(alias, { maxLength: 10 }), (aliases) => {
      const module = moduleWith(aliases, { tables });
      const mentioned = mentionsOf(module);
      for (const { name, mentions, find } of moduleRules(LINT_RULE_NAMES))
        if (!mentioned(mentions)) expect([name, ...find(module)]).toEqual([name]);
    }),
    { numRuns: many(500) },
  );
});
