import { expect, test } from 'vitest';
import { busNamed } from '../../../src/bus/buses.ts';
import type { IdTable } from '../../../src/bus/define/bus.ts';
import { asOneStale } from '../../../src/packaging/verify/verify-indexes.ts';
import { verifyModule } from '../../../src/packaging/verify/verify-module.ts';
import { parseRelease } from '../../../src/release.ts';

const row = (name: string) => ({ name });
const verdict = (aliases: readonly string[], ...names: readonly string[]) => {
  const table = { bus: busNamed('platform')!, name: 'ids', rows: names.map(row) } as unknown as IdTable;
  return verifyModule({ module: 'm', file: 'm.ko', aliases, tables: [table], release: parseRelease('6.12') });
};
const rules = (...args: Parameters<typeof verdict>) => verdict(...args).causes.map(({ rule }) => rule);

test('verifyModule takes what no row makes for hand-written, unless an alias built alike is missing', () => {
  expect(verdict(['platform:a', 'platform:b', 'x'], 'a')).toMatchObject({
    handWritten: ['platform:b', 'x'],
    causes: [],
  });
  const { handWritten, causes } = verdict(['platform:b', 'x'], 'a');
  expect(handWritten).toEqual(['x']);
  expect(causes.map(({ rule }) => rule)).toEqual(['missing-in-modinfo', 'extra-in-modinfo']);
});

test('verifyModule counts an alias as often as rows make it', () => {
  expect(rules(['platform:a', 'platform:a'], 'a', 'a')).toEqual([]);
  expect(rules(['platform:a'], 'a', 'a')).toEqual(['missing-in-modinfo']);
});

test('verifyModule finds aliases of more than 4,095 bytes, those with a byte above 127, and unpaired brackets', () => {
  const long = 'x'.repeat(4095);
  expect([rules([long]), rules([`${long}x`]), rules(['a\x7f']), rules(['a\x80']), rules(['a['])]).toEqual([
    [],
    ['alias-not-indexable'],
    [],
    ['alias-not-indexable'],
    ['unmatched-bracket'],
  ]);
  expect(rules([`[a]${'x'.repeat(4092)}`])).toEqual([]);
  expect(rules([`[a]${'x'.repeat(4093)}`])).toEqual(['alias-not-indexable']);
});

test('asOneStale names the first stale file, those that repeat it, and the others', () => {
  const stale = (file: string) => ({
    rule: 'stale-index' as const,
    items: [{ file, message: '' }],
    summary: `3 of ${file}`,
  });
  const [one] = asOneStale([stale('/a/modules.alias'), stale('/a/modules.dep')], ['/a/modules.alias.bin']);
  expect(one!.summary).toBe(
    'modules.alias, modules.alias.bin and modules.dep look like those of another kernel or of older modules: ' +
      '3 of /a/modules.alias; in modules.dep, 3 of /a/modules.dep',
  );
  expect(asOneStale([stale('p.deb(lib/modules.alias)')], [])[0]!.summary).toMatch(/^modules\.alias looks like that of/);
});
