import type { CommandEntry } from '../command-line/command.ts';
import { main } from '../commands/main.ts';

/** Runs the program's command line with these commands and sets its exit status. */
export async function runProgram(commands: readonly CommandEntry[]): Promise<void> {
  process.exitCode = await main(process.argv.slice(2), commands);
}
