import type { Files } from '../files/files.ts';

/** A match or an assignment of a rule: `ATTR{vendor}=="0x8086"`. */
export interface RuleToken {
  /** `ACTION`, `ATTR`, `RUN` and so on. */
  readonly key: string;
  /** What is in braces; empty without. */
  readonly attribute: string;
  readonly operator: '==' | '!=' | '=' | '+=' | '-=' | ':=';
  readonly value: string;
  /** `i"..."`: compared without regard to case. */
  readonly ignoreCase: boolean;
}

/** A rule of udev: what has to match, and what is assigned then. */
export interface Rule {
  readonly file: string;
  readonly line: number;
  readonly matches: readonly RuleToken[];
  readonly assigns: readonly RuleToken[];
  readonly text: string;
}

/** A line that is not a rule. */
export interface UnreadRule {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface Rules {
  readonly rules: readonly Rule[];
  readonly unread: readonly UnreadRule[];
}

/** Where udev looks for rules, the first deciding (systemd src/udev/udev-rules.c: RULES_DIRS). */
const DIRECTORIES = [
  'etc/udev/rules.d',
  'run/udev/rules.d',
  'usr/local/lib/udev/rules.d',
  'usr/lib/udev/rules.d',
  'lib/udev/rules.d',
];

/** Longest line (udev-rules.c:udev_rules_parse_file reads lines with LONG_LINE_MAX, 1 MiB). */
const LONGEST_LINE = 1024 * 1024;
const MOST_RULES = 200_000;

/** Keys that only match; a token of any other key matches with == and != and assigns otherwise. */
const IMPORTS = new Set(['IMPORT', 'PROGRAM']);

/** Every rule of a file system, in the order in which udev applies them. */
export function readRules(files: Files): Rules {
  const rules: Rule[] = [];
  const unread: UnreadRule[] = [];
  for (const { path, text } of files.dropIns(DIRECTORIES, '.rules')) parseRules(text, files.label(path), rules, unread);
  return { rules, unread };
}

/** The rules of one file. */
export function rulesOf(text: string, file: string): Rules {
  const rules: Rule[] = [];
  const unread: UnreadRule[] = [];
  parseRules(text, file, rules, unread);
  return { rules, unread };
}

/** Reads one file of rules. udev-rules.c:udev_rules_parse_file, rule_add_line. */
function parseRules(text: string, file: string, rules: Rule[], unread: UnreadRule[]): void {
  for (const { line, text: content } of ruleLines(text)) {
    if (rules.length >= MOST_RULES) return;
    const tokens = content.length > LONGEST_LINE ? undefined : ruleTokens(content);
    if (!tokens) {
      unread.push({ file, line, text: content.slice(0, 200) });
      continue;
    }
    const isMatch = ({ key, operator }: RuleToken) => operator === '==' || operator === '!=' || IMPORTS.has(key);
    rules.push({
      file,
      line,
      text: content.length > 300 ? `${content.slice(0, 300)}...` : content,
      matches: tokens.filter(isMatch),
      assigns: tokens.filter((token) => !isMatch(token)),
    });
  }
}

/** Lines without comments; a backslash at the end of a line joins the next. The number is that of the first. */
function* ruleLines(text: string): Generator<{ line: number; text: string }> {
  let pending: string[] = [];
  let first = 0;
  let number = 0;
  for (const raw of text.split('\n')) {
    number++;
    const line = raw.replace(/^[ \t]+/, '');
    if (pending.length === 0 && (line === '' || line.startsWith('#'))) continue;
    // A comment between joined lines is skipped.
    if (pending.length > 0 && line.startsWith('#')) continue;
    if (pending.length === 0) first = number;
    if (line.endsWith('\\')) {
      pending.push(line.slice(0, -1));
      continue;
    }
    pending.push(line);
    yield { line: first, text: pending.join('').trim() };
    pending = [];
  }
  if (pending.length > 0) yield { line: first, text: pending.join('').trim() };
}

const TOKEN = /[,\s]*([A-Z_]+)(?:\{([^}]*)\})?[ \t]*(==|!=|\+=|-=|:=|=)[ \t]*([ei]?i?)"/y;

/** The tokens of a rule; undefined where the line is none, which udev ignores as a whole. */
function ruleTokens(text: string): RuleToken[] | undefined {
  const tokens: RuleToken[] = [];
  let at = 0;
  while (at < text.length) {
    if (/^[,\s]*$/.test(text.slice(at, at + 100)) && text.slice(at).trim().replaceAll(',', '') === '') break;
    TOKEN.lastIndex = at;
    const m = TOKEN.exec(text);
    if (!m) return undefined;
    const [whole, key, attribute = '', operator, prefix] = m;
    const value = quoted(text, at + whole.length, prefix!.includes('e'));
    if (!value) return undefined;
    tokens.push({
      key: key!,
      attribute,
      operator: operator as RuleToken['operator'],
      value: value.text,
      ignoreCase: prefix!.includes('i'),
    });
    at = value.end;
  }
  return tokens.length === 0 ? undefined : tokens;
}

/**
 * A value up to its closing quote. Without the prefix `e` only `\"` is an escape (udev-util.c:udev_rule_parse_value).
 */
function quoted(text: string, start: number, escapes: boolean): { text: string; end: number } | undefined {
  let value = '';
  for (let at = start; at < text.length; at++) {
    const c = text[at]!;
    if (c === '"') return { text: value, end: at + 1 };
    if (c === '\\' && text[at + 1] === '"') value += text[++at];
    else if (c === '\\' && escapes) value += ESCAPES[text[++at] ?? ''] ?? text[at] ?? '';
    else value += c;
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', s: ' ' };
