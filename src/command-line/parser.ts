import yargs, { type Options } from 'yargs';
import { ModaliasError } from '../errors.ts';
import type { Args, Command } from './command.ts';
import { COMMON_OPTIONS } from './options.ts';
import { assignPositionals } from './positionals.ts';
import { describeUsageError, describeWrongValue } from './usage-errors.ts';

/**
 * The arguments of a command: options under their long names, in camel case too, and positionals under theirs.
 * `path` is how the command was called, such as `vfio plan`. Throws `usage`: one line that says what to do.
 */
export async function parseArguments(command: Command, path: string, argv: readonly string[]): Promise<Args> {
  const options = { ...command.options, ...COMMON_OPTIONS };
  const usage = (problem: string) =>
    new ModaliasError('usage', `${path}: ${problem} (modalias ${path} --help shows what there is)`);
  const parsed = await newParser()
    .options(withRequiredValues(options))
    .strictOptions()
    .fail((message, error) => {
      throw usage(describeUsageError(message || String(error), options, argv));
    })
    .parseAsync([...argv]);
  if (parsed.help) return { help: true };
  const wrong = describeWrongValue(parsed, options);
  if (wrong !== undefined) throw usage(wrong);
  const placed = assignPositionals(command, parsed._.map(String));
  if (typeof placed === 'string') throw usage(placed);
  return { ...parsed, ...placed };
}

/** A parser that neither prints, exits, guesses numbers nor follows the locale; `--no-x` is an option of that very name. */
function newParser(): ReturnType<typeof yargs> {
  return yargs().locale('en').help(false).version(false).exitProcess(false).parserConfiguration({
    'boolean-negation': false,
    'dot-notation': false,
    'greedy-arrays': false,
    'parse-positional-numbers': false,
  });
}

/** Options that take a value must be given one. */
function withRequiredValues(options: Readonly<Record<string, Options>>): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(options).map(([name, o]) => [name, o.type === 'boolean' ? o : { ...o, requiresArg: true }]),
  );
}
