import yargs, { type Options } from 'yargs';
import { ModaliasError } from '../errors.ts';
import type { Args, Command } from './command.ts';
import { COMMON_OPTIONS } from './options.ts';
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
  const parsed = await newParser()
    .options(asParsed(options))
    .fail((name, error) => {
      throw usage(needsValue(name || error.message, options, argv));
    })
    .parseAsync(words);
  if (parsed.help) return { help: true };
  const wrong = wrongValue(parsed, options);
  if (wrong !== undefined) throw usage(wrong);
  const placed = assignPositionals(command, parsed._.map(String));
  if (typeof placed === 'string') throw usage(placed);
  return { ...parsed, ...placed };
}

/**
 * A parser that neither prints, exits, guesses numbers nor follows the locale; `--no-x` is an option of that very name.
 * It checks only that values are present; its message is the option's name.
 */
function newParser(): ReturnType<typeof yargs> {
  return yargs()
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
    });
}

/** Options for yargs: those that take a value require one; choices and conflicts are checked afterwards. */
function asParsed(options: Readonly<Record<string, Options>>): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { choices, conflicts, ...option }]) => {
      if (option.type === 'boolean') return [name, option];
      return [name, { ...option, requiresArg: true, ...(choices ? { type: 'string' } : {}) }];
    }),
  );
}
