import pMap from 'p-map';
import { needObject, needTexts } from '../arguments.ts';
import type { Diagnostic } from '../errors.ts';
import { ModaliasError } from '../errors.ts';
import { inFile } from '../files/read.ts';
import { linesIn, type ReadPiece } from '../tables/read-modules.ts';
import { type ReadTablesOptions, readPieces } from '../tables/read-tables.ts';
import type { RowTaker } from '../tables/validate.ts';
import { AliasMaker } from './generate.ts';
import { aliasesOfModule, type ModuleAlias } from './module-aliases.ts';

/** The aliases of one module object of a file. */
export interface FileModule {
  readonly file: string;
  readonly module: string;
  /** The names of its tables. */
  readonly tables: readonly string[];
  readonly aliases: readonly ModuleAlias[];
}

export interface GeneratedFiles {
  /** Valid modules, in the order of the files and, within them, of the objects. */
  readonly modules: readonly FileModule[];
  /** Every problem of every file, in the same order. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Number of files to read in parallel. */
const CONCURRENCY = 4;

/**
 * The aliases of JSON id-table files (`-`: standard input). A file that cannot be read is a diagnostic like any other.
 */
export async function generateFiles(
  paths: readonly string[],
  options: ReadTablesOptions = {},
): Promise<GeneratedFiles> {
  needTexts('paths', paths);
  needObject('options', options);
  const files = await pMap(paths, (path) => generateFile(path, options), { concurrency: CONCURRENCY });
  return { modules: files.flatMap((f) => f.modules), diagnostics: files.flatMap((f) => f.diagnostics) };
}

async function generateFile(path: string, options: ReadTablesOptions): Promise<GeneratedFiles> {
  const { file } = inFile(path);
  const modules: FileModule[] = [];
  const diagnostics: Diagnostic[] = [];
  try {
    let maker: AliasMaker | undefined;
    const takers = (): RowTaker => {
      maker = undefined;
      return ({ bus }, index, rules) => {
        maker ??= new AliasMaker(rules);
        return maker.rowsOf({ bus, name: String(index) }, index);
      };
    };
    for await (const read of readPieces(path, options, takers)) {
      for (const d of read.diagnostics) diagnostics.push(d);
      if (!read.tables) continue;
      const made = aliasesOfModule(read.tables, maker?.made);
      for (const d of placed(made.diagnostics, file, read)) diagnostics.push(d);
      modules.push({
        file,
        module: read.tables.module,
        tables: read.tables.tables.map(({ name }) => name),
        aliases: made.aliases,
      });
    }
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    diagnostics.push(...error.problems);
  }
  return { modules, diagnostics };
}

function placed(diagnostics: readonly Diagnostic[], file: string, read: ReadPiece): Diagnostic[] {
  if (diagnostics.length === 0) return [];
  const lines = linesIn(read, new Set(diagnostics.map(({ pointer = '' }) => pointer)));
  return diagnostics.map((d) => {
    const pointer = d.pointer ?? '';
    return { ...d, file, line: lines.get(pointer)!, pointer: read.pointer + pointer };
  });
}
