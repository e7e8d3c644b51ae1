import { type Placed, shellTokens, type Word } from './tokens.ts';

/** A simple command of a script, its words expanded. */
export interface ShellCommand {
  /** Null for a word that is not known. */
  readonly words: readonly (string | null)[];
  /** Where its standard output goes; null for a name that is not known, undefined for none. */
  readonly output: string | null | undefined;
  readonly appends: boolean;
  /** Text of a here-document. */
  readonly input: string | undefined;
  readonly line: number;
  /** It runs only if something holds that is not known here. */
  readonly perhaps: boolean;
}

/** Most commands of a script, loops written out. */
const MOST = 10_000;
const DEEPEST = 50;

type Variables = Map<string, string | null>;

/**
 * The simple commands of a script in their order: `for` loops over known words are written out, what is inside of
 * `if`, `case` and `while` counts as perhaps. Functions are not followed. Variables that are not set here are not
 * known, unless `variables` has them.
 */
export function shellCommands(script: string, variables: Readonly<Record<string, string>> = {}): ShellCommand[] {
  const reader = new Reader(shellTokens(script), new Map(Object.entries(variables)));
  while (!reader.isAtEnd) reader.list(false, 0);
  return reader.commands;
}

class Reader {
  readonly commands: ShellCommand[] = [];
  readonly #tokens: readonly Placed[];
  readonly #variables: Variables;
  #at = 0;

  constructor(tokens: readonly Placed[], variables: Variables) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length || this.commands.length >= MOST;
  }

  /** Commands up to a word that ends the list: `done`, `fi`, `esac`, `}` and so on. */
  list(perhaps: boolean, depth: number): string | undefined {
    let maybe = perhaps;
    while (this.#at < this.#tokens.length && this.commands.length < MOST) {
      const token = this.#tokens[this.#at]!;
      if (token.kind === 'operator') {
        this.#at++;
        if (token.text === ';;' || token.text === ')') return token.text;
        maybe = perhaps || token.text === '||' || (token.text === '&&' && maybe);
        if (token.text === '(' && depth < DEEPEST) this.list(maybe, depth + 1);
        continue;
      }
      const word = token.kind === 'word' ? plain(token) : undefined;
      if (word !== undefined && ENDS.has(word)) {
        this.#at++;
        return word;
      }
      if (word === '!') this.#at++;
      else if (word === '{' && depth < DEEPEST) {
        const before = this.#tokens[this.#at - 1];
        // The body of a function runs where it is called, if it is.
        const isFunction = before?.kind === 'operator' && before.text === ')';
        this.#at++;
        this.list(maybe || isFunction, depth + 1);
      } else if (word === 'for' && depth < DEEPEST) this.#for(maybe, depth);
      else if (word !== undefined && OPENS.has(word) && depth < DEEPEST) this.#compound(word, depth);
      else this.#simple(maybe);
    }
    return undefined;
  }

  #compound(word: string, depth: number): void {
    this.#at++;
    const end = OPENS.get(word)!;
    for (let found = this.list(true, depth + 1); found !== undefined && found !== end; )
      found = this.list(true, depth + 1);
  }

  #for(perhaps: boolean, depth: number): void {
    const [, name, keyword] = this.#tokens.slice(this.#at, this.#at + 3);
    const variable = name?.kind === 'word' ? plain(name) : undefined;
    this.#at += 3;
    const over = keyword?.kind === 'word' && plain(keyword) === 'in' ? this.#words() : [null];
    // To the word `do`.
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at++]!;
      if (token.kind === 'word' && plain(token) === 'do') break;
    }
    const body = this.#at;
    for (const value of over.length === 0 ? [null] : over) {
      this.#at = body;
      if (variable !== undefined) this.#variables.set(variable, value);
      this.list(perhaps || value === null, depth + 1);
    }
  }

  #words(): (string | null)[] {
    const found: (string | null)[] = [];
    for (; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at]!;
      if (token.kind !== 'word') break;
      found.push(...this.#expand(token));
    }
    return found;
  }

  #simple(perhaps: boolean): void {
    const words: (string | null)[] = [];
    const line = this.#tokens[this.#at]!.line;
    let output: string | null | undefined;
    let appends = false;
    let input: string | undefined;
    for (; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at]!;
      if (token.kind === 'here') input = token.text;
      else if (token.kind === 'word') {
        const set = words.length === 0 ? this.#assignment(token) : false;
        if (!set) words.push(...this.#expand(token));
      } else if (!/^[<>]/.test(token.text)) break;
      else {
        const next = this.#tokens[this.#at + 1];
        if (/^>[>|]?$/.test(token.text) && next?.kind === 'word') {
          const number = words.at(-1);
          // `2> FILE` is not about standard output.
          const other = number === '2';
          if (other) words.pop();
          const [name = null] = this.#expand(next);
          if (!other) [output, appends] = [name, token.text === '>>'];
          this.#at++;
        } else if (next?.kind === 'word') this.#at++;
      }
    }
    if (words.length > 0) this.commands.push({ words, output, appends, input, line, perhaps });
  }

  #assignment(token: Word): boolean {
    const [first, ...more] = token.parts;
    const name = first?.kind === 'text' ? /^([A-Za-z_]\w*)=(.*)$/s.exec(first.text) : null;
    if (!name) return false;
    const value = this.#join([{ kind: 'text', text: name[2]! }, ...more]);
    this.#variables.set(name[1]!, value);
    return true;
  }

  #join(parts: Word['parts']): string | null {
    let text = '';
    for (const part of parts) {
      const value = part.kind === 'text' ? part.text : part.kind === 'variable' ? this.#value(part.name) : null;
      if (value === null || text.length > LONGEST_WORD) return null;
      text += value;
    }
    return text;
  }

  #value(name: string): string | null {
    return this.#variables.get(name) ?? null;
  }

  /** A word as the command sees it: a variable without quotes may be several. */
  #expand(token: Word): (string | null)[] {
    const text = this.#join(token.parts);
    if (text === null) return [null];
    const splits = token.parts.some((part) => part.kind === 'variable' && !part.quoted);
    return splits ? text.split(/[ \t\n]+/).filter(Boolean) : [text];
  }
}

const LONGEST_WORD = 65_536;
const ENDS = new Set(['done', 'fi', 'esac', '}', 'then', 'else', 'elif', 'do']);
/** Words that begin something whose parts run under a condition, with the word that ends it. */
const OPENS: ReadonlyMap<string, string> = new Map([
  ['if', 'fi'],
  ['while', 'done'],
  ['until', 'done'],
  ['case', 'esac'],
]);

/** A word without variables. */
function plain(token: Word): string | undefined {
  return token.parts.every((part) => part.kind === 'text') ? token.parts.map((part) => part.text).join('') : undefined;
}
