import { needObject, needText } from '../arguments.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { inFile, readChunks } from '../files/read.ts';
import { type Release, toRelease } from '../release.ts';
import type { ModuleTables } from './module-tables.ts';
import { ModuleReader, type ReadModule, type ReadPiece } from './read-modules.ts';
import type { RowTaker } from './validate.ts';

export interface ReadTablesOptions {
  /** Replaces every object's own `kernel`. Default: each object's own, the newest known for one without. */
  readonly release?: string | Release | undefined;
}

export interface ParseTablesOptions extends ReadTablesOptions {
  /** Name of the text in diagnostics and errors. Default: `<text>`. */
  readonly file?: string | undefined;
}

/** JSON id tables, all of them valid. */
export interface Tables {
  /** One for each module object, in their order. */
  readonly modules: readonly ModuleTables[];
  /** Warnings, such as one for a kernel newer than any that is known; never errors. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * JSON id tables of a text: one module object, an array of them, or one per line. Throws a `ModaliasError` that has
 * every problem of the text in `problems` (its `code` and place are the first one's), `bad-release` for an invalid
 * option, and `too-big` for an object of more than 64 MiB, a text of more than 512 MiB or of more than 262,144 objects.
 */
export function parseTables(text: string, options: ParseTablesOptions = {}): Tables {
  return allSound(parseTablesPartial(text, options));
}

/** The same of a file (`-`: standard input). Throws `unreadable`, too. */
export async function readTables(path: string, options: ReadTablesOptions = {}): Promise<Tables> {
  const read: ReadModule[] = [];
  for await (const module of readTablesPartial(path, options)) read.push(module);
  return allSound(read);
}

/**
 * The module objects of a text, the bad ones too: those have no `tables`, and their diagnostics list every problem.
 * Anything between the objects that does not belong there has an entry of its own. Throws `too-big` only.
 */
export function parseTablesPartial(text: string, options: ParseTablesOptions = {}): ReadModule[] {
  needText('text', text);
  needObject('options', options);
  const reader = new ModuleReader(options.file ?? '<text>', releaseOf(options));
  const read = [...reader.read(Buffer.from(text))];
  return (reader.done ? read : [...read, ...reader.read(undefined)]).map(plain);
}

/** The same of a file (`-`: standard input), one object after the other, as it is read. Throws `unreadable`, too. */
export async function* readTablesPartial(path: string, options: ReadTablesOptions = {}): AsyncGenerator<ReadModule> {
  for await (const read of readPieces(path, options)) yield plain(read);
}

/**
 * The same with the bytes that each was read from, for `linesIn`. Rows given to takers are not in the tables.
 * @internal
 */
export async function* readPieces(
  path: string,
  options: ReadTablesOptions = {},
  takers?: () => RowTaker,
): AsyncGenerator<ReadPiece> {
  needText('path', path);
  needObject('options', options);
  const reader = new ModuleReader(inFile(path).file, releaseOf(options), takers);
  for await (const chunk of readChunks(path)) {
    yield* reader.read(chunk);
    if (reader.done) return;
  }
  yield* reader.read(undefined);
}

function plain({ tables, diagnostics, pointer, line }: ReadModule): ReadModule {
  return { tables, diagnostics, pointer, line };
}

function allSound(read: readonly ReadModule[]): Tables {
  const diagnostics = read.flatMap((module) => module.diagnostics);
  const problems = diagnostics.filter(({ severity }) => severity === 'error');
  if (problems[0]) throw new ModaliasError(problems[0].code, problems[0].message, problems[0], { problems });
  return { modules: read.flatMap(({ tables }) => tables ?? []), diagnostics };
}

function releaseOf({ release }: ReadTablesOptions): Release | undefined {
  return release === undefined ? undefined : toRelease(release);
}
