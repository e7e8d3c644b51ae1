import type { Options } from 'yargs';
import { Parser } from 'yargs/helpers';
import { ModaliasError } from '../errors.ts';
import type { Args, Command } from './command.ts';
import { COMMON_OPTIONS } from './command.ts';
import { assignPositionals } from './positionals.ts';
import { misusedFlag, needsValue, unknownOption, withLongNames, wrongValue } from './usage-errors.ts';

/**
 * The arguments of a command: options under their long names, in camel case too, and positionals under theirs.
 * `path` is how the command was invoked, such as `vfio plan`. Throws `usage`: one line that says what to do.
 */
export async function parseArguments(command: Command, path: string, argv: readonly string[]): Promise<Args> {
  const options = { ...command.options, ...COMMON_OPTIONS };
  const words = withLongNames(argv, options);
  const usage = (problem: string) =>
    new ModaliasError('usage', `${path}: ${problem} (modalias ${path} --help lists its options)`);
  const misused = unknownOption(words, options) ?? misusedFlag(words, options);
  if (misused !== undefined) throw usage(misused);
  let lacking: string | undefined;
  const note = (text: string, option: string) => {
    lacking = option;
    return text;
  };
  const translated = { ...parserOptions(options), __: note }; // @types/yargs-parser knows no __
  const { argv: parsed } = Parser.detailed(words, translated);
  if (lacking !== undefined) throw usage(needsValue(lacking, options, argv));
  if (parsed.help) return { help: true };
  const wrong = wrongValue(parsed, options);
  if (wrong !== undefined) throw usage(wrong);
  const placed = assignPositionals(command, parsed._.map(String));
  if (typeof placed === 'string') throw usage(placed);
  return { ...parsed, ...placed };
}

/**
 * A command's options as the parser of yargs takes them. Without the rest of yargs a lookup starts 8 ms sooner, and
 * nothing prints, exits, guesses numbers or follows the locale. `--no-x` is an option of that very name. An option that
 * takes a value requires one, which is all that the parser checks: its translator (`__`) learns which option lacks it.
 */
export function parserOptions(options: Readonly<Record<string, Options>>) {
  const names = Object.keys(options);
  const having = (test: (option: Options) => unknown) => names.filter((name) => test(options[name]!));
  const column = <K extends 'alias' | 'default'>(key: K) =>
    Object.fromEntries(having((option) => key in option).map((name) => [name, options[name]![key]]));
  return {
    alias: column('alias') as Record<string, string | string[]>,
    default: column('default'),
    boolean: having(({ type }) => type === 'boolean'),
    number: having(({ type }) => type === 'number'),
    string: having(({ type, string, choices }) => type === 'string' || string || choices),
    array: having(({ type, array }) => type === 'array' || array),
    narg: Object.fromEntries(having(({ type }) => type !== 'boolean').map((name) => [name, Number.NaN])),
    configuration: {
      'boolean-negation': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-positional-numbers': false,
    },
  };
}
