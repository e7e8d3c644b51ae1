import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ModaliasError } from '../../src/errors.ts';
import { parseRelease } from '../../src/release.ts';
import { parseTables, parseTablesPartial, readTables, readTablesPartial } from '../../src/tables/read-tables.ts';
import { badModules, goodModules } from './samples.ts';

/** What was read: module names, and problems as `line pointer code`. */
async function read(text: string) {
  const modules = parseTablesPartial(text, { file: 'f.json' });
  return {
    modules: modules.flatMap((m) => (m.tables ? [m.tables.module] : [])),
    problems: modules.flatMap((m) => m.diagnostics.map((d) => `${d.line} ${d.pointer} ${d.code}`)),
  };
}

test.each([
  ['one object', '{"module":"a"}', ['a']],
  ['one object over several lines', '{\n "module":\n "a"\n}\n', ['a']],
  ['an array', '[{"module":"a"},\n {"module":"b"}]\n', ['a', 'b']],
  ['an empty array', '[]', []],
  ['one a line', '{"module":"a"}\n{"module":"b"}\r\n\n{"module":"c"}', ['a', 'b', 'c']],
  ['a byte order mark', '\ufeff{"module":"a"}', ['a']],
  ['brackets and quotes in strings', '{"module":"a","aliases":["}{[\\"]","\\\\"]}{"module":"b"}', ['a', 'b']],
])('parseTablesPartial: reads %s', async (_, text, modules) => {
  expect(await read(text)).toEqual({ modules, problems: [] });
});

test.each(goodModules)('parseTablesPartial: accepts %s', async (_, json) => {
  const [module] = parseTablesPartial(JSON.stringify(json));
  expect(module).toMatchObject({ diagnostics: [], tables: { module: 'a' } });
});

test.each(badModules)('parseTablesPartial: refuses %s and tells every problem', async (_, json, problems) => {
  const modules = parseTablesPartial(JSON.stringify(json));
  expect(modules.map((m) => m.tables)).toEqual([undefined]);
  const found = modules.flatMap((m) => m.diagnostics.map((d) => [d.code, d.pointer]));
  expect(found.sort()).toEqual([...problems].map((p) => [...p]).sort());
});

test.each([
  ['an empty file', '', [], ['1  bad-json']],
  ['blanks only', ' \n\n', [], ['3  bad-json']],
  ['no JSON at all', 'hello\n{"module":"a"}', ['a'], ['1  bad-json']],
  ['a value that is no object', '[1,{"module":"a"},"x"]', ['a'], ['1 /0 bad-json', '1 /2 bad-json']],
  ['a comma after the last element', '[{"module":"a"},\n]', ['a'], ['2 /1 bad-json']],
  ['a missing comma', '[{"module":"a"}\n{"module":"b"}]', ['a', 'b'], ['2 /1 bad-json']],
  ['a missing bracket', '[{"module":"a"}\n', ['a'], ['2 /1 bad-json']],
  ['text after the array', '[{"module":"a"}]\n{"module":"b"}', ['a'], ['2  bad-json']],
  ['a comment', '{"module":"a", // no\n"tables":[]}', [], ['1 /module bad-json']],
  [
    'a trailing comma',
    '{"module":"a",\n"tables":[{"bus":"pci","rows":[],}],}',
    [],
    ['2 /tables/0 bad-json', '2  bad-json'],
  ],
  ['an unterminated string', '{"module":"a\n}\n{"module":"b"}', ['b'], ['1 /module bad-json']],
  ['an object cut short', '{"module":"a"', [], ['1  bad-json']],
  [
    'members that stand twice',
    '{"module":"a",\n"module":"b","tables":[{"bus":"pci","rows":[{"vendor":1,\n"vendor":2}]}]}',
    [],
    ['2 /module duplicate-member', '3 /tables/0/rows/0/vendor duplicate-member'],
  ],
  [
    'members that stand twice beside other faults',
    '{"module":"a","x":1,\n"x":2}',
    [],
    ['2 /x duplicate-member', '1 /x unknown-field'],
  ],
  [
    'a name spelled in escapes the second time',
    '{"module":"a","\\u006dodule":"b"}',
    [],
    ['1 /module duplicate-member'],
  ],
])('parseTablesPartial: %s', async (_, text, modules, problems) => {
  expect(await read(text)).toEqual({ modules, problems });
});

test('parseTablesPartial: the line of a problem is that of its value, in every object of the file', async () => {
  const text = '{"module":"a"}\n{"module":"b","tables":[\n{"bus":"pci","rows":[{},\n{"vendor":-1}]}]}\n';
  expect((await read(text)).problems).toEqual(['4 /tables/0/rows/1/vendor bad-value']);
  expect((await read(`[{"module":"c"},\n${text.split('\n').slice(1).join('\n')}]`)).problems).toEqual([
    '4 /1/tables/0/rows/1/vendor bad-value',
  ]);
});

test('parseTablesPartial: messages say what was found, what was expected and what was probably meant', async () => {
  const text =
    '{"module":"a","tables":[{"bus":"ubs","rows":[]},{"bus":"pci","rows":[{"devise":1,"vendor":"0x123456789"}]}]}';
  const [module] = parseTablesPartial(text);
  expect(module?.diagnostics.map((d) => d.message)).toEqual([
    'found "ubs", expected a device-table type of the kernel; did you mean \'usb\'?',
    "found an unknown field 'devise', expected vendor, device, subvendor, subdevice, class, class_mask, override_only; did you mean 'device'?",
    'found "0x123456789", expected a number from 0 to 0xffffffff',
  ]);
});

test('parseTablesPartial: bytes that are not UTF-8 are refused with their line', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'modalias-tables-'));
  const file = join(dir, 'latin1.json');
  writeFileSync(file, '{"module":"a",\n"aliases":["\xe9"]}', 'latin1');
  const found = [];
  for await (const { diagnostics } of readTablesPartial(file)) found.push(...diagnostics);
  rmSync(dir, { recursive: true });
  expect(found).toMatchObject([{ code: 'bad-encoding', line: 2, file }]);
});

test.each([
  ['a release that is none', 'six', 'bad-release', 'error'],
  ['a release that is too old', '4.19', 'bad-release', 'error'],
  ['a release of the future', '99.1', 'newer-release', 'warning'],
])('parseTablesPartial: %s', async (_, kernel, code, severity) => {
  const [module] = parseTablesPartial(JSON.stringify({ module: 'a', kernel }));
  expect(module?.diagnostics).toMatchObject([{ code, severity, pointer: '/kernel' }]);
  expect(module?.tables === undefined).toBe(severity === 'error');
});

test("parseTablesPartial: a release given from outside takes the place of the file's own", () => {
  const [module] = parseTablesPartial('{"module":"a","kernel":"6.1"}', { release: '6.12' });
  expect(module?.tables?.release).toEqual(parseRelease('6.12'));
});

test('parseTablesPartial: a number beyond all bounds is called infinite', async () => {
  const [module] = parseTablesPartial('{"module":"a","tables":[{"bus":"pci","rows":[{"vendor":1e999}]}]}');
  expect(module!.diagnostics[0]!.message).toBe('found Infinity, expected a number from 0 to 0xffffffff');
});

test('parseTablesPartial: two prefixes for one flag are an error', async () => {
  const { modules, problems } = await read('{"module":"a",\n"overridePrefixes":{"2":"stub","0x10":"x",\n"0x2":"y"}}');
  expect({ modules, problems }).toEqual({ modules: [], problems: ['3 /overridePrefixes/0x2 bad-value'] });
});

test('parseTables: sound modules come as such, with warnings only', () => {
  const { modules, diagnostics } = parseTables('[{"module":"a"},{"module":"b","kernel":"99.1"}]', { file: 'f.json' });
  expect(modules.map(({ module }) => module)).toEqual(['a', 'b']);
  expect(diagnostics).toMatchObject([{ code: 'newer-release', severity: 'warning', file: 'f.json', line: 1 }]);
});

test('parseTables and readTables throw a ModaliasError with every problem of the file', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'modalias-tables-'));
  const file = join(dir, 'f.json');
  const text = '{"module":"a"}\n{"modul":"b"}\n{"module":"c","tables":[{"bus":"pci","rows":[{"devise":1}]}]}\n';
  writeFileSync(file, text);
  const thrown = await readTables(file).catch((error: unknown) => error);
  rmSync(dir, { recursive: true });
  expect(thrown).toBeInstanceOf(ModaliasError);
  expect(thrown).toMatchObject({ code: 'missing-field', place: { file, line: 2, pointer: '' } });
  const { problems } = thrown as ModaliasError;
  expect(problems.map(({ code, line }) => `${line} ${code}`)).toEqual([
    '2 missing-field',
    '2 unknown-field',
    '3 unknown-field',
  ]);
  expect(() => parseTables(text, { file })).toThrow((thrown as ModaliasError).message);
});

test('parseTablesPartial: results are plain data', () => {
  const read = parseTablesPartial('{"module":"a","tables":[{"bus":"pci","rows":[{"vendor":1}]}]}\n\n{"modul":"b"}');
  expect(read.map(({ line, pointer }) => ({ line, pointer }))).toEqual([
    { line: 1, pointer: '' },
    { line: 3, pointer: '' },
  ]);
  expect(read.map((module) => Object.keys(module))).toEqual(
    Array(2).fill(['tables', 'diagnostics', 'pointer', 'line']),
  );
  expect(read.flatMap((module) => Object.values(module)).filter((value) => typeof value === 'function')).toEqual([]);
});

test('readTables reads a file of many chunks to its end', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'modalias-chunks-'));
  const path = join(dir, 'many.json');
  const names = Array.from({ length: 60_000 }, (_, i) => `module_with_a_long_name_${i}`);
  writeFileSync(path, names.map((module) => `${JSON.stringify({ module })}\n`).join(''));
  const { modules } = await readTables(path);
  expect([modules.length, modules.at(-1)!.module]).toEqual([names.length, names.at(-1)]);
  rmSync(dir, { recursive: true });
});

test('parseTables, readTables: say which argument is not one', async () => {
  const [parse, read] = [parseTables, readTables] as unknown as ((...args: readonly unknown[]) => unknown)[];
  expect(() => parse!(5)).toThrow('text: found');
  expect(() => parse!('', 5)).toThrow('options: found');
  await expect(read!(5)).rejects.toThrow('path: found');
  await expect(read!('x', 5)).rejects.toThrow('options: found');
});

test('parseTables calls a text without a name <text>', () => {
  expect(() => parseTables('{}')).toThrow(
    expect.objectContaining({ place: expect.objectContaining({ file: '<text>' }) }),
  );
});
