import { expect, test } from 'vitest';
import { parseArguments } from '../../src/command-line/parser.ts';
import { sample } from './sample-command.ts';

const parse = (...argv: string[]) => parseArguments(sample, 'sample', argv);

test.each([
  [['one'], { first: 'one', rest: [] }],
  [['one', '-', 'b'], { first: 'one', rest: ['-', 'b'] }],
  [['one', '--', '--x', '-y'], { first: 'one', rest: ['--x', '-y'] }],
  [['one', '6.10', '0x1'], { rest: ['6.10', '0x1'] }],
  [['-o', '-', 'one'], { output: '-', o: '-', first: 'one' }],
  [['--output=a', 'two'], { output: 'a', first: 'two' }],
  [['one', '--no-aliases'], { 'no-aliases': true, noAliases: true }],
  [['one', '--dry-run', 'x'], { dryRun: true, rest: ['x'] }],
  [['one', '--tag', 'a', 'b', '--tag', 'c'], { tag: ['a', 'c'], rest: ['b'] }],
  [['one', '--jobs', '4'], { jobs: 4 }],
  [['one'], { format: 'alias' }],
  [['--help'], { help: true }],
  [['nine', '-h'], { help: true }],
])('parseArguments: %j', async (argv, expected) => {
  expect(await parse(...argv)).toMatchObject(expected);
});

test.each([
  [[], 'sample: FIRST is missing'],
  [['tow'], "sample: FIRST is one of one, two; found 'tow'; did you mean 'two'?"],
  [['one', '--outptu', 'x'], "sample: unknown option --outptu; did you mean '--output'?"],
  [['one', '--dry-rnu'], "sample: unknown option --dry-rnu; did you mean '--dry-run'?"],
  [['one', '-x'], 'sample: unknown option -x (modalias'],
  [['one', '--zzzzzzzzz'], 'sample: unknown option --zzzzzzzzz (modalias'],
  [['one', '-o'], 'sample: -o needs a value'],
  [['one', '--format', 'alais'], "--format is one of alias, modinfo; found 'alais'; did you mean 'alias'?"],
  [['one', '-o', 'a', '--output', 'b'], '--output is given more than once'],
  [['one', '--jobs', 'x'], '--jobs wants a number'],
])('parseArguments: %j is refused in one line that points to --help', async (argv, message) => {
  const error = await parse(...argv).catch((e) => e);
  expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining(message) });
  expect(error.message).toMatch(/^[^\n]*\(modalias sample --help shows what there is\)$/);
});

test('parseArguments: one argument too many is refused', async () => {
  const lone = { ...sample, usage: '<first>' };
  await expect(parseArguments(lone, 'sample', ['one', 'b'])).rejects.toThrow("'b' is one argument too many");
});
