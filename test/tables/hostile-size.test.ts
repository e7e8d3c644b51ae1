import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateFiles } from '../../src/alias/generate-files.ts';
import { parseTablesPartial, readTables, readTablesPartial } from '../../src/tables/read-tables.ts';
import { Splitter } from '../../src/tables/split.ts';

test.each([
  ['a million brackets', `{"module":"a","tables":${'['.repeat(1e6)}`, 'too-deep'],
  ['a million brackets, closed', `{"module":"a","tables":${'['.repeat(1e6)}${']'.repeat(1e6)}}`, 'too-deep'],
  ['a million brackets behind a comment', `{"module":"a", /* " */ "tables":${'['.repeat(1e6)}`, 'bad-json'],
  ['a million brackets behind a broken string', `{"module":"\r${'['.repeat(1e6)}`, 'too-deep'],
  ['a million brackets at the top', '['.repeat(1e6), 'bad-json'],
  ['a million words', 'word\n'.repeat(1e6), 'bad-json'],
  ['a million bad rows', `{"module":"a","tables":[{"bus":"pci","rows":[${'1,'.repeat(1e6)}1]}]}`, 'bad-value'],
  ['a million quotes', `{"module":${'"'.repeat(1e6)}}`, 'bad-json'],
])('parseTablesPartial: %s are refused without a crash, with a bounded number of problems', async (_, text, code) => {
  const modules = parseTablesPartial(text);
  const problems = modules.flatMap((m) => m.diagnostics);
  expect(problems[0]?.code).toBe(code);
  expect(problems.length).toBeLessThanOrEqual(1001);
  expect(modules.every((m) => m.tables === undefined)).toBe(true);
});

test('readTablesPartial: a device that never ends is given up soon', async () => {
  const problems = [];
  for await (const { diagnostics } of readTablesPartial('/dev/zero')) problems.push(...diagnostics);
  expect(problems[0]).toMatchObject({ code: 'bad-json', line: 1 });
  expect(problems.length).toBeLessThan(100);
});

test('readTablesPartial: objects or blanks that never end are given up', () => {
  const full = new Splitter('f.json');
  full.push(Buffer.from('{}'.repeat(262_144)));
  expect(full.pieces).toHaveLength(262_144);
  expect(() => parseTablesPartial('{}'.repeat(262_145))).toThrow(expect.objectContaining({ code: 'too-big' }));
  const splitter = new Splitter('f.json', 8000);
  const blanks = Buffer.alloc(1000, '\n');
  for (let i = 0; i < 8; i++) splitter.push(blanks);
  const tooBig = expect.objectContaining({ code: 'too-big' });
  expect(() => splitter.push(blanks.subarray(0, 1))).toThrow(tooBig);
  expect(() => new Splitter('f.json').push(Buffer.alloc(536_870_913))).toThrow(tooBig);
});

test('generateFiles: the lines of many values on one long line are found in one go', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'modalias-tables-'));
  const file = join(dir, 'long.json');
  const rows = Array.from({ length: 30_000 }, () => '{"override_only":9}').join(',');
  writeFileSync(file, `\n{"module":"a","tables":[{"bus":"pci","rows":[${rows},\n{"override_only":9}]}]}`);
  const { diagnostics } = await generateFiles([file]);
  rmSync(dir, { recursive: true });
  expect(diagnostics).toHaveLength(30_001);
  expect(diagnostics.at(-2)).toMatchObject({ line: 2, pointer: '/tables/0/rows/29999', file });
  expect(diagnostics.at(-1)).toMatchObject({ line: 3, pointer: '/tables/0/rows/30000', file });
});

test('readTablesPartial: an object larger than 64 MiB is refused, and a missing file', async () => {
  const splitter = new Splitter('f.json');
  splitter.push(Buffer.from('{"module":"a","aliases":["'.padEnd(67_108_864, 'x')));
  expect(() => splitter.push(Buffer.from('x'))).toThrow(/one object is larger than 67108864 bytes/);
  await expect(readTables('no/such')).rejects.toMatchObject({ code: 'unreadable' });
});
