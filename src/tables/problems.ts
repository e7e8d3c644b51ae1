import type { Diagnostic } from '../errors.ts';
import type { ProblemSink } from './check.ts';
import type { Misplaced, Piece } from './split.ts';
import { findPointers, type TextProblem } from './syntax.ts';

/** Limit on the problems reported for one file. */
export const MAX_PROBLEMS = 1000;

/** The problems of one file, as they are found. */
export class Problems {
  readonly #file: string;
  #list: Diagnostic[] = [];
  /** How many more are worth finding: those that will be reported, and one that shows that there are more. */
  left = MAX_PROBLEMS + 1;

  constructor(file: string) {
    this.#file = file;
  }

  add(problem: Omit<Diagnostic, 'file'>): void {
    if (this.left <= 0) return;
    if (--this.left > 0) {
      this.#list.push({ ...problem, file: this.#file });
      return;
    }
    const message = `more than ${MAX_PROBLEMS} problems; the rest of this file's are not reported`;
    this.#list.push({ code: 'too-many-problems', severity: 'error', message, file: this.#file });
  }

  addMisplaced({ line, pointer, found, expected }: Misplaced): void {
    const message = `found ${found}, expected ${expected}`;
    this.add({ code: 'bad-json', severity: 'error', message, line, pointer });
  }

  addFromText(found: readonly TextProblem[], text: string, piece: Piece): void {
    const lines = new LineCounter(text, piece.line);
    for (const { code, message, pointer, offset } of [...found].sort((a, b) => a.offset - b.offset)) {
      this.add({ code, severity: 'error', message, line: lines.at(offset), pointer: piece.pointer + pointer });
    }
  }

  /** What has been found since the last call. */
  take(): Diagnostic[] {
    const list = this.#list;
    this.#list = [];
    return list;
  }
}

/** The problems of one module object; lines are looked up in its text at the end, once all pointers are known. */
export class PieceProblems implements ProblemSink {
  readonly #piece: Piece;
  readonly #problems: Problems;
  readonly #found: Parameters<ProblemSink['add']>[0][] = [];

  constructor(piece: Piece, problems: Problems) {
    this.#piece = piece;
    this.#problems = problems;
  }

  get full(): boolean {
    return this.#found.length >= this.#problems.left;
  }

  add(problem: Parameters<ProblemSink['add']>[0]): void {
    if (!this.full) this.#found.push(problem);
  }

  /** `readText` returns the object's text if there are problems. */
  finish(readText: () => string): void {
    if (this.#found.length === 0) return;
    const text = readText();
    const offsets = findPointers(text, new Set(this.#found.map((problem) => problem.pointer)));
    const placed = this.#found.map((problem) => ({ problem, offset: offsets.get(problem.pointer) ?? 0 }));
    const lines = new LineCounter(text, this.#piece.line);
    for (const { problem, offset } of placed.sort((a, b) => a.offset - b.offset)) {
      this.#problems.add({ ...problem, line: lines.at(offset), pointer: this.#piece.pointer + problem.pointer });
    }
  }
}

/**
 * Line numbers of offsets in ascending order; the text is scanned once, however long its lines are.
 */
export class LineCounter {
  readonly #text: string;
  #line: number;
  /** The end of the line. */
  #end: number;

  constructor(text: string, firstLine: number) {
    this.#text = text;
    this.#line = firstLine;
    this.#end = this.#endFrom(0);
  }

  at(offset: number): number {
    while (this.#end < offset && this.#end < this.#text.length) {
      this.#line++;
      this.#end = this.#endFrom(this.#end + 1);
    }
    return this.#line;
  }

  #endFrom(offset: number): number {
    const newline = this.#text.indexOf('\n', offset);
    return newline === -1 ? this.#text.length : newline;
  }
}
