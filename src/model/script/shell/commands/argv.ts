import type { Outcome, Run } from '../outcome.ts';
import { UNKNOWN_TEXT } from '../thread.ts';
import { Unreadable } from '../unreadable.ts';
import { runText } from './flow.ts';

const quoted = (word: string) => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Most commands that one command runs. */
const MOST_COMMANDS = 1000;

/**
 * Runs commands one after the other, as xargs and find do: programs, not functions of the shell. The status is
 * `failed` where one of them fails.
 */
export function runCommands(run: Run, commands: readonly (readonly string[])[], failed: number): Outcome {
  if (commands.length > MOST_COMMANDS) throw new Unreadable(`${commands.length} commands`);
  if (commands.flat().some((word) => word.includes(UNKNOWN_TEXT))) throw new Unreadable('commands that are not known');
  const lines = commands.map((words) => `${words.map(quoted).join(' ')} || s=${failed}`);
  return runText(run, ['s=0', ...lines, 'exit $s'].join('\n'), [], run.name);
}
