import type { CommandTable, Outcome, Run } from '../outcome.ts';
import { UNKNOWN_STATUS, UNKNOWN_TEXT } from '../thread.ts';
import { ofBearableLength, Unreadable } from '../unreadable.ts';
import { linePattern } from '../words/regular-expressions.ts';
import { contents } from './files.ts';
import { joined, linesOf, longestOf } from './lines.ts';

const LONG: Readonly<Record<string, string>> = {
  '--quiet': 'q',
  '--silent': 'q',
  '--ignore-case': 'i',
  '--only-matching': 'o',
  '--invert-match': 'v',
  '--word-regexp': 'w',
  '--fixed-strings': 'F',
  '--extended-regexp': 'E',
  '--no-messages': 's',
  '--color': '',
  '--color=never': '',
  '--color=auto': '',
};

/** What grep was asked for; Unreadable where it has other options. */
function asked({ words, name }: Run) {
  let flags = name === 'egrep' ? 'E' : name === 'fgrep' ? 'F' : '';
  let most = Number.POSITIVE_INFINITY;
  const patterns: string[] = [];
  const others: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!/^-./.test(word)) others.push(word);
    else if (word === '--') {
      others.push(...words.slice(i + 1));
      break;
    } else if (LONG[word] !== undefined) flags += LONG[word];
    else {
      const [, plain = '', last, value = ''] = /^-([qviwoExFPchs]*)(?:([em])(.*))?$/s.exec(word) ?? [];
      if (plain === '' && last === undefined) throw new Unreadable(`the option ${word}`);
      flags += plain;
      const given = last === undefined || value !== '' ? value : (words[++i] ?? '');
      if (last === 'e') patterns.push(given);
      if (last === 'm') most = Number(given);
    }
  }
  if (patterns.length === 0) patterns.push(others.shift() ?? '');
  return { flags, most, patterns: patterns.flatMap((one) => one.split('\n')), paths: others };
}

function grep(run: Run): Outcome {
  const { flags, most, patterns, paths } = asked(run);
  const text = contents(run, paths);
  if (text === null) return { status: 2 };
  if ((text + patterns.join('')).includes(UNKNOWN_TEXT))
    return { status: UNKNOWN_STATUS, out: flags.includes('q') ? '' : UNKNOWN_TEXT };
  const lines = linesOf(ofBearableLength(text));
  const options = { flags, extended: /[EP]/.test(flags), text: run.text };
  const expressions = patterns.map((pattern) => linePattern(pattern, longestOf(lines), options));
  const isFound = (line: string) => expressions.some((one) => one.test(line)) !== flags.includes('v');
  const found = lines.filter(isFound).slice(0, most);
  const status = found.length > 0 ? 0 : 1;
  if (flags.includes('q')) return { status };
  if (flags.includes('c')) return { status, out: `${found.length}\n` };
  if (!flags.includes('o')) return { status, out: named(flags, paths, found) };
  if (expressions.length > 1 || flags.includes('v')) throw new Unreadable(run.text);
  const every = new RegExp(expressions[0]!.source, `${expressions[0]!.flags}g`);
  return {
    status,
    out: named(
      flags,
      paths,
      found.flatMap((line) => line.match(every)?.filter(Boolean) ?? []),
    ),
  };
}

/** Lines as they are printed: of several files each with the name of its own, which is not followed. */
function named(flags: string, paths: readonly string[], lines: readonly string[]): string {
  if (paths.length > 1 && !flags.includes('h')) throw new Unreadable('lines of several files');
  return joined(lines);
}

/** grep, and its like with extended expressions and with fixed texts. */
export const GREP_COMMANDS: CommandTable = { grep, egrep: grep, fgrep: grep };
