import type { TestExpression, Word } from 'unbash';
import type { Files } from './files.ts';
import { asAsked, type Thread, UNKNOWN_TEXT } from './thread.ts';
import { decide, factOf } from './undecided.ts';
import { Unreadable } from './unreadable.ts';
import type { Expander } from './words/expand.ts';
import { matches, parsePattern } from './words/pattern.ts';
import { extendedExpression } from './words/regular-expressions.ts';

/** What a test looks at; what it cannot see is decided either way. */
export interface Seen {
  readonly files: Files;
  readonly thread: Thread;
}

/** Whether a file is what an operator of test asks. */
function fileTest({ files, thread }: Seen, operator: string, path: string): boolean {
  const kind = files.kind(path, operator !== '-L' && operator !== '-h');
  if (kind === 'unknown')
    return files.isLasting(path)
      ? factOf(thread, answersFor(operator, files.absolute(path))) === 1
      : decide(thread, `${operator} ${path}`);
  switch (operator) {
    case '-L':
    case '-h':
      return kind === 'link';
    case '-d':
      return kind === 'directory';
    case '-f':
      return kind === 'file' && !files.absolute(path).startsWith('/dev/');
    case '-s': {
      const text = kind === 'file' ? files.text(path) : '';
      if (text !== null && isOpen(text)) return decide(thread, `${operator} ${path}`);
      return text !== '' && text !== null;
    }
    default:
      return kind !== 'absent';
  }
}

/** What a file is for which an operator holds, where that says more than that it is there. */
const WHAT: Readonly<Record<string, string>> = {
  '-d': 'is a directory',
  '-f': 'is a file',
  '-L': 'is a link',
  '-h': 'is a link',
  '-s': 'is filled',
  '-x': 'can be executed',
  '-w': 'can be written',
  '-c': 'is a character device',
  '-b': 'is a block device',
  '-S': 'is a socket',
  '-p': 'is a pipe',
};

function answersFor(operator: string, path: string): readonly string[] {
  const what = WHAT[operator];
  return what === undefined
    ? [`${path} is not there`, `${path} is there`]
    : [`${path} ${what.replace(/^(is|can)/, '$1 not')}`, `${path} ${what}`];
}

const FILE_TESTS = new Set(['-e', '-a', '-f', '-d', '-L', '-h', '-r', '-w', '-x', '-s', '-c', '-b', '-S', '-p']);

/** Whether a text may be empty or not. */
const isOpen = (text: string) => text !== '' && text.replaceAll(UNKNOWN_TEXT, '') === '';

/** An operator of one operand; `at` tells it from others of the same command. */
function unary(seen: Seen, operator: string, given: string, at: string): boolean {
  if (FILE_TESTS.has(operator)) return fileTest(seen, operator, given);
  if (operator === '-z' || operator === '-n') {
    const text = asAsked(given);
    if (isOpen(text)) return decide(seen.thread, `${operator} ${at}`);
    return (text === '') === (operator === '-z');
  }
  if (operator === '-t') return false;
  throw new Unreadable(`the test ${operator}`);
}

const NUMBERS: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

const COMPARISONS = new Set(['=', '==', '!=', '<', '>']);

function integer(text: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new Unreadable(`'${text}' as a number`);
  return BigInt(text.trim().replace(/^\+/, ''));
}

/** An operator of two operands; the right one of `==` is a pattern in [[ ]], given as such. */
function binary(
  { thread }: Seen,
  [one, operator, other]: readonly [string, string, string],
  pattern: string | null,
  at: string,
): boolean {
  const [left, right] = [asAsked(one), asAsked(other)];
  const compare = NUMBERS[operator];
  const isKnown = !(left + right).includes(UNKNOWN_TEXT);
  if (!isKnown && (compare || COMPARISONS.has(operator))) return decide(thread, `${operator} ${at}`);
  if (compare) return compare(integer(left), integer(right));
  switch (operator) {
    case '=':
    case '==':
      return pattern === null ? left === right : matches(parsePattern(asAsked(pattern)), left);
    case '!=':
      return pattern === null ? left !== right : !matches(parsePattern(asAsked(pattern)), left);
    case '<':
      return left < right;
    case '>':
      return left > right;
    default:
      throw new Unreadable(`the test ${operator}`);
  }
}

/** `[[ .. ]]`. */
export function testExpression(node: TestExpression, expander: Expander, seen: Seen): boolean {
  switch (node.type) {
    case 'TestNot':
      return testExpression(node.operand, expander, seen) === (node.negations.length % 2 === 0);
    case 'TestGroup':
      return testExpression(node.expression, expander, seen);
    case 'TestLogical': {
      const stop = node.operator === '||';
      return node.operands.some((one) => testExpression(one, expander, seen) === stop) === stop;
    }
    case 'TestUnary':
      if (node.operator === '-v') return expander.parameters.value(node.operand.value) !== undefined;
      return unary(seen, node.operator, expander.text(node.operand), `${node.pos}`);
    case 'TestBinary': {
      const left = asAsked(expander.text(node.left));
      if (node.operator === '=~') return regularExpression(left, node.right, expander, seen);
      const pattern = /^[!=]=?$/.test(node.operator) ? expander.pattern(node.right) : null;
      return binary(seen, [left, node.operator, expander.text(node.right)], pattern, `${node.pos}`);
    }
  }
}

const MOST_GROUPS = 10;

/** `[[ =~ ]]`; what matched is left in BASH_REMATCH. */
function regularExpression(text: string, word: Word, expander: Expander, { thread }: Seen): boolean {
  const source = expander.text(word);
  if ((text + source).includes(UNKNOWN_TEXT)) {
    const unknown = Array.from({ length: MOST_GROUPS }, (_, i): [string, string] => [`${i}`, UNKNOWN_TEXT]);
    const found = decide(thread, `=~ ${word.pos}`);
    expander.parameters.set('BASH_REMATCH', new Map(found ? unknown : []));
    return found;
  }
  const found = extendedExpression(source, Math.max(text.length, 1), `=~ ${word.text}`).exec(text);
  const groups: readonly (readonly [string, string])[] = (found ?? []).map((group, i) => [`${i}`, group ?? '']);
  expander.parameters.set('BASH_REMATCH', new Map(groups));
  return found !== null;
}

/** `test` and `[`, without the bracket that closes. Grammar of POSIX.1 with -a, -o and parentheses. */
export function testWords(words: readonly string[], seen: Seen): boolean {
  const parser = new TestParser(words, seen);
  const value = parser.either();
  if (!parser.ended) throw new Unreadable(`test ${words.join(' ').replaceAll(UNKNOWN_TEXT, '?')}`);
  return value;
}

class TestParser {
  private readonly words: readonly string[];
  private readonly seen: Seen;
  private at = 0;

  constructor(words: readonly string[], seen: Seen) {
    this.words = words;
    this.seen = seen;
  }

  get ended(): boolean {
    return this.at >= this.words.length;
  }

  either(): boolean {
    let value = this.both();
    while (this.take('-o')) value = this.both() || value;
    return value;
  }

  private both(): boolean {
    let value = this.not();
    while (this.take('-a')) value = this.not() && value;
    return value;
  }

  private take(word: string): boolean {
    if (this.words[this.at] !== word || this.ended) return false;
    this.at++;
    return true;
  }

  private not(): boolean {
    let negate = false;
    while (this.words[this.at] === '!' && this.words.length - this.at > 1 && !isBinary(this.words[this.at + 1])) {
      this.at++;
      negate = !negate;
    }
    return this.primary() !== negate;
  }

  private primary(): boolean {
    const [first, second, third] = this.words.slice(this.at, this.at + 3);
    if (first === undefined) return false;
    if (third !== undefined && isBinary(second)) {
      this.at += 3;
      return binary(this.seen, [first, second!, third], null, `${this.at}`);
    }
    if (first === '(' && second !== undefined) {
      this.at++;
      const value = this.either();
      if (!this.take(')')) throw new Unreadable('test with a parenthesis that does not close');
      return value;
    }
    if (/^-[a-zA-Z]$/.test(first) && second !== undefined) {
      this.at += 2;
      return unary(this.seen, first, second, `${this.at}`);
    }
    this.at++;
    return unary(this.seen, '-n', first, `${this.at}`);
  }
}

function isBinary(word: string | undefined): boolean {
  return word !== undefined && (/^(?:==?|!=|[<>])$/.test(word) || Object.hasOwn(NUMBERS, word));
}
