import type { Command, CommandEntry } from '../command-line/command.ts';
import { main } from '../commands/main.ts';

/** Runs the program's command line with these commands and sets its exit status. */
export async function runProgram(commands: readonly CommandEntry[]): Promise<void> {
  process.exitCode = await main(process.argv.slice(2), commands);
}

/** The same for a command line that names this command of a command. */
export function runSubcommand(parent: string, command: Command): Promise<void> {
  const above = { name: parent, usage: '', summary: '' };
  const load = async () => ({ ...command, ...above, subcommands: [command] });
  return runProgram([{ ...above, load }]);
}
