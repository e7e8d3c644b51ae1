import fc from 'fast-check';
import { expect, test } from 'vitest';
import yargs, { type Options } from 'yargs';
import { Parser } from 'yargs/helpers';
import type { Command } from '../../src/command-line/command.ts';
import { COMMON_OPTIONS } from '../../src/command-line/command.ts';
import { parseArguments, parserOptions } from '../../src/command-line/parser.ts';
import { loadAll } from '../../src/commands/table.ts';
import { many } from '../support/many.ts';
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
  [['one', '--tag', '-', '-', '--tag', 'c'], { tag: ['-', 'c'], rest: ['-'] }],
  [['one', '--jobs', '4'], { jobs: 4 }],
  [['one'], { format: 'alias' }],
  [['one', '-oX'], { output: 'X', o: 'X' }],
  [['one', '-o-'], { output: '-' }],
  [['one', '-oa=b'], { output: 'a=b' }],
  [['one', '--', '-oX'], { rest: ['-oX'] }],
  [['one', '--tag=a=b'], { tag: ['a=b'] }],
  [['--help'], { help: true }],
  [['nine', '-h'], { help: true }],
  [['--help', '--format', 'alais'], { help: true }],
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
  [['one', '--dry-run=no', '--zzzzzzzzz'], 'sample: unknown option --zzzzzzzzz (modalias'],
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

/** What all of yargs makes of words: arguments, or the name of the option that lacks its value. */
async function byYargs(options: Readonly<Record<string, Options>>, words: readonly string[]): Promise<unknown> {
  const asParsed = Object.entries(options).map(([name, { choices, conflicts, ...option }]) =>
    option.type === 'boolean'
      ? [name, option]
      : [name, { ...option, requiresArg: true, ...(choices ? { type: 'string' } : {}) }],
  );
  let lacks: string | undefined;
  const { $0, ...parsed } = await yargs()
    .locale('en')
    .updateStrings({ 'Not enough arguments following: %s': '%s' })
    .help(false)
    .version(false)
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-positional-numbers': false,
    })
    .options(Object.fromEntries(asParsed))
    .fail((name, error) => {
      lacks = name || error.message;
    })
    .parseAsync([...words]);
  return lacks === undefined ? parsed : { lacks };
}

test('parserOptions: the parser reads every command line as all of yargs does', async () => {
  const withSubcommands = (command: Command): Command[] => [
    command,
    ...(command.subcommands ?? []).flatMap(withSubcommands),
  ];
  const commands = [sample, ...(await loadAll()).flatMap(withSubcommands)];
  const anyWord = fc.constantFrom(
    '',
    '-',
    '--',
    'a',
    '0',
    '-1',
    '1e3',
    '0x1f',
    'true',
    'no',
    'a=b',
    'a.b',
    'pci:v*d*',
    '--x',
    '-xyz',
  );
  const lines = fc.constantFrom(...commands).chain((command) => {
    // What is missing is said after parsing, by usage-errors.ts.
    const options = Object.fromEntries(
      Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(([name, { demandOption: _, ...own }]) => [
        name,
        own,
      ]),
    );
    const names = Object.entries(options).flatMap(([name, { alias = [] }]) => [
      `--${name}`,
      `--no-${name}`,
      ...[alias].flat().map((letter) => `-${letter}`),
    ]);
    const option = fc.constantFrom(...names);
    // Of an unknown option that ends in dashes, yargs makes another name in camel case.
    const withValue = fc
      .tuple(option, fc.constantFrom('=', ''), anyWord)
      .map((parts) => parts.join(''))
      .filter((word) => !/^[^=]*-$/.test(word));
    return fc.tuple(fc.constant(options), fc.array(fc.oneof(option, withValue, anyWord), { maxLength: 8 }));
  });
  await fc.assert(
    fc.asyncProperty(lines, async ([options, words]) => {
      const { argv, error } = Parser.detailed(words, parserOptions(options));
      const read = error ? { lacks: /[^ ]*$/.exec(error.message)![0] } : argv;
      expect(read).toEqual(await byYargs(options, words));
    }),
    { numRuns: many(100) },
  );
});
