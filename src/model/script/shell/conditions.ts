import type { TestExpression, Word } from 'unbash';
import type { Files } from './files.ts';
import { UNKNOWN_TEXT } from './thread.ts';
import { Unreadable } from './unreadable.ts';
import type { Expander } from './words/expand.ts';
import { matches, parsePattern } from './words/pattern.ts';
import { extendedExpression } from './words/regular-expressions.ts';

/** Whether a file is what an operator of test asks; Unreadable where it is not known. */
function fileTest(files: Files, operator: string, path: string): boolean {
  const kind = files.kind(path, operator !== '-L' && operator !== '-h');
  if (kind === 'unknown') throw new Unreadable(`whether ${path.replaceAll(UNKNOWN_TEXT, '?')} is there`);
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
      if (text?.includes(UNKNOWN_TEXT)) throw new Unreadable(`whether ${path} is empty`);
      return text !== '' && text !== null;
    }
    default:
      return kind !== 'absent';
  }
}

const FILE_TESTS = new Set(['-e', '-a', '-f', '-d', '-L', '-h', '-r', '-w', '-x', '-s', '-c', '-b', '-S', '-p']);

/** An operator of one operand. */
function unary(files: Files, operator: string, text: string): boolean {
  if (FILE_TESTS.has(operator)) return fileTest(files, operator, text);
  if (operator === '-z' || operator === '-n') {
    if (text === UNKNOWN_TEXT) throw new Unreadable('whether a text that is not known is empty');
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

function integer(text: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new Unreadable(`'${text.replaceAll(UNKNOWN_TEXT, '?')}' as a number`);
  return BigInt(text.trim().replace(/^\+/, ''));
}

/** An operator of two operands; the right one of `==` is a pattern in [[ ]], given as such. */
function binary(left: string, operator: string, right: string, pattern: string | null): boolean {
  const compare = NUMBERS[operator];
  if (compare) return compare(integer(left), integer(right));
  if (left.includes(UNKNOWN_TEXT) || right.includes(UNKNOWN_TEXT)) {
    const say = (text: string) => text.replaceAll(UNKNOWN_TEXT, '?');
    throw new Unreadable(`'${say(left)}' ${operator} '${say(right)}', of which a part is not known`);
  }
  switch (operator) {
    case '=':
    case '==':
      return pattern === null ? left === right : matches(parsePattern(pattern), left);
    case '!=':
      return pattern === null ? left !== right : !matches(parsePattern(pattern), left);
    case '<':
      return left < right;
    case '>':
      return left > right;
    default:
      throw new Unreadable(`the test ${operator}`);
  }
}

/** `[[ .. ]]`. */
export function testExpression(node: TestExpression, expander: Expander, files: Files): boolean {
  switch (node.type) {
    case 'TestNot':
      return testExpression(node.operand, expander, files) === (node.negations.length % 2 === 0);
    case 'TestGroup':
      return testExpression(node.expression, expander, files);
    case 'TestLogical': {
      const stop = node.operator === '||';
      return node.operands.some((one) => testExpression(one, expander, files) === stop) === stop;
    }
    case 'TestUnary':
      if (node.operator === '-v') return expander.parameters.value(node.operand.value) !== undefined;
      return unary(files, node.operator, expander.text(node.operand));
    case 'TestBinary': {
      const left = expander.text(node.left);
      if (node.operator === '=~') return regularExpression(left, node.right, expander);
      const pattern = /^[!=]=?$/.test(node.operator) ? expander.pattern(node.right) : null;
      return binary(left, node.operator, expander.text(node.right), pattern);
    }
  }
}

/** `[[ =~ ]]`; what matched is left in BASH_REMATCH. */
function regularExpression(text: string, word: Word, expander: Expander): boolean {
  const source = expander.text(word);
  if ((text + source).includes(UNKNOWN_TEXT)) throw new Unreadable(`=~ ${word.text}`);
  const found = extendedExpression(source, Math.max(text.length, 1), `=~ ${word.text}`).exec(text);
  const groups: readonly (readonly [string, string])[] = (found ?? []).map((group, i) => [`${i}`, group ?? '']);
  expander.parameters.set('BASH_REMATCH', new Map(groups));
  return found !== null;
}

/** `test` and `[`, without the bracket that closes. Grammar of POSIX.1 with -a, -o and parentheses. */
export function testWords(words: readonly string[], files: Files): boolean {
  const parser = new TestParser(words, files);
  const value = parser.either();
  if (!parser.ended) throw new Unreadable(`test ${words.join(' ').replaceAll(UNKNOWN_TEXT, '?')}`);
  return value;
}

class TestParser {
  private readonly words: readonly string[];
  private readonly files: Files;
  private at = 0;

  constructor(words: readonly string[], files: Files) {
    this.words = words;
    this.files = files;
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
      return binary(first, second!, third, null);
    }
    if (first === '(' && second !== undefined) {
      this.at++;
      const value = this.either();
      if (!this.take(')')) throw new Unreadable('test with a parenthesis that does not close');
      return value;
    }
    if (/^-[a-zA-Z]$/.test(first) && second !== undefined) {
      this.at += 2;
      return unary(this.files, first, second);
    }
    this.at++;
    return unary(this.files, '-n', first);
  }
}

function isBinary(word: string | undefined): boolean {
  return word !== undefined && (/^(?:==?|!=|[<>])$/.test(word) || Object.hasOwn(NUMBERS, word));
}
