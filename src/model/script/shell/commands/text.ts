import { type CommandTable, FAILED, type Outcome, type Run, said } from '../outcome.ts';
import { SOME_WORDS, UNKNOWN_TEXT } from '../thread.ts';
import { Unreadable } from '../unreadable.ts';
import { basicToExtended, extendedExpression, linePattern } from '../words/regular-expressions.ts';
import { contents, letters, operands } from './files.ts';
import { GREP_COMMANDS } from './grep.ts';
import { filter, hasKnownLines, knownFields, longestOf, option, rest } from './lines.ts';

/** A list of cut: `1`, `2-`, `1-3,5`. */
function ranges(list: string): (n: number) => boolean {
  const parts = list.split(',').map((part) => /^(\d*)(-?)(\d*)$/.exec(part));
  return (n) =>
    parts.some((m) => {
      if (!m) throw new Unreadable(`cut ${list}`);
      const from = m[1] === '' ? 1 : Number(m[1]);
      return n >= from && n <= (m[2] === '' ? from : m[3] === '' ? Number.POSITIVE_INFINITY : Number(m[3]));
    });
}

function cut({ words, text }: Run, lines: readonly string[]): readonly string[] {
  if (words.some((word) => /^--|^-[^dfcbs]/.test(word))) throw new Unreadable(text);
  const fields = option(words, 'f');
  const keep = ranges(fields ?? option(words, 'c') ?? option(words, 'b') ?? '');
  const by = fields === undefined ? '' : (option(words, 'd') ?? '\t');
  return lines.flatMap((line) => {
    if (fields !== undefined && !line.includes(by) && line.includes(UNKNOWN_TEXT)) return SOME_WORDS;
    if (fields !== undefined && !line.includes(by)) return words.includes('-s') ? [] : line;
    return knownFields(line.split(by))
      .filter((_part, i) => keep(i + 1))
      .join(by);
  });
}

/** Characters of a set of tr: ranges, classes and escapes. */
function characters(set: string): string {
  return set
    .replaceAll('[:lower:]', 'a-z')
    .replaceAll('[:upper:]', 'A-Z')
    .replaceAll('[:digit:]', '0-9')
    .replaceAll('[:space:]', ' \t\n\r')
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replace(/(.)-(.)/gs, (_all, from: string, to: string) => {
      const [a, b] = [from.charCodeAt(0), to.charCodeAt(0)];
      return b < a || b - a > 255
        ? ''
        : Array.from({ length: b - a + 1 }, (_, i) => String.fromCharCode(a + i)).join('');
    });
}

function tr(run: Run): Outcome {
  const { words } = run;
  const text = contents(run, [])!;
  if ((text + words.join('')).includes(UNKNOWN_TEXT)) return said(UNKNOWN_TEXT);
  const flags = words.filter((word) => /^-[a-zA-Z]+$/.test(word)).join('');
  const isOdd = words.some((word) => /\\(?![nt])|\[:(?!(?:lower|upper|digit|space):)|\[=/.test(word));
  if (/[^-ds]/.test(flags) || isOdd) throw new Unreadable(run.text);
  const [from = '', to = ''] = words.filter((word) => !/^-[a-zA-Z]+$/.test(word)).map(characters);
  if (flags.includes('d')) return said([...text].filter((c) => !from.includes(c)).join(''));
  const squeeze = flags.includes('s') ? to || from : '';
  const last = to.at(-1) ?? '';
  let out = '';
  for (const c of text) {
    const at = from.indexOf(c);
    const next = at < 0 || to === '' ? c : (to[at] ?? last);
    if (!(squeeze.includes(next) && out.endsWith(next))) out += next;
  }
  return said(out);
}

/** What a program of awk begins with: the lines that it is for. */
const AWK_LINES = String.raw`(?:(NR)\s*(==|>|<|>=|<=|!=)\s*(\d+)|(?:(?:(\$\d+)\s*)?(!?~|!)\s*)?/((?:[^/\\]|\\.)+)/|(\$\d+)\s*([!=]=)\s*"([^"\\]*)")?`;
const AWK_ITEM = String.raw`(?:\$(?:\d+|NF)|"[^"\\]*")`;
const AWK = new RegExp(
  String.raw`^\s*${AWK_LINES}\s*(?:\{\s*print(?:\s+((?:${AWK_ITEM}\s*,?\s*)+))?;?\s*(?:;\s*(exit)\s*;?\s*)?\})?\s*$`,
);

/** awk as scripts use it on a line: `{print $2}`, `/x/ {print $1}`, `$2 ~ /x/`, `NR>1`, with -F. */
function awk(run: Run, lines: readonly string[]): readonly string[] {
  const { words } = run;
  const program = AWK.exec(awkWords(words)[0] ?? '');
  if (!program || program[0].trim() === '') throw new Unreadable(run.text);
  const [, nr, order, number, matched, tilde, like, compared, equal, text, items = '$0', exits] = program;
  const by = option(words, 'F');
  if (by !== undefined && !/^(?:.|\\.)$/.test(by)) throw new Unreadable(run.text);
  const expression = like === undefined ? null : extendedExpression(like, longestOf(lines), run.text);
  const out: string[] = [];
  for (const [i, line] of lines.entries()) {
    const parts = knownFields(
      by === undefined ? line.trim().split(/[ \t]+/) : line.split(by === '\\t' ? '\t' : by.at(-1)!),
    );
    const pick = (name: string) =>
      name.startsWith('"')
        ? name.slice(1, -1)
        : ((name === '$0' ? line : name === '$NF' ? parts.at(-1) : parts[Number(name.slice(1)) - 1]) ?? '');
    if (nr !== undefined && !ORDERS[order!]!(i + 1, Number(number))) continue;
    if (
      expression &&
      expression.test(matched === undefined ? line : pick(matched)) === (tilde?.startsWith('!') === true)
    )
      continue;
    if (compared !== undefined && (pick(compared) === text) !== (equal === '==')) continue;
    const shown = items.match(new RegExp(`${AWK_ITEM}|,`, 'g')) ?? [];
    out.push(shown.map((item) => (item === ',' ? ' ' : pick(item))).join(''));
    if (exits) break;
  }
  return out;
}

const ORDERS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

const awkWords = (words: readonly string[]) => rest(words, 'Fv');

/** sed's `s/a/b/` alone, or several of them. */
function sed(run: Run, lines: readonly string[]): readonly string[] {
  const { words } = run;
  const extended = words.includes('-E') || words.includes('-r');
  const scripts = words.includes('-e')
    ? words.filter((_word, i) => words[i - 1] === '-e')
    : rest(words, 'e').slice(0, 1);
  if (words.some((word) => /^-/.test(word) && !/^-[eEr]$/.test(word))) throw new Unreadable(run.text);
  const changes = scripts
    .flatMap((script) => script.split(/\s*;\s*(?=s|$)/))
    .filter(Boolean)
    .map((one) => {
      const m = /^s(.)((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1(g?)$/s.exec(one);
      if (!m || /[&\\]/.test(m[3]!.replaceAll(/\\[1-9/.]/g, ''))) throw new Unreadable(run.text);
      const source = extended ? m[2]! : basicToExtended(m[2]!);
      return {
        from: linePattern(source, longestOf(lines), {
          flags: '',
          extended: true,
          text: run.text,
          global: m[4] === 'g',
        }),
        to: m[3]!
          .replaceAll('$', '$$$$')
          .replaceAll(/\\([1-9])/g, '$$$1')
          .replaceAll(/\\([/.])/g, '$1'),
      };
    });
  return lines.map((line) => changes.reduce((text, { from, to }) => text.replace(from, to), line));
}

/** How many lines head and tail are asked for, as it is written: `+2` is from the second on. */
function count({ words }: Run): string {
  const odd = words.find((word) => /^-./.test(word) && !/^-(?:n|n?[-+]?\d+|-lines=[-+]?\d+|[qv])$/.test(word));
  if (odd !== undefined) throw new Unreadable(`the option ${odd}`);
  const long = words.find((word) => word.startsWith('--lines='))?.slice(8);
  return long ?? option(words, 'n') ?? words.find((word) => /^-\d+$/.test(word))?.slice(1) ?? '10';
}

function head(run: Run, lines: readonly string[]): readonly string[] {
  const number = Number(count(run));
  return number < 0 || Object.is(number, -0) ? lines.slice(0, lines.length + number) : lines.slice(0, number);
}

function tail(run: Run, lines: readonly string[]): readonly string[] {
  const number = count(run);
  if (number.startsWith('+')) return lines.slice(Math.max(Number(number) - 1, 0));
  return lines.slice(Math.max(lines.length - Math.abs(Number(number)), 0));
}

/** The files of head and tail, once their options are known to be read. */
function countedFiles(run: Run): readonly string[] {
  count(run);
  return rest(run.words, 'n');
}

const ALWAYS = () => true;

/** Filters of text. */
export const TEXT_COMMANDS: CommandTable = {
  cut: filter(
    cut,
    ({ words }) => rest(words, 'dfcb'),
    ({ words }) => option(words, 'f') !== undefined,
  ),
  tr,
  ...GREP_COMMANDS,
  sed: filter(sed, ({ words }) => (words.includes('-e') ? rest(words, 'e') : rest(words, 'e').slice(1))),
  awk: filter(
    awk,
    ({ words }) => awkWords(words).slice(1),
    // Which lines are meant must not hang on what is not known.
    ({ words }) => /^\s*(?:NR\s*[=<>!]+\s*\d+\s*)?\{[^}]*\}\s*$/.test(awkWords(words)[0] ?? ''),
  ),
  head: filter(head, countedFiles, ALWAYS),
  tail: filter(tail, countedFiles, ALWAYS),
  sort: filter(
    ({ words, text }, lines) => {
      if (words.some((word) => /^-/.test(word) && !/^-[ru]+$/.test(word))) throw new Unreadable(text);
      const flags = words.join('');
      const sorted = (flags.includes('u') ? [...new Set(lines)] : lines).toSorted();
      return flags.includes('r') ? sorted.reverse() : sorted;
    },
    ({ words }) => operands(words),
  ),
  uniq: filter(
    (run, lines) => {
      letters(run, '');
      return lines.filter((line, i) => line !== lines[i - 1]);
    },
    ({ words }) => operands(words),
  ),
  wc: (run) => {
    const text = contents(run, operands(run.words));
    if (text === null) return FAILED;
    const isOnlyLines = run.words.length === 1 && run.words[0] === '-l';
    return said(!hasKnownLines(text) || !isOnlyLines ? UNKNOWN_TEXT : `${text.split('\n').length - 1}\n`);
  },
};
