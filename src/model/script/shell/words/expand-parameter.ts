import type { ParameterExpansionPart, ParameterOperation, Word, WordPart } from 'unbash';
import { asAsked, UNKNOWN_TEXT } from '../thread.ts';
import { Unreadable } from '../unreadable.ts';
import { partsOf } from './braces.ts';
import { joinPieces, type Piece } from './fields.ts';
import type { Parameters } from './parameters.ts';
import { parsePattern, removeMatch, replaceMatch } from './pattern.ts';

/** What it needs of the expansion of words. */
interface Expander {
  readonly parameters: Parameters;
  decide(question: string): boolean;
  text(word: Word): string;
  pattern(word: Word): string;
  index(name: string, word: Word): string;
  pieces(parts: readonly WordPart[], quoted: boolean): Piece[];
}

type Expansion = Pick<ParameterExpansionPart, 'parameter'> & Partial<ParameterExpansionPart>;

/** `$x`, `${x..}`: the pieces that it makes. POSIX.1, 2.6.2; arrays, slices and replacements as in bash. */
export function expandParameter(expander: Expander, part: Expansion, quoted: boolean): Piece[] {
  const { parameters } = expander;
  const { parameter, prefix, index, operation } = part;
  const all = /^[@*]$/.test(parameter) ? parameter : /^[@*]$/.test(index?.text ?? '') ? index!.text : null;
  const one = (text: string): Piece[] => [{ kind: quoted ? 'quoted' : 'split', text }];
  if (operation?.type === 'Unknown' || operation?.type === 'Transform') throw new Unreadable(part.text ?? parameter);
  if (prefix === '!' && operation?.type === 'Names') throw new Unreadable(part.text ?? parameter);
  if (prefix === '#') {
    if (all !== null) return one(`${knownList(expander, parameter).length}`);
    const text = asAsked(read(expander, part));
    return one(text.includes(UNKNOWN_TEXT) ? UNKNOWN_TEXT : `${text.length}`);
  }
  if (all !== null) {
    const list = prefix === '!' ? parameters.keys(parameter) : parameters.list(parameter);
    const items = applyToList(expander, list, operation, index === undefined ? 1 : 0);
    if (items === null)
      return byDefault(expander, part, operation as Default, quoted, list.length > 0 ? list.join(' ') : undefined);
    if (all === '*' && quoted) return one(items.join(parameters.ifs()[0] ?? ''));
    return items.flatMap((text, i): Piece[] => (i === 0 ? one(text) : [{ kind: 'break' }, ...one(text)]));
  }
  if (operation?.type === 'Default') return byDefault(expander, part, operation, quoted, setValue(expander, part));
  const text = read(expander, part);
  return one(operation ? operate(expander, text, operation) : text);
}

type Default = ParameterOperation & { type: 'Default' };

function knownList(expander: Expander, name: string): readonly string[] {
  const list = expander.parameters.list(name);
  if (list.includes(UNKNOWN_TEXT)) throw new Unreadable(`the number of elements of ${name}`);
  return list;
}

/** The parameter's value, the empty text where it is not set. */
function read(expander: Expander, { parameter, prefix, index }: Expansion): string {
  const { parameters } = expander;
  if (prefix === '!') {
    const name = parameters.text(parameter);
    if (!/^(?:\w+|[@*#])$/.test(name)) throw new Unreadable(`\${!${parameter}}`);
    return parameters.text(name);
  }
  if (!index) return parameters.text(parameter);
  return parameters.element(parameter, expander.index(parameter, index)) ?? '';
}

/** The value if it is set, as `${x-..}` asks. */
function setValue(expander: Expander, part: Expansion): string | undefined {
  const { parameters } = expander;
  if (part.index) return parameters.element(part.parameter, expander.index(part.parameter, part.index));
  if (part.prefix === '!') return read(expander, part);
  const value = parameters.value(part.parameter);
  return value === undefined || typeof value === 'string' ? value : (value.get('0') ?? '');
}

function byDefault(
  expander: Expander,
  part: Expansion,
  { operator, operand }: Default,
  quoted: boolean,
  value: string | undefined,
): Piece[] {
  const colon = operator.length === 2;
  const isOpen = value !== undefined && value !== '' && value.replaceAll(UNKNOWN_TEXT, '') === '';
  const isEmpty = colon && (isOpen ? expander.decide(`${part.parameter} is empty`) : value === '');
  const there = value !== undefined && !isEmpty;
  const one = (text: string): Piece[] => [{ kind: quoted ? 'quoted' : 'split', text }];
  switch (operator.at(-1)) {
    case '+':
      return there ? operandPieces(expander, operand, quoted) : one('');
    case '-':
      return there ? one(value!) : operandPieces(expander, operand, quoted);
    case '=': {
      if (there) return one(value!);
      const text = expander.text(operand);
      expander.parameters.set(part.parameter, text);
      return one(text);
    }
    default:
      if (there) return one(value!);
      throw new Unreadable(`$${part.parameter} is not set, which ends the script`);
  }
}

function operandPieces(expander: Expander, operand: Word, quoted: boolean): Piece[] {
  const pieces = expander.pieces(partsOf(operand), false);
  if (quoted) return [{ kind: 'quoted', text: joinPieces(pieces) }];
  return pieces.map((piece) => (piece.kind === 'literal' ? { kind: 'split', text: piece.text } : piece));
}

/**
 * An operation on each element, or, for a slice (whose first element is number `first`), on the list; null for
 * defaults, which ask about the whole.
 */
function applyToList(
  expander: Expander,
  list: readonly string[],
  operation: ParameterOperation | undefined,
  first: number,
): readonly string[] | null {
  if (!operation) return list;
  if (operation.type === 'Default') return null;
  if (operation.type !== 'Slice') return list.map((text) => operate(expander, text, operation));
  const offset = number(expander, operation.offset);
  const length = operation.length ? number(expander, operation.length) : undefined;
  const from = offset > 0 ? offset - first : offset;
  return list.slice(from, length === undefined ? undefined : from + length);
}

function number(expander: Expander, word: Word): number {
  const text = expander.text(word).trim();
  const value = Number(/^[A-Za-z_]\w*$/.test(text) ? expander.parameters.text(text) : text || '0');
  if (!Number.isInteger(value)) throw new Unreadable(`'${text}' as a number`);
  return value;
}

/** Longest text in which a pattern is looked for at every place. */
const MOST_MATCHED = 4096;

function operate(expander: Expander, text: string, operation: ParameterOperation): string {
  if (text.includes(UNKNOWN_TEXT)) return UNKNOWN_TEXT;
  if (text.length > MOST_MATCHED) throw new Unreadable(`an operation on ${text.length} characters`);
  switch (operation.type) {
    case 'Remove':
      return removeMatch(text, operation.operator, parsePattern(expander.pattern(operation.operand)));
    case 'Replace': {
      const by = expander.text(operation.replacement);
      return replaceMatch(text, operation.operator, parsePattern(expander.pattern(operation.pattern)), by);
    }
    case 'Slice': {
      const offset = number(expander, operation.offset);
      const from = offset < 0 ? Math.max(0, text.length + offset) : offset;
      if (!operation.length) return text.slice(from);
      const length = number(expander, operation.length);
      return text.slice(from, length < 0 ? text.length + length : from + length);
    }
    case 'CaseModification': {
      if (operation.operand) throw new Unreadable('a change of case with a pattern');
      const up = operation.operator.startsWith('^');
      const change = (part: string) => (up ? part.toUpperCase() : part.toLowerCase());
      return operation.operator.length === 2 ? change(text) : change(text.slice(0, 1)) + text.slice(1);
    }
    default:
      throw new Unreadable('an operation on a parameter');
  }
}
