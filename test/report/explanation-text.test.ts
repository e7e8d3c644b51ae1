import { expect, test } from 'vitest';
import { parseAliases } from '../../src/lookup/load.ts';
import { explanationText } from '../../src/report/explanation-text.ts';

const aliases = [
  'alias pci:v00008086d00000953sv*sd*bc*sc*i* a_module_with_a_long_name_of_some_kind_of_driver',
  'alias pci:v00008086d00000953sv*sd*bc01sc08i* nvme',
  'alias pci:v00008086d00000954sv*sd*bc*sc*i* other',
  `alias cpu:type:x86,ven0000fam0006mod006A:feature:*0123*0456*0789*0ABC*0DEF*${'1111*'.repeat(12)} crypto`,
  '',
].join('\n');
const index = parseAliases(aliases);
const names = new Map([
  ['v', 'A Vendor Whose Name Has Many Words'],
  ['d', 'Frobnicator'],
]);
const nvme = 'pci:v00008086d00000953sv00008086sd00003702bc01sc08i02';
const cpu = `cpu:type:x86,ven0000fam0006mod006A:feature:,0123,0456,0789,0ABC,0DEF${',1111'.repeat(12)}`;

test.each([36, 40, 60, 80, 100])('explanationText breaks lines at %s columns, and cuts nothing', (width) => {
  for (const key of [nvme, cpu]) {
    const explanation = index.explain(key);
    const lines = explanationText(explanation, names, width).split('\n');
    const matches = [...explanation.candidates.flatMap((c) => c.matches), ...explanation.nearest];
    for (const whole of [key, ...matches.flatMap((m) => [m.pattern, m.module])]) {
      expect(
        lines.some((line) =>
          line
            .trim()
            .split(/ {2}|: /)
            .includes(whole),
        ),
      ).toBe(true);
    }
    for (const line of lines.filter((l) => l.length > width)) {
      // Only a word that has no room anywhere is longer than the line.
      expect(line).toMatch(/^ *\S+$/);
    }
    if (width >= 60) for (const name of key === nvme ? names.values() : []) expect(lines.join(' ')).toContain(name);
  }
});

test.each([30, 40, 60])('explanationText shows every word of names, states and reasons at %s columns', (width) => {
  const explanation = index.explain(nvme);
  const cut = index.explain('pci:v00008086d00000953');
  const words = (text: string) => text.split(/\s+/).filter(Boolean).join(' ');
  expect(words(explanationText(explanation, names, width))).toContain('A Vendor Whose Name Has Many Words');
  const shown = words(explanationText(cut, names, width));
  for (const whole of [
    'missing: subsystem vendor (sv), subsystem device (sd), class (bc), subclass (sc), programming interface (i)',
    'its id table is not recorded here, as in any kernel before 6.18.',
    'These match whatever the missing fields are:',
  ])
    expect(shown).toContain(whole);
  const wide = explanationText(cut, names, width)
    .split('\n')
    .filter((line) => line.length > width);
  for (const line of wide) expect(line).toMatch(/^ *\S+$/);
});

test('explanationText keeps what a terminal would obey out of its lines', () => {
  const text = explanationText(parseAliases('alias x\x1b[2J]* evil\n').explain('x\x1b2zz'), new Map());
  expect(text).not.toMatch(/[^\x20-\x7e\n]/);
});

test('explanationText: what stands beside a module or a source is on its line up to the last column', () => {
  const lines = (module: string, pattern: string, width: number) => {
    const match = { module, pattern, source: 'alias', priority: 0, fields: [] } as const;
    const candidate = { module, state: 'built-in', blacklisted: false, remarks: [], matches: [match] } as const;
    const explanation = { key: 'k', fields: [], candidates: [candidate], ambiguous: false, hidden: [], nearest: [] };
    return explanationText(explanation, new Map(), width).split('\n').slice(3);
  };
  expect(lines('abcdef', 'x', 20)[0]).toBe('  abcdef  (built-in)');
  expect(lines('abcdefg', 'x', 20).slice(0, 2)).toEqual(['  abcdefg', '      (built-in)']);
  // `      alias: ` are 13 columns, an indented pattern alone 6 more than it has.
  expect(lines('a', 'x'.repeat(17), 30)[1]).toBe(`      alias: ${'x'.repeat(17)}`);
  expect(lines('a', 'x'.repeat(18), 30).slice(1, 3)).toEqual(['      alias:', `      ${'x'.repeat(18)}`]);
  expect(lines('a', 'x'.repeat(24), 30)[2]).toBe(`      ${'x'.repeat(24)}`);
  expect(lines('a', 'x'.repeat(25), 30)[2]).toBe(`    ${'x'.repeat(25)}`);
});
