import { describe, expect, test } from 'vitest';
import { linesIn, ModuleReader, type ReadPiece } from '../../src/tables/read-modules.ts';

/** What is read of a text that comes in one piece, and of its end. */
function read(text: string | Buffer): ReadPiece[] {
  const reader = new ModuleReader('f.json', undefined);
  return [...reader.read(Buffer.from(text as string)), ...reader.read(undefined)];
}

/** The problems of what is read, without what an object is called. */
const problems = (text: string | Buffer) =>
  read(text).flatMap(({ diagnostics }) =>
    diagnostics.map(
      ({ severity, code, line, pointer, message }) => `${severity} ${code} ${line} '${pointer}' ${message}`,
    ),
  );

describe('ModuleReader', () => {
  test('ModuleReader reads objects as they come, and knows when nothing more can come', () => {
    const reader = new ModuleReader('f.json', undefined);
    const names = (bytes: Buffer | undefined) => [...reader.read(bytes)].map(({ tables }) => tables!.module);
    expect(names(Buffer.from('[{"module":"a"},{"mod'))).toEqual(['a']);
    expect(names(Buffer.from('ule":"b"}'))).toEqual(['b']);
    expect(reader.done).toBe(false);
    expect(names(Buffer.from(']'))).toEqual([]);
    expect([...reader.read(Buffer.from('x'))].map(({ tables }) => tables)).toEqual([undefined]);
    expect(reader.done).toBe(true);
  });

  test('ModuleReader refuses nesting that is too deep, with its line, and looks no further into the object', () => {
    const deep = `{"module":"a",\n"tables":${'['.repeat(1000)}${']'.repeat(1000)}}`;
    const [found, ...others] = problems(deep);
    expect(found).toMatch(
      /^error too-deep 2 '' brackets are nested deeper than \d+ levels; expected a module object, which has seven$/,
    );
    expect(others).toEqual([]);
    expect(read(deep).map(({ tables }) => tables)).toEqual([undefined]);
  });

  test.each([
    ['the first line', Buffer.from('{"module":"\xff"}\n', 'latin1'), 1],
    ['a later line', Buffer.from('\n{"module":"a",\n"x":1,"y":"\xe9"\n}', 'latin1'), 3],
    ['the last line', Buffer.from('{"module":\n"\xc3', 'latin1'), 2],
  ])('ModuleReader says which line is not UTF-8, once: %s', (_which, bytes, line) => {
    const found = problems(bytes).filter((problem) => problem.includes('bad-encoding'));
    expect(found).toEqual([`error bad-encoding ${line} '' found bytes that are not UTF-8; expected JSON in UTF-8`]);
    expect(read(bytes).map(({ tables }) => tables)).toEqual([undefined]);
  });

  test('ModuleReader refuses a member that stands twice, wherever it is, and takes nulls and lists as they are', () => {
    expect(problems('{"module":"a",\n"module":"b"}')).toEqual([
      expect.stringMatching(/^error duplicate-member 2 '\/module' /),
    ]);
    expect(problems('{"module":"a","tables":[{"bus":"spi","rows":[{"name":"x",\n"name":"y"}]}]}')).toEqual([
      expect.stringMatching(/^error duplicate-member 2 '\/tables\/0\/rows\/0\/name' /),
    ]);
    const pcmcia = '{"module":"a","tables":[{"bus":"pcmcia","rows":[{"prod_id_hash":[null,1,null,2]}]}]}';
    expect(read(pcmcia)).toMatchObject([{ tables: { module: 'a' }, diagnostics: [] }]);
  });

  test('ModuleReader says where text is not JSON', () => {
    expect(problems('{"module":"a",}')).toEqual([
      expect.stringMatching(/^error bad-json 1 '.module' found '}' where a member name/),
    ]);
    expect(read('{"module":"a",}').map(({ tables }) => tables)).toEqual([undefined]);
  });
});

describe('linesIn', () => {
  const [, piece] = read(
    '[{"module":"\u20ac"},\n {"module":"b",\n "tables":[\n{"bus":"spi","rows":[\n{"name":"x"}]}]}]',
  );

  test('linesIn gives the lines of values, whatever the order, and the first of the object for what is not there', () => {
    const pointers = ['/tables/0/rows/0', '/tables/0', '', '/tables/7', '/module'];
    expect([...linesIn(piece!, new Set(pointers))].sort()).toEqual([
      ['', 2],
      ['/module', 2],
      ['/tables/0', 4],
      ['/tables/0/rows/0', 5],
      ['/tables/7', 2],
    ]);
  });

  test('linesIn gives the line of what is not an object', () => {
    const [misplaced] = read('\n\n5');
    expect([...linesIn(misplaced!, new Set(['', '/x']))]).toEqual([
      ['', 3],
      ['/x', 3],
    ]);
  });
});
