/** A word of a shell command; `parts` are expanded when the command runs, literal text apart from variables. */
export interface Word {
  readonly kind: 'word';
  readonly parts: readonly Part[];
}

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** A variable; unquoted ones are split at blanks. */
  | { readonly kind: 'variable'; readonly name: string; readonly quoted: boolean }
  /** `$(..)` with what is in it. */
  | { readonly kind: 'command'; readonly script: string }
  /** A pattern of file names, arithmetic and so on: not known here. */
  | { readonly kind: 'unknown' };

export type Token =
  | Word
  | { readonly kind: 'operator'; readonly text: string; readonly line: number; readonly descriptor?: string }
  /** The text of a here-document, of which `<<` was the operator. */
  | { readonly kind: 'here'; readonly text: string };

export type Placed = Token & { readonly line: number };

const OPERATORS = ['&&', '||', ';;', '<<-', '<<', '>>', '>|', '>&', '<&', '|', '&', ';', '(', ')', '<', '>', '\n'];

/** Longest script that is read: those of an initramfs have some hundred lines. */
const LONGEST = 4 * 1024 * 1024;

/**
 * Takes a script for sh(1) apart into words and operators, newlines among them. What only a shell can work out is a
 * part of unknown content.
 */
export function shellTokens(script: string): Placed[] {
  return new Scanner(script.slice(0, LONGEST)).tokens();
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #line = 1;
  readonly #found: Placed[] = [];
  readonly #here: { readonly end: string; readonly tabs: boolean; readonly index: number }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  tokens(): Placed[] {
    while (this.#at < this.#text.length) {
      const c = this.#text[this.#at]!;
      if (c === ' ' || c === '\t' || c === '\r') this.#at++;
      else if (c === '\\' && this.#text[this.#at + 1] === '\n') this.#skip(2);
      else if (c === '#') this.#at = this.#endOfLine();
      else this.#operator() ?? this.#word();
    }
    return this.#found;
  }

  #skip(count: number): void {
    for (let i = 0; i < count; i++) if (this.#text[this.#at++] === '\n') this.#line++;
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end < 0 ? this.#text.length : end;
  }

  #operator(): true | undefined {
    const text = OPERATORS.find((one) => this.#text.startsWith(one, this.#at));
    if (text === undefined) return undefined;
    const descriptor = /^[<>]/.test(text) ? this.#descriptor() : undefined;
    if (descriptor !== undefined) this.#found.pop();
    this.#found.push({ kind: 'operator', text, line: this.#line, ...(descriptor === undefined ? {} : { descriptor }) });
    this.#skip(text.length);
    if (text === '\n') this.#hereDocuments();
    return true;
  }

  /** The number of a descriptor stands right before its operator: `echo 2 > FILE` writes a 2, `echo 2> FILE` none. */
  #descriptor(): string | undefined {
    return /(?:^|[\s;&|<>()])(\d+)$/.exec(this.#text.slice(Math.max(0, this.#at - 12), this.#at))?.[1];
  }

  #word(): void {
    const parts: Part[] = [];
    const line = this.#line;
    const start = this.#at;
    let literal = '';
    const add = (part: Part) => {
      if (literal !== '') parts.push({ kind: 'text', text: literal });
      literal = '';
      parts.push(part);
    };
    let quoted = false;
    while (this.#at < this.#text.length) {
      const c = this.#text[this.#at]!;
      if (!quoted && /[\s;&|<>()]/.test(c)) break;
      if (c === "'" && !quoted) {
        const end = this.#text.indexOf("'", this.#at + 1);
        const stop = end < 0 ? this.#text.length : end;
        add({ kind: 'text', text: this.#text.slice(this.#at + 1, stop) });
        this.#skip(stop + 1 - this.#at);
      } else if (c === '"') {
        quoted = !quoted;
        add({ kind: 'text', text: '' });
        this.#skip(1);
      } else if (c === '\\') {
        const next = this.#text[this.#at + 1] ?? '';
        if (next !== '\n') literal += quoted && !'$`"\\'.includes(next) ? `\\${next}` : next;
        this.#skip(2);
      } else if (c === '$' || c === '`') add(this.#expansion(quoted));
      else {
        if (!quoted && this.#isPattern(c)) add({ kind: 'unknown' });
        else literal += c;
        this.#skip(1);
      }
    }
    if (literal !== '' || parts.length === 0) parts.push({ kind: 'text', text: literal });
    if (this.#at === start) this.#skip(1);
    this.#found.push({ kind: 'word', parts, line });
    this.#expectHere(parts);
  }

  /** A `[` that a blank or another follows is the command test, not a pattern. */
  #isPattern(c: string): boolean {
    return c === '*' || c === '?' || (c === '[' && !/[\s[]/.test(this.#text[this.#at + 1] ?? ' '));
  }

  /** `$NAME`, `${NAME}`, or something else that a shell works out. */
  #expansion(quoted: boolean): Part {
    const name = /^\$(?:([A-Za-z_]\w*|[\d@*#])|\{(\w+|[@*#])\})/.exec(this.#text.slice(this.#at, this.#at + 200));
    if (name) {
      this.#skip(name[0].length);
      return { kind: 'variable', name: name[1] ?? name[2]!, quoted };
    }
    const open = this.#text.slice(this.#at, this.#at + 2);
    const close = { '$(': ')', '${': '}' }[open];
    if (close === undefined && open[0] === '$') {
      this.#skip(1);
      return { kind: 'text', text: '$' };
    }
    this.#skip(close === undefined ? 1 : 2);
    const start = this.#at;
    for (let depth = 1; depth > 0 && this.#at < this.#text.length; this.#skip(1)) {
      const c = this.#text[this.#at];
      if (close === undefined) depth -= c === '`' ? 1 : 0;
      else if (c === close) depth--;
      else if (c === open[1]) depth++;
    }
    const inside = this.#text.slice(start, this.#at - 1);
    return open === '$(' && inside[0] !== '(' ? { kind: 'command', script: inside } : { kind: 'unknown' };
  }

  /** After `<<`: the word is the line that ends the here-document. */
  #expectHere(parts: readonly Part[]): void {
    const before = this.#found.at(-2);
    if (before?.kind !== 'operator' || !before.text.startsWith('<<')) return;
    const end = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    this.#here.push({ end, tabs: before.text === '<<-', index: this.#found.length - 1 });
  }

  #hereDocuments(): void {
    for (const { end, tabs, index } of this.#here.splice(0)) {
      const lines: string[] = [];
      while (this.#at < this.#text.length) {
        const stop = this.#endOfLine();
        const raw = this.#text.slice(this.#at, stop);
        const line = tabs ? raw.replace(/^\t+/, '') : raw;
        this.#skip(stop + 1 - this.#at);
        if (line === end) break;
        lines.push(`${line}\n`);
      }
      this.#found[index] = { kind: 'here', text: lines.join(''), line: this.#found[index]!.line };
    }
  }
}
