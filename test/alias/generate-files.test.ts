import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateFiles } from '../../src/alias/generate-files.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-generate-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A file with such lines. */
function file(name: string, ...lines: string[]): string {
  const path = join(dir, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

test('generateFiles: modules in the order of the files and of the objects in them, each with its aliases', async () => {
  const late = file(
    'z.json',
    '{"module":"a","tables":[{"bus":"spi","rows":[{"name":"x"},{"name":"y"}]}]}',
    '{"module":"b"}',
  );
  const early = file('a.json', '{"module":"c","aliases":["own"],"tables":[{"bus":"spi","rows":[{"name":"x"}]}]}');
  expect(await generateFiles([late, early])).toEqual({
    modules: [
      {
        file: late,
        module: 'a',
        tables: ['#0'],
        aliases: [
          { alias: 'spi:x', table: 0, row: 0 },
          { alias: 'spi:y', table: 0, row: 1 },
        ],
      },
      { file: late, module: 'b', tables: [], aliases: [] },
      { file: early, module: 'c', tables: ['#0'], aliases: [{ alias: 'spi:x', table: 0, row: 0 }, { alias: 'own' }] },
    ],
    diagnostics: [],
  });
});

test('generateFiles: numbers the tables of each module from 0', async () => {
  const table = (name: string) => `{"bus":"spi","rows":[{"name":"${name}"}]}`;
  const both = file(
    'f.json',
    `{"module":"a","tables":[${table('x')},${table('y')}]}`,
    `{"module":"b","tables":[${table('z')}]}`,
  );
  const { modules } = await generateFiles([both]);
  expect(modules.map(({ aliases }) => aliases.map(({ alias, table: index }) => [alias, index]))).toEqual([
    [
      ['spi:x', 0],
      ['spi:y', 1],
    ],
    [['spi:z', 0]],
  ]);
});

test('generateFiles: a problem of a row has its file, its line there and its pointer from the top of the file', async () => {
  const path = file(
    'f.json',
    '[{"module":"a"},',
    ' {"module":"b","tables":[',
    '  {"bus":"usb","name":"ids","rows":[{"idVendor":1},',
    '    {}]}]}]',
  );
  const { modules, diagnostics } = await generateFiles([path]);
  expect(modules.map(({ module }) => module)).toEqual(['a', 'b']);
  expect(diagnostics).toMatchObject([
    {
      code: 'usb-empty-row',
      severity: 'warning',
      file: path,
      line: 4,
      pointer: '/1/tables/0/rows/1',
      module: 'b',
      table: 'ids',
    },
  ]);
});

test('generateFiles: an alias of the module that is not one word is a warning with its line', async () => {
  const path = file('f.json', '{"module":"a","aliases":["x",', ' "a b"]}');
  const { modules, diagnostics } = await generateFiles([path]);
  expect(modules[0]!.aliases).toEqual([{ alias: 'x' }, { alias: 'a b' }]);
  expect(diagnostics).toMatchObject([{ code: 'alias-blank', file: path, line: 2, pointer: '/aliases/1' }]);
});

test('generateFiles: a problem of no row stands on the first line of what it is about', async () => {
  const path = file('f.json', '{"module":"a","kernel":"99.1","tables":[', ' {"bus":"spi","rows":[{"name":"x"}]}]}');
  const { modules, diagnostics } = await generateFiles([path]);
  expect(modules[0]!.aliases).toHaveLength(1);
  expect(diagnostics).toMatchObject([{ code: 'newer-release', severity: 'warning', file: path, line: 1 }]);
});

test('generateFiles: a bad module and a file that cannot be read leave the others whole, each problem in its order', async () => {
  const bad = file('bad.json', '{"module":"a","tables":[', '{"bus":"nope","rows":[]}]}', '{"module":"b"}');
  const missing = join(dir, 'missing');
  const good = file('good.json', '{"module":"c"}');
  const { modules, diagnostics } = await generateFiles([bad, missing, good]);
  expect(modules.map(({ module }) => module)).toEqual(['b', 'c']);
  expect(diagnostics).toMatchObject([
    { code: 'unknown-bus', severity: 'error', file: bad, line: 2, pointer: '/tables/0/bus' },
    { code: 'unreadable', severity: 'error', file: missing },
  ]);
});

test('generateFiles: a release takes the place of what the files say', async () => {
  const path = file(
    'f.json',
    '{"module":"a","kernel":"6.12","tables":[{"bus":"spi","rows":[{"name":"x"},{"name":"x"}]}]}',
  );
  const count = async (release?: string) => (await generateFiles([path], { release })).modules[0]!.aliases.length;
  expect([await count(), await count('6.13')]).toEqual([2, 1]);
  await expect(generateFiles([path], { release: 'none' })).resolves.toMatchObject({
    diagnostics: [{ code: 'bad-release' }],
  });
});
