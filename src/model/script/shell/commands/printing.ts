import { type CommandTable, DONE, type Outcome, type Run, said } from '../outcome.ts';
import { UNKNOWN_TEXT } from '../thread.ts';
import { ofBearableLength, Unreadable } from '../unreadable.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** Backslashes as echo -e, `printf %b` and printf's format read them; `\c` ends the output. */
function readEscapes(text: string): { text: string; stop: boolean } {
  let stop = false;
  const out = text.replace(
    /\\(?:(0[0-7]{0,3}|[1-7][0-7]{0,2})|x([0-9a-fA-F]{1,2})|(c)[\s\S]*|([abefnrtv\\]))/g,
    (_all, octal, hex, c, one) => {
      if (c) stop = true;
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return one === undefined ? '' : ESCAPES[one as string]!;
    },
  );
  return { text: out, stop };
}

/** bash's echo takes -n, -e and -E; dash's takes -n only, and always reads backslashes. */
function echo({ words, posix }: Run) {
  let [newline, escapes, from] = [true, posix, 0];
  for (; from < words.length; from++) {
    const word = words[from]!;
    if (!(posix ? /^-n$/ : /^-[neE]+$/).test(word)) break;
    if (word.includes('n')) newline = false;
    if (!posix && /[eE]/.test(word)) escapes = word.lastIndexOf('e') > word.lastIndexOf('E');
    if (posix) {
      from++;
      break;
    }
  }
  const joined = words.slice(from).join(' ');
  const { text, stop } = escapes ? readEscapes(joined) : { text: joined, stop: false };
  return said(text + (newline && !stop ? '\n' : ''));
}

const DIRECTIVE = /%(?:%|\([^)]*\)T|([-0+ #]*)(\d+|\*)?(?:\.(\d+))?([a-zA-Z]))/g;

/** printf: the format is used again until the arguments are used up. */
function printf(run: Run): Outcome {
  const { words, expander, posix } = run;
  if (!posix && words[0] === '-v' && /^[A-Za-z_]\w*$/.test(words[1] ?? '')) {
    expander.parameters.set(words[1]!, printf({ ...run, words: words.slice(2) }).out ?? '');
    return DONE;
  }
  const [format, ...rest] = words[0] === '--' ? words.slice(1) : words;
  if (format === '-v' || format === undefined) throw new Unreadable(run.text);
  let left = rest;
  let out = '';
  do {
    const before = left.length;
    out += readEscapes(format).text.replace(
      DIRECTIVE,
      (all, flags: string, width?: string, precision?: string, kind?: string) => {
        if (all === '%%') return '%';
        const [argument = '', ...after] = left;
        left = after;
        if (kind === undefined) return UNKNOWN_TEXT;
        return formatted(kind, argument, flags, Number(width ?? '0'), precision);
      },
    );
    ofBearableLength(out);
    if (left.length === before) break;
  } while (left.length > 0);
  return said(out);
}

/** A number as C writes it, an octal one with a 0 first; NaN for anything else. */
function numberOf(text: string): number {
  const [, sign, octal] = /^([-+]?)(?:0([0-7]+)|0[xX][0-9a-fA-F]+|0|[1-9]\d*)$/.exec(text) ?? [];
  if (sign === undefined) return Number.NaN;
  const value = octal === undefined ? Number(text.replace(/^[-+]/, '')) : Number.parseInt(octal, 8);
  return sign === '-' ? -value : value;
}

function formatted(
  kind: string,
  argument: string,
  flags: string,
  width: number,
  precision: string | undefined,
): string {
  if (Number.isNaN(width) || width > 1000) throw new Unreadable(`printf with a width`);
  if (argument.includes(UNKNOWN_TEXT)) return UNKNOWN_TEXT;
  const pad = (text: string) =>
    flags.includes('-') ? text.padEnd(width) : text.padStart(width, flags.includes('0') && kind !== 's' ? '0' : ' ');
  if (kind === 's') return pad(precision === undefined ? argument : argument.slice(0, Number(precision)));
  if (kind === 'b') return pad(readEscapes(argument).text);
  const value = numberOf(argument === '' ? '0' : argument);
  if (!/^[diuxXo]$/.test(kind) || !Number.isSafeInteger(value))
    throw new Unreadable(`printf %${kind} of '${argument}'`);
  const digits = value.toString(kind === 'o' ? 8 : /[xX]/.test(kind) ? 16 : 10).padStart(Number(precision ?? '0'), '0');
  const prefix = flags.includes('#') && /[xX]/.test(kind) ? '0x' : '';
  return pad(prefix + (kind === 'X' ? digits.toUpperCase() : digits));
}

/** Commands that print their words. */
export const PRINTING_COMMANDS: CommandTable = {
  echo,
  printf,
  seq: ({ words }) => {
    const numbers = words.map(Number);
    const [from, step, to] =
      words.length === 1 ? [1, 1, numbers[0]!] : words.length === 2 ? [numbers[0]!, 1, numbers[1]!] : numbers;
    if (![from, step, to].every(Number.isSafeInteger) || step === 0) throw new Unreadable(`seq ${words.join(' ')}`);
    const count = Math.max(0, Math.floor((to! - from!) / step!) + 1);
    if (count > 10_000) throw new Unreadable(`seq ${words.join(' ')}`);
    return said(Array.from({ length: count }, (_, i) => `${from! + i * step!}\n`).join(''));
  },
};
