import type { ArithmeticExpression } from 'unbash';
import { asAsked, UNKNOWN_TEXT } from '../thread.ts';
import { Unreadable } from '../unreadable.ts';

/** The variables of an arithmetic expression, and its parts that hold expansions. */
export interface ArithmeticScope {
  get(name: string): string;
  set(name: string, value: string): void;
  /** What a substitution wrote. */
  substitution(node: ArithmeticExpression & { type: 'ArithmeticCommandExpansion' }): string;
  /** The text of an operand, after expansions. */
  word(node: ArithmeticExpression & { type: 'ArithmeticWord' }): string;
}

/** Thrown where a number is not known. Never leaves the interpreter. */
export class UnknownNumber extends Error {
  constructor() {
    super('arithmetic with a number that is not known');
  }
}

/** Whether an expression assigns to variables. */
export function assigns(node: ArithmeticExpression | undefined): boolean {
  switch (node?.type) {
    case 'ArithmeticGroup':
      return assigns(node.expression);
    case 'ArithmeticTernary':
      return assigns(node.test) || assigns(node.consequent) || assigns(node.alternate);
    case 'ArithmeticUnary':
      return /^(?:\+\+|--)$/.test(node.operator) || assigns(node.operand);
    case 'ArithmeticBinary':
      return /^(?:[-+*/%&|^]|<<|>>)?=$/.test(node.operator) || assigns(node.left) || assigns(node.right);
    default:
      return false;
  }
}

const wrap = (value: bigint) => BigInt.asIntN(64, value);
const truth = (value: boolean) => (value ? 1n : 0n);

const BINARY: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => divide(a, b, (x, y) => x / y),
  '%': (a, b) => divide(a, b, (x, y) => x % y),
  '<<': (a, b) => a << (b & 63n),
  '>>': (a, b) => a >> (b & 63n),
  '<': (a, b) => truth(a < b),
  '>': (a, b) => truth(a > b),
  '<=': (a, b) => truth(a <= b),
  '>=': (a, b) => truth(a >= b),
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  ',': (_a, b) => b,
};

function divide(a: bigint, b: bigint, how: (a: bigint, b: bigint) => bigint): bigint {
  if (b === 0n) throw new Unreadable('a division by 0');
  return how(a, b);
}

/** The value of `$((..))`, as bash computes it: 64 bits, signed. */
export function evaluate(node: ArithmeticExpression, scope: ArithmeticScope): bigint {
  switch (node.type) {
    case 'ArithmeticGroup':
      return evaluate(node.expression, scope);
    case 'ArithmeticTernary':
      return evaluate(evaluate(node.test, scope) !== 0n ? node.consequent : node.alternate, scope);
    case 'ArithmeticWord':
      return numberOf(scope.word(node), scope, 0);
    case 'ArithmeticUnary':
      return unary(node.operator, node.operand, node.prefix, scope);
    case 'ArithmeticBinary':
      return binary(node.operator, node.left, node.right, scope);
    case 'ArithmeticCommandExpansion':
      return numberOf(scope.substitution(node), scope, 0);
  }
}

function unary(operator: string, operand: ArithmeticExpression, prefix: boolean, scope: ArithmeticScope): bigint {
  const value = evaluate(operand, scope);
  if (operator === '-') return wrap(-value);
  if (operator === '!') return truth(value === 0n);
  if (operator === '~') return wrap(~value);
  if (operator === '+') return value;
  const after = wrap(operator === '++' ? value + 1n : value - 1n);
  scope.set(target(operand), `${after}`);
  return prefix ? after : value;
}

function binary(
  operator: string,
  left: ArithmeticExpression,
  right: ArithmeticExpression,
  scope: ArithmeticScope,
): bigint {
  if (operator === '&&') return truth(evaluate(left, scope) !== 0n && evaluate(right, scope) !== 0n);
  if (operator === '||') return truth(evaluate(left, scope) !== 0n || evaluate(right, scope) !== 0n);
  const assigned = /^([-+*/%&|^]|<<|>>)?=$/.exec(operator);
  if (assigned) {
    const value = evaluate(right, scope);
    const after = assigned[1] === undefined ? value : wrap(BINARY[assigned[1]]!(evaluate(left, scope), value));
    scope.set(target(left), `${after}`);
    return after;
  }
  const how = BINARY[operator];
  if (!how) throw new Unreadable(`the operator ${operator}`);
  return wrap(how(evaluate(left, scope), evaluate(right, scope)));
}

function target(node: ArithmeticExpression): string {
  if (node.type !== 'ArithmeticWord' || !/^[A-Za-z_]\w*$/.test(node.value))
    throw new Unreadable('an assignment in $((..))');
  return node.value;
}

const MOST_NAMES = 50;

/** A number as the shell writes it, or the value of a variable, which may name another. */
function numberOf(text: string, scope: ArithmeticScope, depth: number): bigint {
  const word = asAsked(text).trim();
  if (word.includes(UNKNOWN_TEXT)) throw new UnknownNumber();
  if (word === '') return 0n;
  if (/^[A-Za-z_]\w*$/.test(word) && depth < MOST_NAMES) return numberOf(scope.get(word), scope, depth + 1);
  const m = /^([-+]?)(?:(0[xX][0-9a-fA-F]+)|(0[0-7]*)|([1-9]\d*)|(\d+)#([0-9a-zA-Z]+))$/.exec(word);
  if (!m) throw new Unreadable(`'${word.slice(0, 60)}' as a number`);
  const [, sign, hex, octal, decimal, base, digits] = m;
  const value = hex
    ? BigInt(hex)
    : octal
      ? BigInt(`0o${octal}`)
      : decimal
        ? BigInt(decimal)
        : inBase(digits!, Number(base));
  return wrap(sign === '-' ? -value : value);
}

function inBase(digits: string, base: number): bigint {
  const value = Number.parseInt(digits, base);
  if (!Number.isSafeInteger(value)) throw new Unreadable(`'${base}#${digits}' as a number`);
  return BigInt(value);
}
