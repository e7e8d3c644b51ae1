import type { Options } from 'yargs';
import type { Command, Completes } from './command.ts';
import { COMMON_OPTIONS } from './command.ts';
import { readUsage } from './positionals.ts';

/** What is allowed at a position of the command line. */
export interface Value {
  readonly name: string;
  readonly kind: Completes;
  readonly choices: readonly string[];
}

export interface CompletedOption {
  /** All spellings, `-o` and `--output`. */
  readonly spellings: readonly string[];
  readonly describe: string;
  /** Undefined for an option without a value. */
  readonly value: Value | undefined;
  readonly repeats: boolean;
}

/** A command as completion sees it; the root is `modalias` itself. */
export interface CompletedCommand {
  /** Words after `modalias`: `vfio plan`, empty for the root. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  readonly argument: Value | undefined;
  readonly below: readonly CompletedCommand[];
}

/** What a name means in every command that does not say otherwise; a name that is not listed means a file. */
const USUAL: Readonly<Record<string, Completes>> = {
  device: 'device',
  modalias: 'module',
  dir: 'directory',
  sysfs: 'directory',
  proc: 'directory',
  state: 'directory',
  kernel: 'nothing',
  prefix: 'nothing',
  driver: 'nothing',
  timeout: 'nothing',
  workers: 'nothing',
  'unpack-limit': 'nothing',
  line: 'nothing',
  today: 'nothing',
};

/** The whole command line as completion sees it. */
export function completionModel(commands: readonly Command[]): CompletedCommand {
  const version = { spellings: ['-V', '--version'], describe: 'Show the version', value: undefined, repeats: false };
  return {
    path: '',
    name: 'modalias',
    summary: '',
    options: [...optionsOf(COMMON_OPTIONS, undefined), version],
    argument: undefined,
    below: commands.map((command) => completed(command, '')),
  };
}

/** A command and all below it, parents first. */
export function flatten(command: CompletedCommand): CompletedCommand[] {
  return [command, ...command.below.flatMap(flatten)];
}

function completed(command: Command, parents: string): CompletedCommand {
  const path = `${parents}${command.name}`;
  const first = readUsage(command.usage)[0];
  const choices = first && command.positionals?.[first.name]?.choices?.map(String);
  return {
    path,
    name: command.name,
    summary: command.summary,
    options: optionsOf({ ...command.options, ...COMMON_OPTIONS }, command.completes),
    argument: first && { name: first.name, kind: kindOf(first.name, command.completes), choices: choices ?? [] },
    below: (command.subcommands ?? []).map((sub) => completed(sub, `${path} `)),
  };
}

function optionsOf(options: Readonly<Record<string, Options>>, completes: Command['completes']): CompletedOption[] {
  return Object.entries(options)
    .filter(([, option]) => !option.hidden)
    .map(([name, option]) => ({
      spellings: [...[option.alias ?? []].flat().map((a) => `-${a}`), `--${name}`],
      describe: option.describe ?? '',
      value:
        option.type === 'boolean'
          ? undefined
          : { name, kind: kindOf(name, completes), choices: wordsOf(name, option, completes) },
      repeats: option.type === 'array' || option.array === true,
    }));
}

function kindOf(name: string, completes: Command['completes']): Completes {
  const own = completes?.[name];
  return typeof own === 'string' ? own : own ? 'nothing' : (USUAL[name] ?? 'file');
}

function wordsOf(name: string, { choices }: Options, completes: Command['completes']): readonly string[] {
  const own = completes?.[name];
  return own === undefined || typeof own === 'string' ? (choices ?? []).map(String) : own;
}
