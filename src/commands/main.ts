import { createRequire } from 'node:module';
import { type Command, type CommandEntry, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics, printFailure } from '../command-line/output.ts';
import { parseArguments } from '../command-line/parser.ts';
import { workingDirectoryIsGone } from '../command-line/working-directory.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';

/** Runs the command line with these commands and answers with its exit status. Only that command is loaded. */
export async function main(argv: readonly string[], commands: readonly CommandEntry[]): Promise<number> {
  const status = await call(argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv, commands).catch((error) => {
    printFailure(error);
    return EXIT.unanswered;
  });
  if (status === EXIT.unanswered && workingDirectoryIsGone) printDiagnostics([GONE]);
  return status;
}

const GONE: Diagnostic = {
  code: 'unreadable',
  severity: 'note',
  message: 'the working directory was deleted; only paths that begin with / can be found',
};

async function call(argv: readonly string[], commands: readonly CommandEntry[]): Promise<number> {
  const first = argv[0];
  if (first === undefined) throw new ModaliasError('usage', 'name a command; modalias --help lists them');
  if (first === '--version' || first === '-V') return printVersion();
  if (isHelp(first)) return printProgramHelp(commands);
  const entry = commands.find((e) => e.name === first);
  if (entry) return callCommand(await entry.load(), first, argv.slice(1));
  const what = first.startsWith('-') ? `the command comes first; found ${first}` : `there is no command '${first}'`;
  const near = didYouMean(first, [...commands.map((e) => e.name), '--help', '--version']);
  throw new ModaliasError('usage', `${what}${near} (modalias --help lists the commands)`);
}

async function callCommand(command: Command, path: string, argv: readonly string[]): Promise<number> {
  const first = argv[0];
  if ((command.subcommands && !argv.some(isHelp)) || command.subcommands?.some((s) => s.name === first)) {
    const sub = command.subcommands.find((s) => s.name === first);
    if (sub) return callCommand(sub, `${path} ${first}`, argv.slice(1));
    const names = command.subcommands.map((s) => s.name);
    const what = first === undefined ? 'name one of its commands' : `there is no command '${path} ${first}'`;
    throw new ModaliasError(
      'usage',
      `${path}: ${what}${didYouMean(first ?? '', names)} (expected one of ${names.join(', ')})`,
    );
  }
  const args = await parseArguments(command, path, argv);
  return args.help ? printCommandHelp(command, path) : command.run(args);
}

const isHelp = (word: string) => word === '--help' || word === '-h';

async function printProgramHelp(commands: readonly CommandEntry[]): Promise<number> {
  const { helpText, helpWidth } = await import('../command-line/help.ts');
  const { programManual } = await import('../command-line/manual.ts');
  await print(helpText(programManual(commands), helpWidth()));
  return EXIT.ok;
}

async function printCommandHelp(command: Command, path: string): Promise<number> {
  const { helpText, helpWidth } = await import('../command-line/help.ts');
  const { commandManual } = await import('../command-line/manual.ts');
  await print(helpText(commandManual(command, path), helpWidth()));
  return EXIT.ok;
}

/** Prints the version from the program's package.json. */
async function printVersion(): Promise<number> {
  await print(`${createRequire(import.meta.url)('modalias/package.json').version}\n`);
  return EXIT.ok;
}
