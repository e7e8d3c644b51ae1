import { expect, test } from 'vitest';
import { busNamed } from '../../../src/bus/buses.ts';
import { findingsOf, type Item } from '../../../src/packaging/finding.ts';
import type { FindingRule } from '../../../src/packaging/rules.ts';
import { withOrigins } from '../../../src/packaging/verify/verify-origins.ts';
import { parseRelease } from '../../../src/release.ts';

const table = (name: string, ...names: readonly string[]) =>
  ({ bus: busNamed('platform')!, name, rows: names.map((row) => ({ name: row })) }) as never;
const module = (path: string) => ({ name: 'm', path, relative: path, scanned: path });
const taken = module('kernel/m.ko');
const other = module('updates/m.ko');
const TABLES: Readonly<Record<string, readonly never[]>> = {
  '/kernel/m.ko': [table('one', 'a', 'b-c', 'a'), table('two', 'a', 'd')],
  '/updates/m.ko': [table('own', 'x', 'd')],
};
let read: string[] = [];
const input = {
  directory: { modules: [taken], sameName: [{ module: taken, others: [other], rival: false }] } as never,
  shown: (path: string) => `/${path}`,
  readTables: async function* (modules: readonly { readonly path: string }[]) {
    read = modules.map(({ path }) => path);
    for (const path of read) yield { file: `/${path}`, tables: TABLES[`/${path}`]!, release: parseRelease('6.12') };
  },
};
async function origins(rule: FindingRule, ...items: readonly Partial<Item>[]): Promise<string[]> {
  read = [];
  const findings = findingsOf(items.map((item) => ({ rule, items: [{ module: 'm', message: '', ...item }] })));
  return (await withOrigins(findings, input)).map((one) => `${one.alias} ${one.table} ${one.row}`);
}

test('withOrigins names the first row that makes an alias, whether with dashes or as an index has it', async () => {
  const aliases = ['platform:a', 'platform:b-c', 'platform:b_c', 'platform:d', 'platform:none'];
  expect(await origins('missing-in-text', ...aliases.map((alias) => ({ alias })))).toEqual([
    'platform:a one 0',
    'platform:b-c one 1',
    'platform:b_c one 1',
    'platform:d two 1',
    'platform:none null null',
  ]);
  expect(read).toEqual(['kernel/m.ko']);
});

test('withOrigins looks for a shadowed alias in the file that has it, for any other in the one that is taken', async () => {
  const alias = 'platform:d';
  expect(await origins('shadowed-aliases', { alias, file: '/updates/m.ko' })).toEqual([`${alias} own 1`]);
  expect(read).toEqual(['updates/m.ko']);
  expect(await origins('extra-in-index', { alias, file: '/modules.alias.bin' })).toEqual([`${alias} two 1`]);
});

test('withOrigins reads no table for findings that name one, or neither module nor alias', async () => {
  expect(await origins('missing-in-modinfo', { alias: 'platform:a', table: 'own', row: 7 })).toEqual([
    'platform:a own 7',
  ]);
  expect(await origins('missing-in-text', { alias: 'platform:a', module: null }, { alias: null })).toEqual([
    'platform:a null null',
    'null null null',
  ]);
  expect(read).toEqual([]);
});
