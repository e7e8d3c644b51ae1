import { expect, test } from 'vitest';
import { LineCounter, PieceProblems, Problems } from '../../src/tables/problems.ts';
import { parseTablesPartial } from '../../src/tables/read-tables.ts';

const MAX_PROBLEMS = 1000;
const problem = { code: 'bad-value', severity: 'error', message: 'm', pointer: '' } as const;
const pieceOf = (text: string) => ({ bytes: Buffer.from(text), line: 5, pointer: '/3', members: 0 });

test('Problems reports 1,000, and only of one more that the rest is left out, once', () => {
  const problems = new Problems('f.json');
  for (let i = 0; i < MAX_PROBLEMS; i++) problems.add(problem);
  expect(problems.take().map(({ code }) => code)).toEqual(Array(MAX_PROBLEMS).fill('bad-value'));
  expect(problems.left).toBe(1);
  problems.add(problem);
  expect(problems.take().map(({ code, file }) => [code, file])).toEqual([['too-many-problems', 'f.json']]);
  problems.add(problem);
  expect(problems.take()).toEqual([]);
});

test('Problems says what is out of place, where, and what was expected', () => {
  const problems = new Problems('f.json');
  problems.addMisplaced({ line: 2, pointer: '/1', found: "'x'", expected: "','" });
  expect(problems.take()).toEqual([
    { code: 'bad-json', severity: 'error', message: "found 'x', expected ','", line: 2, pointer: '/1', file: 'f.json' },
  ]);
});

test('Problems gives problems of a text in its order, with the lines of the file', () => {
  const problems = new Problems('f.json');
  const found = [
    { code: 'bad-json', message: 'second', pointer: '/b', offset: 4 },
    { code: 'duplicate-member', message: 'first', pointer: '/a', offset: 1 },
  ] as const;
  problems.addFromText(found, '{a\nb\n', pieceOf(''));
  expect(problems.take()).toEqual([
    { code: 'duplicate-member', severity: 'error', message: 'first', line: 5, pointer: '/3/a', file: 'f.json' },
    { code: 'bad-json', severity: 'error', message: 'second', line: 6, pointer: '/3/b', file: 'f.json' },
  ]);
});

test('PieceProblems looks up lines at the end, orders by them, and takes no more than the file has left', () => {
  const problems = new Problems('f.json');
  for (let i = 1; i < MAX_PROBLEMS; i++) problems.add(problem);
  problems.take();
  const sink = new PieceProblems(pieceOf(''), problems);
  expect(sink.full).toBe(false);
  sink.add({ ...problem, pointer: '/b' });
  expect(sink.full).toBe(false);
  sink.add({ ...problem, pointer: '/a' });
  expect(sink.full).toBe(true);
  sink.add({ ...problem, pointer: '/c' });
  sink.finish(() => '{"a":1,\n"b":2,\n"c":3}');
  expect(problems.take().map(({ line, pointer }) => [line, pointer])).toEqual([
    [5, '/3/a'],
    [undefined, undefined],
  ]);
});

test('PieceProblems asks for no text where there is no problem', () => {
  const sink = new PieceProblems(pieceOf(''), new Problems('f.json'));
  sink.finish(() => {
    throw new Error('asked');
  });
});

test('LineCounter: a newline belongs to the line that it ends, and what is past the end to the last', () => {
  const lines = new LineCounter('ab\n\nc', 7);
  expect([0, 2, 3, 4, 5, 6, 100].map((offset) => lines.at(offset))).toEqual([7, 7, 8, 9, 9, 9, 9]);
});

test.each([
  [MAX_PROBLEMS, 0],
  [MAX_PROBLEMS + 1, 1],
])('parseTablesPartial reports %d bad rows in one table, and %d times that there are more', (rows, more) => {
  const bad = Array(rows).fill({ vendor: 'x' });
  const text = JSON.stringify({ module: 'a', tables: [{ bus: 'pci', rows: bad }] });
  const codes = parseTablesPartial(text)
    .flatMap(({ diagnostics }) => diagnostics)
    .map(({ code }) => code);
  expect([codes.length, codes.filter((code) => code === 'too-many-problems').length]).toEqual([
    MAX_PROBLEMS + more,
    more,
  ]);
});
