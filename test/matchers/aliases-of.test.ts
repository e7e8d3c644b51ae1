import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import * as api from '../../src/index.ts';
import { aliasesOf } from '../../src/matchers/aliases-of.ts';

const JSON_TABLE = { module: 'acme', tables: [{ bus: 'spi', rows: [{ name: 'one' }] }], aliases: ['spi:two'] };
const TEXT = 'alias spi:one acme\nalias spi:two acme\n';
const ACME = [
  { alias: 'spi:one', module: 'acme' },
  { alias: 'spi:two', module: 'acme' },
];

/** The module object and what the library makes of it. */
async function results(): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-matchers-'));
  const file = join(folder, 'acme.json');
  writeFileSync(file, JSON.stringify(JSON_TABLE));
  const tables = api.parseTables(JSON.stringify(JSON_TABLE));
  const found = {
    'an object of a JSON id table': JSON_TABLE,
    'an array of them': [JSON_TABLE],
    parseTables: tables,
    'a module of parseTables': tables.modules[0],
    parseTablesPartial: api.parseTablesPartial(JSON.stringify(JSON_TABLE)),
    generateFiles: await api.generateFiles([file]),
    parseAliasText: api.parseAliasText(TEXT),
    parseAliases: api.parseAliases(TEXT),
    'a text': TEXT,
    'lines of a text': TEXT.trim().split('\n'),
    'parts of several kinds': ['alias spi:one acme', { module: 'acme', aliases: ['spi:two'] }],
  };
  rmSync(folder, { recursive: true });
  return found;
}

test('aliasesOf: takes what the library gives, and its inputs', async () => {
  for (const [what, given] of Object.entries(await results())) {
    const { index, list } = aliasesOf('received', given);
    expect([what, list().map(({ alias, module }) => ({ alias, module }))]).toEqual([what, ACME]);
    expect(index.modules('spi:two')).toEqual(['acme']);
  }
});

test('aliasesOf: takes aliases without modules, which go by their places', () => {
  const [tables] = api.parseTables(JSON.stringify(JSON_TABLE)).modules;
  const made = api.moduleAliases(tables!);
  for (const given of [made, ['spi:one', 'spi:two'], 'spi:one\nspi:two\n'])
    expect(
      aliasesOf('received', given)
        .list()
        .map(({ module }) => module),
    ).toEqual([undefined, undefined]);
  expect(aliasesOf('received', ['spi:one', 'spi:two']).index.modules('spi:two')).toEqual(['received[1]']);
  expect(aliasesOf('received', 'spi:one\nspi:two\n').index.modules('spi:two')).toEqual(['received:2']);
});

test('aliasesOf: of an extracted module the aliases of its .modinfo count', () => {
  const { index } = aliasesOf('received', {
    ...api.parseTables(JSON.stringify(JSON_TABLE)).modules[0],
    kernel: '6.12.1',
    aliases: ['spi:three'],
    diagnostics: [],
  });
  expect(['spi:one', 'spi:three'].map((key) => index.modules(key))).toEqual([[], ['acme']]);
});

test('aliasesOf: invalid id tables are an error with every problem', () => {
  const row = { vendor: '0x1af4', device: '0x1ffff0000' };
  const wrong = { module: 'acme', tables: [{ bus: 'pci', rows: [row, { devise: 1 }] }] };
  const problems = [
    expect.objectContaining({ file: 'received[0]', pointer: '/tables/0/rows/0/device' }),
    expect.objectContaining({ pointer: '/tables/0/rows/1/devise' }),
  ];
  expect(() => aliasesOf('received', [wrong])).toThrow(expect.objectContaining({ problems }));
  expect(() => aliasesOf('received', api.parseTablesPartial(JSON.stringify(wrong)))).toThrow(/0x1ffff0000/);
});

test('aliasesOf: files with errors are an error, for their aliases are missing', async () => {
  const found = await api.generateFiles(['/nonexistent/ids.json']);
  expect(() => aliasesOf('received', found)).toThrow(/^\/nonexistent\/ids\.json: /);
});

test('aliasesOf: modules that could not be read are the error that they have', () => {
  const error = new api.ModaliasError('bad-elf', 'is not ELF', { file: 'a.ko' });
  expect(() => aliasesOf('received', [{ path: 'a.ko', error }])).toThrow(error);
});

test.each([
  [undefined, 'undefined'],
  [7, '7'],
  [Promise.resolve(''), 'a promise (await it)'],
  [runInNewContext("Promise.resolve('')"), 'a promise (await it)'],
  [{ name: 'acme', id: 7 }, 'an object with name, id'],
  [{}, 'an object with no members'],
])('aliasesOf: refuses %s', (given, found) => {
  expect(() => aliasesOf('received', given)).toThrow(
    `received: found ${found}, expected an index, id tables, modules with aliases, lines of modules.alias, or patterns`,
  );
  expect(() => aliasesOf('received', ['spi:one', given])).toThrow(`received[1]: found ${found}`);
});

test('aliasesOf: an outcome of extractModules is its module', () => {
  const value = {
    module: 'acme',
    kernel: '6.12.1',
    release: api.NEWEST_RELEASE,
    aliases: ['spi:one'],
    diagnostics: [],
  };
  expect(aliasesOf('received', [{ path: 'acme.ko', value }]).index.modules('spi:one')).toEqual(['acme']);
});

test('aliasesOf: warnings do not matter, and an error comes with all of its fellows', () => {
  const warning = { code: 'newer-release', severity: 'warning', message: 'is newer' } as const;
  const errors = ['one', 'two'].map((message) => ({ code: 'bad-row', severity: 'error', message }) as const);
  const given = (diagnostics: readonly api.Diagnostic[]) => ({ aliases: [{ alias: 'spi:one' }], diagnostics });
  expect(aliasesOf('received', given([warning])).list()).toHaveLength(1);
  expect(() => aliasesOf('received', given([warning, ...errors]))).toThrow(
    expect.objectContaining({ code: 'bad-row', message: 'one', problems: errors }),
  );
});

test('aliasesOf: refuses an index in a list, whose order of answers would be lost, and names the place', () => {
  const modules = [{ module: 'acme', aliases: ['spi:one'] }, api.parseAliases('')];
  expect(() => aliasesOf('received', { modules })).toThrow(
    expect.objectContaining({
      code: 'bad-argument',
      message: expect.stringMatching(/^received\.modules\[1\]: found an index in a list, expected /),
    }),
  );
});

test('aliasesOf: shows the first members of what it refuses', () => {
  expect(() => aliasesOf('received', { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 })).toThrow('an object with a, b, c, d, e,');
});
