import { type Placed, shellTokens, type Word } from './tokens.ts';

/** Something that a script runs; `then` says when what follows it does: after success, after failure, in any case. */
export interface Node {
  readonly what: What;
  readonly negated: boolean;
  readonly then: '&&' | '||' | '|' | ';';
}

export type What =
  | { readonly kind: 'command'; readonly words: readonly Word[]; readonly into: Redirect; readonly line: number }
  | { readonly kind: 'if'; readonly test: List; readonly yes: List; readonly no: List }
  | { readonly kind: 'for'; readonly variable: string; readonly over: readonly Word[] | null; readonly body: List }
  | { readonly kind: 'while'; readonly test: List; readonly body: List }
  | { readonly kind: 'case'; readonly subject: Word; readonly arms: readonly Arm[] }
  | { readonly kind: 'group'; readonly body: List }
  | { readonly kind: 'function'; readonly name: string; readonly body: List };

export type List = readonly Node[];

export interface Arm {
  readonly patterns: readonly Word[];
  readonly body: List;
}

/** Where standard output goes, and what a here-document holds. */
export interface Redirect {
  readonly output: Word | undefined;
  readonly input: string | undefined;
  readonly appends: boolean;
}

/** Most nodes of a script, and deepest nesting. */
const MOST = 50_000;
const DEEPEST = 60;

const ENDS = new Set(['done', 'fi', 'esac', '}', 'then', 'else', 'elif', 'do']);

/**
 * The structure of a script for sh(1). What is malformed is read as far as it makes sense. A forecast needs lists,
 * commands and words with parts that are not known, no more: 5 kB of program that load in 1.5 ms, where unbash, by
 * which model/script/ reads whole scripts of bash, has 105 kB and takes 4 ms.
 */
export function parseShell(script: string): List {
  const parser = new Parser(shellTokens(script));
  const all: Node[] = [];
  while (!parser.isAtEnd) all.push(...parser.list(0));
  return all;
}

class Parser {
  readonly #tokens: readonly Placed[];
  #at = 0;
  #nodes = 0;

  constructor(tokens: readonly Placed[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length || this.#nodes > MOST;
  }

  /** Nodes up to the word or the operator that ends the list, which is left out. */
  list(depth: number): Node[] {
    const nodes: Node[] = [];
    while (!this.isAtEnd) {
      const token = this.#tokens[this.#at]!;
      if (token.kind === 'operator' && token.text !== '(') {
        this.#at++;
        if (token.text === ')' || token.text === ';;') break;
        const last = nodes.at(-1);
        if (last && (token.text === '&&' || token.text === '||' || token.text === '|'))
          nodes[nodes.length - 1] = { ...last, then: token.text };
        continue;
      }
      const word = plainWord(token);
      if (word !== undefined && ENDS.has(word)) {
        this.#at++;
        this.ended = word;
        return nodes;
      }
      this.#nodes++;
      const negated = word === '!';
      if (negated) this.#at++;
      if (this.isAtEnd) break;
      nodes.push({ what: this.#what(depth), negated, then: ';' });
    }
    this.ended = undefined;
    return nodes;
  }

  /** The word that ended the last list. */
  ended: string | undefined;

  #what(depth: number): What {
    const token = this.#tokens[this.#at]!;
    const word = plainWord(token);
    const deep = depth >= DEEPEST;
    if (token.kind === 'operator' || word === '{') {
      this.#at++;
      return { kind: 'group', body: deep ? [] : this.list(depth + 1) };
    }
    const [, second, third] = this.#tokens.slice(this.#at, this.#at + 3);
    if (word !== undefined && isOperator(second, '(') && isOperator(third, ')')) {
      this.#at += 3;
      this.#skipNewlines();
      return { kind: 'function', name: word, body: deep || this.isAtEnd ? [] : [this.#only(depth + 1)] };
    }
    if (deep) return this.#command();
    if (word === 'if') return this.#if(depth + 1);
    if (word === 'for') return this.#for(depth + 1);
    if (word === 'case') return this.#case(depth + 1);
    if (word !== 'while' && word !== 'until') return this.#command();
    this.#at++;
    const test = this.list(depth + 1);
    return { kind: 'while', test, body: this.list(depth + 1) };
  }

  #only(depth: number): Node {
    return { what: this.#what(depth), negated: false, then: ';' };
  }

  #if(depth: number): What {
    this.#at++;
    const test = this.list(depth);
    const yes = this.list(depth);
    if (this.ended === 'elif') {
      this.#at--;
      return {
        kind: 'if',
        test,
        yes,
        no: depth >= DEEPEST ? [] : [{ what: this.#if(depth + 1), negated: false, then: ';' }],
      };
    }
    return { kind: 'if', test, yes, no: this.ended === 'else' ? this.list(depth) : [] };
  }

  #for(depth: number): What {
    const variable = plainWord(this.#tokens[this.#at + 1]) ?? '';
    this.#at += 2;
    let over: Word[] | null = null;
    if (plainWord(this.#tokens[this.#at]) === 'in') {
      this.#at++;
      over = [];
      for (let token = this.#tokens[this.#at]; token?.kind === 'word'; token = this.#tokens[++this.#at])
        over.push(token);
    }
    // To the word `do`.
    this.list(depth);
    return { kind: 'for', variable, over, body: this.list(depth) };
  }

  #case(depth: number): What {
    const subject = this.#tokens[++this.#at];
    this.#at += 2;
    const arms: Arm[] = [];
    for (this.#skipNewlines(); !this.isAtEnd && plainWord(this.#tokens[this.#at]) !== 'esac'; this.#skipNewlines()) {
      const patterns: Word[] = [];
      for (; !this.isAtEnd && !isOperator(this.#tokens[this.#at], ')'); this.#at++) {
        const token = this.#tokens[this.#at]!;
        if (token.kind === 'word') patterns.push(token);
      }
      this.#at++;
      const body = this.list(depth);
      arms.push({ patterns, body });
      if (this.ended === 'esac') return { kind: 'case', subject: asWord(subject), arms };
    }
    this.#at++;
    return { kind: 'case', subject: asWord(subject), arms };
  }

  #command(): What {
    const { line } = this.#tokens[this.#at]!;
    const start = this.#at;
    const words: Word[] = [];
    let output: Word | undefined;
    let input: string | undefined;
    let appends = false;
    for (; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at]!;
      if (token.kind === 'here') input = token.text;
      else if (token.kind === 'word') words.push(token);
      else if (!/^[<>]/.test(token.text)) break;
      else {
        const next = this.#tokens[this.#at + 1];
        if (next?.kind !== 'word') continue;
        this.#at++;
        if (!/^>[>|]?$/.test(token.text)) continue;
        // `2> FILE` is not about standard output.
        if ((token.descriptor ?? '1') === '1') [output, appends] = [next, token.text === '>>'];
      }
    }
    if (this.#at === start) this.#at++;
    return { kind: 'command', words, into: { output, input, appends }, line };
  }

  #skipNewlines(): void {
    while (isOperator(this.#tokens[this.#at], '\n') || isOperator(this.#tokens[this.#at], '(')) this.#at++;
  }
}

function isOperator(token: Placed | undefined, text: string): boolean {
  return token?.kind === 'operator' && token.text === text;
}

function asWord(token: Placed | undefined): Word {
  return token?.kind === 'word' ? token : { kind: 'word', parts: [{ kind: 'unknown' }] };
}

/** The text of a word without variables. */
function plainWord(token: Placed | Word | undefined): string | undefined {
  if (token?.kind !== 'word' || !token.parts.every((part) => part.kind === 'text')) return undefined;
  return token.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}
