import type { CommandTable, Outcome, Run } from '../outcome.ts';
import { SOME_WORDS, UNKNOWN_STATUS, UNKNOWN_TEXT } from '../thread.ts';
import { factOf } from '../undecided.ts';
import { ofBearableLength, Unreadable } from '../unreadable.ts';
import { linePattern } from '../words/regular-expressions.ts';
import { contents } from './files.ts';
import { hasKnownLines, joined, linesOf, longestOf } from './lines.ts';

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

/** Most lines with words that are not known in which something is looked for. */
const MOST_OPEN = 64;

/** Whether a line matches of which words are not known: surely if what is known does, else that is a fact to be had. */
function mayMatch(run: Run, line: string, expressions: readonly RegExp[], patterns: readonly string[]): boolean {
  // No part of an expression stands for a newline, but for sets of what is not.
  const known = line.replaceAll(SOME_WORDS, '\n');
  if (expressions.some((one) => !one.source.includes('[^') && !one.source.endsWith('$') && one.test(known)))
    return true;
  const of = /^[0-9a-f:.]+(?= )/.exec(line)?.[0] ?? known.replaceAll('\n', '..');
  const what = patterns.map((pattern) => `'${pattern}'`).join(' or ');
  return factOf(run.thread, [`lspci's line of ${of} has no ${what}`, `lspci's line of ${of} has ${what}`]) === 1;
}

function grep(run: Run): Outcome {
  const { flags, most, patterns, paths } = asked(run);
  const text = contents(run, paths);
  if (text === null) return { status: 2 };
  const isOpen = text.includes(UNKNOWN_TEXT);
  const followed = hasKnownLines(text) && !/[ow]/.test(flags) && linesOf(text).length <= MOST_OPEN;
  if (patterns.join('').includes(UNKNOWN_TEXT) || (isOpen && !followed))
    return { status: UNKNOWN_STATUS, out: flags.includes('q') ? '' : UNKNOWN_TEXT };
  const lines = linesOf(ofBearableLength(text));
  const options = { flags, extended: /[EP]/.test(flags), text: run.text };
  const expressions = patterns.map((pattern) => linePattern(pattern, longestOf(lines), options));
  const isFound = (line: string) =>
    (line.includes(UNKNOWN_TEXT)
      ? mayMatch(run, line, expressions, patterns)
      : expressions.some((one) => one.test(line))) !== flags.includes('v');
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
