import { isUtf8 } from 'node:buffer';
import type { Diagnostic } from '../errors.ts';
import { inFile, readChunks } from '../files/read.ts';
import { type Release, toRelease } from '../release.ts';
import type { ModuleTables } from './module-tables.ts';
import { LineCounter, PieceProblems, Problems } from './problems.ts';
import { MAX_DEPTH, type Misplaced, type Piece, Splitter } from './split.ts';
import { findPointers, findTextProblems } from './syntax.ts';
import { validateModule } from './validate.ts';

/** A module object of a file, or undefined where it had errors, with what there is to say about it. */
export interface ReadModule {
  readonly tables: ModuleTables | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** JSON pointer of the object in its file: `/3` in an array, empty otherwise. */
  readonly pointer: string;
  /**
   * The lines of the file on which values of the object stand, by their pointers, which begin at the object (`/tables/0/rows/2`). The text is
   * gone through once for all of them.
   */
  linesOf(pointers: Iterable<string>): ReadonlyMap<string, number>;
}

export interface ReadTablesOptions {
  /** Takes the place of every object's own `kernel`. */
  readonly release?: string | Release;
}

/**
 * The module objects of a JSON id-table file (`-`: standard input), one after the other as they are read: one object, an
 * array, or one a line. Bad objects come as diagnostics, all problems of each; the file is read to its end. Throws
 * `unreadable`, `bad-release` for an option that is none, and `too-big` for an object of more than 64 MiB, a file of more than 512 MiB or of more than 262,144 objects.
 */
export async function* readTables(path: string, options: ReadTablesOptions = {}): AsyncGenerator<ReadModule> {
  const { file } = inFile(path);
  yield* readModules(readChunks(path), file, options);
}

/** The same of a text that is at hand; `file` is what messages call it. */
export async function parseTables(
  text: string,
  file = '<text>',
  options: ReadTablesOptions = {},
): Promise<ReadModule[]> {
  const modules: ReadModule[] = [];
  for await (const module of readModules([Buffer.from(text)], file, options)) modules.push(module);
  return modules;
}

async function* readModules(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  file: string,
  options: ReadTablesOptions,
): AsyncGenerator<ReadModule> {
  const release = options.release === undefined ? undefined : toRelease(options.release);
  const splitter = new Splitter(file);
  const problems = new Problems(file);
  const read = (piece: Piece | Misplaced): ReadModule => {
    const tables = 'bytes' in piece ? readPiece(piece, release, problems) : undefined;
    if ('found' in piece) problems.addMisplaced(piece);
    return {
      tables,
      diagnostics: problems.take(),
      pointer: piece.pointer,
      linesOf: (pointers) => linesIn(piece, new Set(pointers)),
    };
  };
  for await (const chunk of chunks) {
    splitter.push(chunk);
    for (const piece of splitter.pieces.splice(0)) yield read(piece);
    if (splitter.done) return;
  }
  splitter.end();
  for (const piece of splitter.pieces.splice(0)) yield read(piece);
}

function readPiece(piece: Piece, release: Release | undefined, problems: Problems): ModuleTables | undefined {
  if (piece.tooDeepAt !== undefined) {
    const message = `brackets are nested deeper than ${MAX_DEPTH} levels; wanted a module object, which has seven`;
    problems.add({ code: 'too-deep', severity: 'error', message, line: piece.tooDeepAt, pointer: piece.pointer });
    return undefined;
  }
  const text = decode(piece, problems);
  if (text === undefined) return undefined;
  const value = parse(text);
  // JSON.parse keeps the last of equal members without a word; the colons in the text tell that some are gone.
  const sound = value !== undefined && countMembers(value) === piece.members;
  if (!sound) problems.addFromText(findTextProblems(text, problems.left), text, piece);
  if (value === undefined) return undefined;
  const sink = new PieceProblems(piece, problems);
  const tables = validateModule(value, release, sink);
  sink.finish(text);
  return sound ? tables : undefined;
}

/** The lines of the values that pointers name; the first of the piece where a pointer names none. */
function linesIn(piece: Piece | Misplaced, pointers: ReadonlySet<string>): Map<string, number> {
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
    const message = 'found bytes that are no UTF-8; wanted JSON in UTF-8';
    const line = piece.line + firstBadLine(piece.bytes);
    problems.add({ code: 'bad-encoding', severity: 'error', message, line, pointer: piece.pointer });
    return undefined;
  }
}

/** Index of the first line that is no UTF-8. A newline never is part of another character, so lines can be tried alone. */
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

/** The value, or undefined for text that is no JSON; the value null is as good as none here. */
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
