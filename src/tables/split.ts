import { ModaliasError } from '../errors.ts';
import { DEFAULT_READ_LIMIT } from '../files/read.ts';

/** One module's object, cut out of a file. */
export interface Piece {
  readonly bytes: Buffer;
  /** Line of the file on which the piece begins, the first is 1. */
  readonly line: number;
  /** JSON pointer of the piece in its file: `/3` in an array, empty otherwise. */
  readonly pointer: string;
  /** Members of all its objects: colons outside of strings. */
  readonly members: number;
  /** The line on which it nests deeper than `MAX_DEPTH`, if it does. */
  readonly tooDeepAt?: number;
}

/** Something between the pieces that does not belong there. */
export interface Misplaced {
  readonly line: number;
  readonly pointer: string;
  readonly found: string;
  readonly expected: string;
}

/** Deepest nesting of brackets; the format itself needs seven. */
export const MAX_DEPTH = 32;

/** Largest single module object, in bytes. The largest of a real kernel has some 300,000. */
const MAX_PIECE = 64 * 1024 * 1024;

/** Most objects of a file; the largest kernels have some 8,000 modules. */
const MAX_PIECES = 1 << 18;

/** After this many misplaced things the rest of the file is ignored: it is not such a file. */
const MAX_MISPLACED = 20;

const BYTE = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  open: 0x5b,
  escape: 0x5c,
  close: 0x5d,
  openObject: 0x7b,
} as const;

/** Space, tab and line endings: the blanks of JSON. */
const BLANKS: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];

/** Windows editors put it first; it has no meaning. */
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);

/**
 * Cuts a stream of bytes into the objects it holds: one object, an array of them, or one after the other (NDJSON). It
 * only follows strings and brackets, so that each piece can be parsed by itself and memory is bounded by the largest.
 * Throws `too-big` for a piece above `MAX_PIECE`, for more than `MAX_PIECES` of them and for a file above
 * its limit.
 */
export class Splitter {
  readonly pieces: (Piece | Misplaced)[] = [];
  readonly #file: string;
  readonly #limit: number;
  #first = true;
  #line = 1;
  #parts: Buffer[] = [];
  #size = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #members = 0;
  #startLine = 1;
  #tooDeepAt: number | undefined;
  /** What may come next between pieces. */
  #place: 'start' | 'objects' | 'element' | 'after-element' | 'end' | 'ignored' = 'start';
  #reported = 0;
  #elements = 0;
  #read = 0;

  /** `limit` is the largest file, in bytes. */
  constructor(file: string, limit = DEFAULT_READ_LIMIT) {
    this.#file = file;
    this.#limit = limit;
  }

  /** Takes the next bytes; complete pieces are then in `pieces`, for the caller to remove. */
  push(bytes: Buffer): void {
    this.#read += bytes.length;
    if (this.#read > this.#limit) throw this.#tooBig(`the file is larger than ${this.#limit} bytes`);
    const marked = this.#first && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
    const chunk = marked ? bytes.subarray(3) : bytes;
    this.#first = false;
    let from = this.#depth > 0 ? 0 : -1;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (byte === 0x0a) this.#line++;
      if (this.#depth > 0) {
        if (!this.#inside(byte)) continue;
        this.#keep(chunk.subarray(from, i + 1));
        this.#finish();
        from = -1;
      } else if (byte === BYTE.openObject && this.#mayOpen()) {
        from = i;
        this.#depth = 1;
        this.#startLine = this.#line;
      } else if (!BLANKS.includes(byte)) {
        i = this.#between(chunk, i);
      }
    }
    if (this.#depth > 0) this.#keep(chunk.subarray(from));
  }

  /** Whether the rest is ignored, so that there is no need to read it. */
  get done(): boolean {
    return this.#place === 'ignored';
  }

  /** Takes the end of the stream: an unfinished piece is passed on as is, for the parser to complain about. */
  end(): void {
    if (this.#depth > 0) this.#finish();
    else if (this.#place === 'element' || this.#place === 'after-element')
      this.#misplaced('the end of the file', "']'");
    else if (this.#place === 'start')
      this.#misplaced('an empty file', 'a module object, an array of them, or one per line');
  }

  /** Follows one byte of a piece; true for the one that closes it. */
  #inside(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BYTE.escape) this.#escaped = true;
      // A string cannot span lines: one that seems to lacks its quote.
      else if (byte === BYTE.quote || byte === 0x0a || byte === 0x0d) this.#inString = false;
    } else if (byte === BYTE.quote) this.#inString = true;
    else if (byte === BYTE.colon) this.#members++;
    else if ((byte | 0x20) === 0x7b) {
      if (++this.#depth > MAX_DEPTH) this.#tooDeepAt ??= this.#line;
    } else if ((byte | 0x20) === 0x7d) return --this.#depth === 0;
    return false;
  }

  #mayOpen(): boolean {
    if (this.#place === 'start') this.#place = 'objects';
    return this.#place === 'objects' || this.#place === 'element';
  }

  /** Handles a byte between pieces that is not a blank; returns the index of the last byte handled. */
  #between(chunk: Buffer, i: number): number {
    const byte = chunk[i]!;
    if (this.#place === 'start' && byte === BYTE.open) this.#place = 'element';
    else if (this.#place === 'after-element' && byte === BYTE.comma) this.#place = 'element';
    else if (this.#place === 'after-element' && byte === BYTE.close) this.#place = 'end';
    else if (this.#place === 'element' && byte === BYTE.close && this.#elements === 0) this.#place = 'end';
    else return this.#junk(chunk, i);
    return i;
  }

  /** Reports what does not belong here and continues where the next piece may begin. */
  #junk(chunk: Buffer, i: number): number {
    if (this.#place === 'ignored') return chunk.length - 1;
    const text = /^[^\n,{}\][]*/.exec(chunk.toString('latin1', i, i + 40))?.[0] || String.fromCharCode(chunk[i]!);
    const expected = {
      start: 'a module object, an array of them, or one per line',
      objects: 'a module object',
      element: 'a module object',
      'after-element': "',' or ']'",
      end: 'nothing after the closing bracket',
    }[this.#place];
    const wide = this.#place === 'start' && /^(\xff\xfe|\xfe\xff)/.test(text);
    const binary = wide || text.includes('\0');
    if (wide) this.#misplaced('text in UTF-16', 'UTF-8');
    else this.#misplaced(binary ? 'binary data' : `'${text.trim()}'`, expected);
    if (binary || this.#place === 'end' || ++this.#reported === MAX_MISPLACED) this.#place = 'ignored';
    else if (this.#place === 'start') this.#place = 'objects';
    else if (this.#place === 'element' && chunk[i] !== BYTE.comma && chunk[i] !== BYTE.close) {
      this.#elements++;
      this.#place = 'after-element';
    } else if (this.#place === 'element' && chunk[i] === BYTE.close) this.#place = 'end';
    else if (this.#place === 'after-element' && chunk[i] === BYTE.openObject) {
      this.#place = 'element';
      return i - 1;
    }
    return i + text.length - 1;
  }

  #misplaced(found: string, expected: string): void {
    this.pieces.push({ line: this.#line, pointer: this.#pointer(), found, expected });
  }

  #pointer(): string {
    return this.#place === 'element' || this.#place === 'after-element' ? `/${this.#elements}` : '';
  }

  #keep(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > MAX_PIECE)
      throw this.#tooBig(`one object is larger than ${MAX_PIECE} bytes; give each module an object of its own`);
    // What is too deep is refused anyway and need not be kept.
    if (this.#tooDeepAt === undefined) this.#parts.push(part);
  }

  #tooBig(message: string): ModaliasError {
    const line = this.#depth > 0 ? this.#startLine : this.#line;
    return new ModaliasError('too-big', message, { file: this.#file, line, pointer: this.#pointer() });
  }

  #finish(): void {
    if (this.#elements === MAX_PIECES)
      throw this.#tooBig(`the file has more than ${MAX_PIECES} objects; split it, no kernel has so many modules`);
    this.pieces.push({
      bytes: Buffer.concat(this.#parts),
      line: this.#startLine,
      pointer: this.#pointer(),
      members: this.#members,
      ...(this.#tooDeepAt === undefined ? {} : { tooDeepAt: this.#tooDeepAt }),
    });
    this.#parts = [];
    this.#size = 0;
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#members = 0;
    this.#tooDeepAt = undefined;
    this.#elements++;
    if (this.#place === 'element') this.#place = 'after-element';
  }
}
