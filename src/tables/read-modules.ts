import { isUtf8 } from 'node:buffer';
import type { Diagnostic } from '../errors.ts';
import type { Release } from '../release.ts';
import type { ModuleTables } from './module-tables.ts';
import { LineCounter, PieceProblems, Problems } from './problems.ts';
import { MAX_DEPTH, type Misplaced, type Piece, Splitter } from './split.ts';
import { findPointers, findTextProblems } from './syntax.ts';
import { type RowTaker, validateModule } from './validate.ts';

/** A module object of a file, or undefined where it had errors, with its diagnostics. */
export interface ReadModule {
  readonly tables: ModuleTables | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** JSON pointer of the object in its file: `/3` in an array, empty otherwise. */
  readonly pointer: string;
  /** Line of the file on which the object begins, the first is 1. */
  readonly line: number;
}

/**
 * The same with the bytes it was read from.
 * @internal
 */
export interface ReadPiece extends ReadModule {
  readonly piece: Piece | Misplaced;
}

/**
 * The module objects in the bytes of a file, one after the other.
 * @internal
 */
export class ModuleReader {
  readonly #splitter: Splitter;
  readonly #problems: Problems;
  readonly #release: Release | undefined;
  readonly #takers: (() => RowTaker) | undefined;

  /**
   * `file` is its name in messages; `release` replaces every object's own `kernel`; `takers` returns the receiver of
   * each object's rows.
   */
  constructor(file: string, release: Release | undefined, takers?: () => RowTaker) {
    this.#takers = takers;
    this.#splitter = new Splitter(file);
    this.#problems = new Problems(file);
    this.#release = release;
  }

  /** Whether the rest is ignored, so that there is no need to read it. */
  get done(): boolean {
    return this.#splitter.done;
  }

  /** The objects that end in the next bytes; in the end of the file where there are none. */
  *read(bytes: Buffer | undefined): Generator<ReadPiece> {
    if (bytes) this.#splitter.push(bytes);
    else this.#splitter.end();
    for (const piece of this.#splitter.pieces.splice(0)) {
      const tables = 'bytes' in piece ? this.#readPiece(piece) : undefined;
      if ('found' in piece) this.#problems.addMisplaced(piece);
      const { pointer, line } = piece;
      yield { tables, diagnostics: this.#problems.take(), pointer, line, piece };
    }
  }

  #readPiece(piece: Piece): ModuleTables | undefined {
    const problems = this.#problems;
    if (piece.tooDeepAt !== undefined) {
      const message = `brackets are nested deeper than ${MAX_DEPTH} levels; expected a module object, which has seven`;
      problems.add({ code: 'too-deep', severity: 'error', message, line: piece.tooDeepAt, pointer: piece.pointer });
      return undefined;
    }
    const { value, sound } = parsePiece(piece, problems);
    if (value === undefined) return undefined;
    const sink = new PieceProblems(piece, problems);
    const tables = validateModule(value, this.#release, sink, this.#takers?.());
    sink.finish(() => piece.bytes.toString('utf8'));
    return sound ? tables : undefined;
  }
}

/**
 * The value of a piece, undefined if it is not JSON, and whether its text is valid. The text is dropped afterwards.
 */
function parsePiece(piece: Piece, problems: Problems): { value: unknown; sound: boolean } {
  const text = decode(piece, problems);
  if (text === undefined) return { value: undefined, sound: false };
  const value = parse(text);
  // JSON.parse silently keeps the last of equal members; the number of colons shows that some are gone.
  const sound = value !== undefined && countMembers(value) === piece.members;
  if (!sound) problems.addFromText(findTextProblems(text, problems.left), text, piece);
  return { value, sound };
}

/**
 * The lines of the file that hold values of an object, by their pointers, which begin at the object
 * (`/tables/0/rows/2`); the object's first if a pointer names none. The text is scanned once for all of them.
 * @internal
 */
export function linesIn({ piece }: ReadPiece, pointers: ReadonlySet<string>): ReadonlyMap<string, number> {
  const text = 'bytes' in piece ? piece.bytes.toString('utf8') : '';
  const offsets = findPointers(text, pointers);
  const placed = [...pointers].map((pointer) => [pointer, offsets.get(pointer) ?? 0] as const);
  const lines = new LineCounter(text, piece.line);
  return new Map(placed.sort(([, a], [, b]) => a - b).map(([pointer, offset]) => [pointer, lines.at(offset)]));
}

function decode(piece: Piece, problems: Problems): string | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    return decoder.decode(piece.bytes);
  } catch {
    const message = 'found bytes that are not UTF-8; expected JSON in UTF-8';
    const line = piece.line + firstBadLine(piece.bytes);
    problems.add({ code: 'bad-encoding', severity: 'error', message, line, pointer: piece.pointer });
    return undefined;
  }
}

/**
 * Index of the first line that is not UTF-8. A newline is never part of another character, so lines can be tried alone.
 */
function firstBadLine(bytes: Buffer): number {
  let line = 0;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    if (!isUtf8(bytes.subarray(start, end))) return line;
    start = end;
  }
  return line;
}

/** The value, or undefined for text that is not JSON; null counts as no value here. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Members of all objects in a value. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) for (const item of value) count += countMembers(item);
  else for (const key in value) count += 1 + countMembers((value as Record<string, unknown>)[key]);
  return count;
}
