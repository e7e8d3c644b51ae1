import type { CommandRule } from '../outcome.ts';
import { said } from '../outcome.ts';
import { UNKNOWN_TEXT } from '../thread.ts';
import { Unreadable } from '../unreadable.ts';
import { runCommands } from './argv.ts';
import { contents } from './files.ts';

/** What xargs was asked for. */
interface Asked {
  /** Most words of the input for each command. */
  readonly each: number;
  /** Those are lines. */
  readonly isByLine: boolean;
  /** What stands for the input in the command; null where it comes last. */
  readonly place: string | null;
  readonly evenIfEmpty: boolean;
  readonly command: readonly string[];
}

function asked(words: readonly string[], text: string): Asked {
  let isByLine = false;
  let [each, place, evenIfEmpty] = [Number.POSITIVE_INFINITY, null as string | null, true];
  let i = 0;
  for (; i < words.length && words[i]!.startsWith('-'); i++) {
    const [, letter, value] = /^-([nIilLP])(.*)$/s.exec(words[i]!) ?? [];
    const argument = () => (value ? value : (words[++i] ?? ''));
    if (letter === 'n' || letter === 'L') [each, isByLine] = [Number(argument()), letter === 'L'];
    else if (letter === 'I') place = argument();
    else if (letter === 'i') place = value || '{}';
    else if (/^(?:-r|-t|--no-run-if-empty|--verbose)$/.test(words[i]!))
      evenIfEmpty &&= !/^(?:-r|--no-run)/.test(words[i]!);
    else throw new Unreadable(words[i]!);
  }
  if (!(each >= 1)) throw new Unreadable(text);
  const command = words.slice(i);
  return { each, isByLine, place, evenIfEmpty, command: command.length === 0 ? ['echo'] : command };
}

/** xargs: the words of its input as arguments of a command; with -I a command for each line. */
export const XARGS: CommandRule = (run) => {
  const { each, isByLine, place, evenIfEmpty, command } = asked(run.words, run.text);
  const input = contents(run, [])!;
  if (input.includes(UNKNOWN_TEXT)) {
    if (command[0] === 'echo' && place === null) return said(UNKNOWN_TEXT);
    throw new Unreadable('an input that is not known', command[0] === 'kill');
  }
  if (/["'\\]/.test(input)) throw new Unreadable('an input with quotes');
  if (place !== null) {
    const lines = input.split('\n').flatMap((line) => line.trimStart() || []);
    return runCommands(
      run,
      lines.map((line) => command.map((word) => word.replaceAll(place, line))),
      123,
    );
  }
  if (isByLine && /\S[ \t]+\S|[ \t]\n/.test(input)) throw new Unreadable('lines of several words');
  const words = input.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return runCommands(run, evenIfEmpty ? [command] : [], 123);
  const count = Math.ceil(words.length / Math.min(each, words.length));
  const size = Math.min(each, words.length);
  return runCommands(
    run,
    Array.from({ length: count }, (_, i) => [...command, ...words.slice(i * size, (i + 1) * size)]),
    123,
  );
};
