import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEVICE_FORMATS } from '../../../src/bus/buses.ts';
import { moduleRules } from '../../../src/packaging/lint/module-rules.ts';
import { LINT_RULE_NAMES } from '../../../src/packaging/lint/rules.ts';
import { many } from '../../support/many.ts';

const piece = fc.oneof(
  fc.constantFrom(
    ...DEVICE_FORMATS.map(({ bus }) => `${bus}:`),
    'vfio_pci:',
    'acpi*:',
    'v0000',
    '[0-',
    ']',
    '*',
    '?',
    '\\',
    '-',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 6 }),
);
const alias = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

test('LINT_RULES: each ends on whatever aliases a module has, and names only aliases of it', () => {
  fc.assert(
    fc.property(fc.array(alias, { maxLength: 12 }), (texts) => {
      const aliases = texts.map((text) => ({ alias: text, table: null, row: null }));
      const module = { module: 'm', file: 'f', texts, aliases, diagnostics: [] };
      for (const { find } of moduleRules(LINT_RULE_NAMES))
        for (const item of find(module)) {
          expect(item.message).not.toBe('');
          if (item.alias) expect(aliases).toContain(item.alias);
        }
    }),
    { numRuns: many(500) },
  );
});
