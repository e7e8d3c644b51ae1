import yargs from 'yargs';
import { atPlace, ModaliasError } from '../errors.ts';
import { type Args, type Command, EXIT } from './command.ts';
import { commandTable } from './table.ts';

/** Runs the command line and answers with its exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.ok;
  const run = async (command: Command, args: Args) => {
    status = await command.run(args);
  };
  const parser = yargs()
    .scriptName('modalias')
    .usage('$0 <command> [options]')
    .strict()
    .recommendCommands()
    .demandCommand(1, 'Name a command; modalias --help lists them.')
    .help()
    .alias('h', 'help')
    .wrap(Math.min(process.stdout.columns ?? 80, 100))
    .exitProcess(false);
  const wanted = commandTable.find((entry) => argv.find((a) => !a.startsWith('-')) === entry.name);
  if (wanted) addCommand(parser, await wanted.load(), run);
  else for (const entry of commandTable) parser.command(`${entry.name} ${entry.usage}`, entry.summary, {}, () => {});
  parser.fail((message, error) => {
    throw error ?? new ModaliasError('usage', `${message} (modalias --help lists what there is)`);
  });
  try {
    await parser.parseAsync(argv);
  } catch (error) {
    status = EXIT.unanswered;
    process.stderr.write(`modalias: ${explain(error)}\n`);
  }
  return status;
}

type Parser = ReturnType<typeof yargs>;

function addCommand(parser: Parser, command: Command, run: (command: Command, args: Args) => Promise<void>): void {
  parser.command(
    `${command.name} ${command.usage}`.trim(),
    command.summary,
    (y) => {
      const own = y as unknown as Parser;
      for (const [name, positional] of Object.entries(command.positionals ?? {})) own.positional(name, positional);
      own.options(command.options as Record<string, never>);
      for (const [line, purpose] of command.examples) own.example(line, purpose);
      for (const sub of command.subcommands ?? []) addCommand(own, sub, run);
      return own;
    },
    (args) => run(command, args as Args),
  );
}

function explain(error: unknown): string {
  if (!(error instanceof ModaliasError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  return error.problems.map((p) => atPlace(p, p.message)).join('\nmodalias: ');
}
