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
  [['one', '-oX'], { output: 'X', o: 'X' }],
  [['one', '-o-'], { output: '-' }],
  [['one', '-oa=b'], { output: 'a=b' }],
  [['one', '--', '-oX'], { rest: ['-oX'] }],
  [['one', '--tag=a=b'], { tag: ['a=b'] }],
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
  [['one', '--dry-run=no'], "sample: --dry-run takes no value; found 'no'. Give --dry-run alone, or omit it"],
  [['one', '--dry-run=true'], '--dry-run takes no value'],
  [['one', '-h=x'], '--help takes no value'],
  [['one', '-ho'], '-o needs a value'],
  [['one', '-hz'], 'unknown option -hz (modalias'],
  [['one', '--dry-run', '--tag'], '--tag needs a value'],
  [['one', '-o', '--tag', 'x'], '-o needs a value'],
  [['one', '--dryRunn'], "unknown option --dryRunn; did you mean '--dry-run'?"],
  [['one', '--__proto__', 'x'], 'unknown option --__proto__'],
  [['one', '--constructor'], 'unknown option --constructor'],
  [['one', '--format', 'kkkk'], "--format is one of alias, modinfo; found 'kkkk' (modalias"],
  [['one', '--jobs', 'x'], '--jobs: expected a number'],
])('parseArguments: %j is refused in one line that points to --help', async (argv, message) => {
  const error = await parse(...argv).catch((e) => e);
  expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining(message) });
  expect(error.message).toMatch(/^[^\n]*\(modalias sample --help lists its options\)$/);
});

test('parseArguments: one argument too many is refused', async () => {
  const lone = { ...sample, usage: '<first>' };
  await expect(parseArguments(lone, 'sample', ['one', 'b'])).rejects.toThrow("'b' is an extra argument");
});
