import type { ArithmeticExpression, Assignment, Word, WordPart } from 'unbash';
import type { Files } from '../files.ts';
import { SOME_NAME, type Thread, UNKNOWN_TEXT, type Value } from '../thread.ts';
import { decide } from '../undecided.ts';
import { NeedsSubstitution, ofBearableLength, type Substitution, Unreadable } from '../unreadable.ts';
import { type ArithmeticScope, assigns, evaluate, UnknownNumber } from './arithmetic.ts';
import { braceAlternatives, partsOf } from './braces.ts';
import { expandGlob } from './expand-glob.ts';
import { expandParameter } from './expand-parameter.ts';
import { type Field, isGlob, joinPieces, type Piece, patternOf, toFields } from './fields.ts';
import { Parameters } from './parameters.ts';

/** What is not understood where words are counted that a text is split into. */
export const UNCOUNTED = 'into how many words a text is split that is not known';

/** Whether an unquoted text may be any number of words. */
const isOfUnknownWords = (text: string): boolean => text.replaceAll(SOME_NAME, '').includes(UNKNOWN_TEXT);

/** Most fields that the words of one command make. */
const MOST_FIELDS = 20_000;

/**
 * Expands the words of one command. The output of substitutions is taken from the thread's memo; where it is not there
 * yet, NeedsSubstitution is thrown, and the whole is done again once it is: expansions change nothing but the memo
 * until they have all been made.
 */
export class Expander {
  readonly parameters: Parameters;
  /** Text that is not known was split at IFS: nobody knows into how many words. */
  hasSplitUnknown = false;
  private readonly thread: Thread;
  private readonly files: Files;

  constructor(thread: Thread, files: Files, assigned: ReadonlySet<string>) {
    this.thread = thread;
    this.files = files;
    this.parameters = new Parameters(thread, assigned);
  }

  /** Whether what is not known holds. */
  decide(question: string): boolean {
    return decide(this.thread, question);
  }

  /** Words to fields: expanded, split at IFS, and globs replaced by the paths that they match. */
  fields(words: readonly Word[]): string[] {
    const out: string[] = [];
    for (const word of words)
      for (const parts of braceAlternatives(word)) {
        const pieces = this.pieces(parts, false);
        this.hasSplitUnknown ||= pieces.some((piece) => piece.kind === 'split' && isOfUnknownWords(piece.text));
        for (const field of toFields(pieces, this.parameters.ifs())) out.push(...this.glob(field));
        if (out.length > MOST_FIELDS) throw new Unreadable(`a command of more than ${MOST_FIELDS} words`);
      }
    return out;
  }

  /** The fields of words that are counted, as an array's elements are; Unreadable where nobody knows how many. */
  countedFields(words: readonly Word[]): string[] {
    this.hasSplitUnknown = false;
    const fields = this.fields(words);
    if (this.hasSplitUnknown) throw new Unreadable(UNCOUNTED);
    return fields;
  }

  private glob(field: Field): readonly string[] {
    if (!isGlob(field) || this.thread.options.has('noglob')) return [field.text];
    const key = `*${field.pattern}`;
    const known = this.thread.memo.get(key);
    if (known !== undefined) return known === '' ? [] : known.split('\0');
    const found = expandGlob(this.files, field.pattern);
    const paths = found.length > 0 ? found : this.thread.options.has('nullglob') ? [] : [field.text];
    this.remember(key, paths.join('\0'));
    return paths;
  }

  private remember(key: string, text: string): void {
    this.thread.memo = new Map(this.thread.memo).set(key, text);
  }

  /** A word as one text: an assignment, a redirection's target, the word of `case`. */
  text(word: Word): string {
    return ofBearableLength(joinPieces(this.pieces(partsOf(word), false)));
  }

  /** A word as a pattern, in which what is quoted stands for itself. */
  pattern(word: Word): string {
    return ofBearableLength(patternOf(this.pieces(partsOf(word), false)));
  }

  /** A here-document's body. */
  body(parts: readonly WordPart[] | undefined, text: string): string {
    return parts ? joinPieces(this.pieces(parts, true)) : text;
  }

  assignment(node: Assignment): readonly [string, Value] {
    const { name, value, append, index } = node;
    if (value.type === 'ArrayValue') {
      const old = append ? this.parameters.keys(name).map((key) => [key, this.parameters.element(name, key)!]) : [];
      const map = new Map(old as [string, string][]);
      for (const element of value.elements) {
        const keyed = /^\[([^\]]+)\]=/.exec(element.text);
        if (keyed)
          map.set(
            unquoted(keyed[1]!),
            unquoted(joinPieces(this.pieces(partsOf(element), false)).slice(keyed[0].length - quotesIn(keyed[1]!))),
          );
        else for (const field of this.countedFields([element])) map.set(`${map.size}`, field);
      }
      return [name, map];
    }
    const text = this.text(value);
    if (index) {
      const key = this.index(name, index);
      const before = append ? (this.parameters.element(name, key) ?? '') : '';
      const whole = this.parameters.value(name);
      const map = new Map(typeof whole === 'object' ? whole : []);
      return [name, map.set(key, before + text)];
    }
    const before = append ? this.parameters.text(name).replaceAll(UNKNOWN_TEXT, '') : '';
    return [name, ofBearableLength(before + text)];
  }

  /** The key of an array's element: text for arrays by name, else a number. */
  index(name: string, word: Word): string {
    const value = this.parameters.value(name);
    const text = this.text(word);
    const byName = typeof value === 'object' && [...value.keys()].some((key) => !/^\d+$/.test(key));
    if (byName || /^-?\d+$/.test(text)) return text;
    if (/^[A-Za-z_]\w*$/.test(text) && this.thread.variables.has(text)) return this.parameters.text(text);
    return text;
  }

  /** The value of `$((..))` as text, which may not be known. */
  private number(node: ArithmeticExpression | undefined): string {
    try {
      return `${this.arithmetic(node)}`;
    } catch (error) {
      if (error instanceof UnknownNumber && !assigns(node)) return UNKNOWN_TEXT;
      throw error;
    }
  }

  arithmetic(node: ArithmeticExpression | undefined): bigint {
    if (!node) return 0n;
    const scope: ArithmeticScope = {
      get: (name) => this.parameters.text(name),
      set: (name, value) => this.parameters.set(name, value),
      substitution: (node) => this.substitution(node),
      word: ({ value, parts }) =>
        parts
          ? joinPieces(this.pieces(parts, true))
          : value.startsWith('$')
            ? this.parameters.text(value.slice(1))
            : value,
    };
    return evaluate(node, scope);
  }

  /** What a substitution wrote; throws NeedsSubstitution where it has not run yet. */
  substitution(node: Substitution): string {
    const known = this.thread.memo.get(`${node.pos}`);
    if (known === undefined) throw new NeedsSubstitution(node);
    return known;
  }

  /** Parts of a word to pieces; `quoted` within double quotes and here-documents. */
  pieces(parts: readonly WordPart[], quoted: boolean): Piece[] {
    return parts.flatMap((part, i) => this.piece(part, quoted, i === 0));
  }

  private piece(part: WordPart, quoted: boolean, first: boolean): Piece[] {
    const kind = quoted ? 'quoted' : 'split';
    switch (part.type) {
      case 'Literal':
        if (first && !quoted && /^~(?=\/|$)/.test(part.text))
          return [{ kind: 'literal', text: part.value.replace('~', this.parameters.text('HOME')) }];
        return [{ kind: quoted ? 'quoted' : 'literal', text: part.value }];
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        return [{ kind: 'quoted', text: part.value }];
      case 'DoubleQuoted':
      case 'LocaleString': {
        const inside = this.pieces(part.parts, true);
        const onlyAll = part.parts.length === 1 && /^\$(?:@|\{@\}|\{\w+\[@\]\})$/.test(part.parts[0]!.text);
        return inside.length === 0 && onlyAll ? [] : [{ kind: 'quoted', text: '' }, ...inside];
      }
      case 'Glob':
        if (part.kind !== 'bracket') return [{ kind: 'glob', text: part.text }];
        return [{ kind: 'glob', text: `[${patternOf(this.pieces(part.parts, quoted))}]` }];
      case 'SimpleExpansion':
        return expandParameter(this, { parameter: part.text.slice(1) }, quoted);
      case 'ParameterExpansion':
        return expandParameter(this, part, quoted);
      case 'CommandExpansion':
        return [{ kind, text: this.substitution(part) }];
      case 'ArithmeticExpansion':
        return [{ kind, text: this.number(part.expression) }];
      default:
        throw new Unreadable(part.text);
    }
  }
}

const unquoted = (text: string) => text.replace(/^(["'])(.*)\1$/s, '$2');
const quotesIn = (text: string) => (unquoted(text) === text ? 0 : 2);
