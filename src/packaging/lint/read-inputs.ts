import { moduleAliases } from '../../alias/module-aliases.ts';
import { type Diagnostic, ModaliasError } from '../../errors.ts';
import { rawPath, readablePath } from '../../files/raw-path.ts';
import { inFile, readWhole } from '../../files/read.ts';
import { statOf } from '../../files/read-sync.ts';
import { runningModules } from '../../lookup/load.ts';
import { otherFile } from '../../lookup/no-aliases.ts';
import { oddText } from '../../lookup/odd-text.ts';
import { nameOf } from '../../modules-directory/module-task.ts';
import { openModules } from '../../modules-directory/open-modules.ts';
import { type ModuleOutcome, readModules } from '../../modules-directory/read-modules.ts';
import { isPackage } from '../../package/open-package.ts';
import { formatRelease, type Release } from '../../release.ts';
import { linesIn } from '../../tables/read-modules.ts';
import { readPieces } from '../../tables/read-tables.ts';
import { isJsonFile } from '../json-file.ts';
import type { LintInput } from './lint-input.ts';
import type { LintAlias, LintModule } from './lint-module.ts';
import { lintModuleOfElf } from './module-of-elf.ts';
import { isModprobeConfig, parsedOnce, readKernel } from './read-kernel.ts';

export interface LintReadOptions {
  /** Release whose rules hold for every module. Default: what each module says. */
  readonly release?: string | Release | undefined;
  /** Which kernel to take of packages that hold several. Default: the only one. */
  readonly packagedRelease?: string | undefined;
  /** Compressed modules in work at a time; does not change what comes out. Default: 4. */
  readonly workers?: number | undefined;
  /** Called with the number of modules of a directory or of packages, before the first is read. Default: nothing. */
  readonly onStart?: ((modules: number) => void) | undefined;
  /** Called while packages are read, with the bytes read of all of them. Default: nothing is called. */
  readonly onRead?: ((bytes: number, total: number) => void) | undefined;
  /** Receives what reading meets: errors of modules that cannot be read, warnings about files. Default: dropped. */
  readonly diagnose?: ((diagnostic: Diagnostic) => void) | undefined;
}

type Reader = (path: string, options: LintReadOptions) => AsyncIterable<LintModule>;

const MODULE = /\.ko(\.gz|\.xz|\.zst)?$/;

/** Kinds of files, the first that fits; anything else is a modules.alias. */
const READERS: readonly { readonly fits: (path: string) => boolean; readonly read: Reader }[] = [
  { fits: (path) => MODULE.test(path), read: moduleFile },
  { fits: (path) => path === '-' || isJsonFile(path), read: jsonTables },
];

/**
 * What is at the paths: first modules directories and packages (.deb, .rpm, tar), laid over each other, later ones
 * winning file by file, then each modules.alias, then module files and JSON id tables (`-`: standard input). Files of
 * modprobe.d, and directories of them, belong to that kernel, or to the running one where none is named; the first wins
 * where two have a file of the same name. A module of a kernel that cannot be read is a diagnostic. Throws what reading
 * and parsing throw, and what `openModules` throws.
 */
export async function* readLintInputs(
  paths: readonly string[],
  options: LintReadOptions = {},
): AsyncGenerator<LintInput> {
  const kernels: string[] = [];
  const modprobe: string[] = [];
  const files: string[] = [];
  for (const path of paths) {
    const isFile = path === '-' || MODULE.test(path);
    if (!isFile && isModprobeConfig(path)) modprobe.push(path);
    else if (!isFile && (statOf(path).isDirectory() || (await isPackage(path)))) kernels.push(path);
    else files.push(path);
  }
  if (options.packagedRelease !== undefined && files[0] !== undefined)
    throw new ModaliasError('usage', '--release: expected packages or modules directories', { file: files[0] });
  if (kernels.length > 0) yield* kernelInput(kernels, modprobe, options);
  else if (modprobe.length > 0) yield await runningKernel(modprobe, options);
  const rest: AsyncIterable<LintModule>[] = [];
  for (const path of files) {
    const read = READERS.find(({ fits }) => fits(path))?.read;
    if (read) rest.push(read(path, options));
    else yield await aliasText(path, options);
  }
  if (rest.length > 0) yield { isWhole: false, modules: allOf(rest) };
}

async function* allOf<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  for (const source of sources) yield* source;
}

async function* kernelInput(
  paths: readonly string[],
  modprobe: readonly string[],
  options: LintReadOptions,
): AsyncGenerator<LintInput> {
  const { release, workers, packagedRelease, onRead, diagnose = () => {} } = options;
  const opened = await openModules(
    paths,
    (elf, named, _, xzCheck) => lintModuleOfElf(elf, named, { given: release, xzCheck }),
    {
      workers,
      packagedRelease,
      onRead,
      depmodConfig: 'none',
      depmodRelease: release === undefined || typeof release === 'string' ? release : formatRelease(release),
    },
  );
  const { directory, packaged, read } = opened;
  for (const diagnostic of directory.diagnostics) diagnose(diagnostic);
  const { kernel, text } = readKernel(opened, modprobe, diagnose);
  if (directory.modules.length > 0) {
    const modules = found(read(directory.modules), directory.modules.length, options);
    yield { isWhole: !packaged, kernel, text, modules };
    return;
  }
  if (text === undefined)
    throw new ModaliasError('no-modules', 'it contains neither kernel modules nor a modules.alias', {
      file: paths.join(', '),
    });
  yield { isWhole: true, kernel: { ...kernel, loadable: undefined }, text, modules: modulesOfText(text) };
}

async function* found(
  outcomes: AsyncIterable<ModuleOutcome<LintModule>>,
  count: number,
  { onStart, diagnose = () => {} }: LintReadOptions,
): AsyncGenerator<LintModule> {
  onStart?.(count);
  for await (const outcome of outcomes) {
    if (outcome.error) for (const problem of outcome.error.problems) diagnose(problem);
    else yield outcome.value;
  }
}

/** The running kernel, of which only modprobe.d is looked at. */
async function runningKernel(
  modprobe: readonly string[],
  { diagnose = () => {} }: LintReadOptions,
): Promise<LintInput> {
  const path = runningModules();
  try {
    const opened = await openModules([path], () => {}, { depmodConfig: 'none' });
    const { kernel } = readKernel(opened, modprobe, diagnose);
    return { isWhole: false, kernel: { ...kernel, index: undefined }, modules: allOf([]) };
  } catch (error) {
    if (!(error instanceof ModaliasError) || error.place.file !== path) throw error;
    throw new ModaliasError(
      'usage',
      `modprobe.d is checked against the modules of a kernel, but ${path} cannot be read; name a modules directory or packages too`,
      { file: modprobe[0]! },
      { cause: error },
    );
  }
}

async function* moduleFile(path: string, { release, workers }: LintReadOptions): AsyncGenerator<LintModule> {
  const outcomes: AsyncIterable<ModuleOutcome<LintModule>> = readModules(
    [rawPath(path)],
    (elf, raw, _, xzCheck) =>
      lintModuleOfElf(elf, { name: nameOf(raw), file: readablePath(raw) }, { given: release, xzCheck }),
    { workers },
  );
  for await (const { value, error } of outcomes) {
    if (error) throw error;
    yield value;
  }
}

async function* jsonTables(
  path: string,
  { release, diagnose = () => {} }: LintReadOptions,
): AsyncGenerator<LintModule> {
  const problems: Diagnostic[] = [];
  const { file } = inFile(path);
  for await (const read of readPieces(path, { release })) {
    for (const one of read.diagnostics) {
      if (one.severity === 'error') problems.push(one);
      else diagnose(one);
    }
    if (!read.tables || problems.length > 0) continue;
    const { module, tables } = read.tables;
    const { aliases, diagnostics, dropped = [] } = moduleAliases(read.tables);
    const byRow = (alias: string, table: number, row: number): LintAlias => {
      return { alias, table: tables[table]!.name, row, pointer: `/tables/${table}/rows/${row}` };
    };
    const own = new Map<string, number[]>();
    for (const [i, alias] of read.tables.aliases.entries()) {
      const places = own.get(alias);
      if (places) places.push(i);
      else own.set(alias, [i]);
    }
    const byHand = (alias: string): LintAlias => {
      return { alias, table: null, row: null, pointer: `/aliases/${own.get(alias)!.pop()}` };
    };
    const made = new Set(aliases.flatMap(({ alias, table }) => (table === undefined ? [] : [alias])));
    const again = [...made].filter((alias) => own.has(alias));
    yield {
      module,
      file,
      tables,
      diagnostics,
      lines: (pointers) => linesIn(read, pointers),
      texts: aliases.map(({ alias }) => alias),
      aliases: aliases.map(({ alias, table, row }): LintAlias => {
        if (table === undefined) return byHand(alias);
        return byRow(alias, table, row!);
      }),
      dropped: dropped.map(({ alias, table, row }) => byRow(alias, table, row)),
      // A list of all that the tables make is a whole .modinfo.
      listedAgain: again.length < made.size ? again.filter((alias) => own.get(alias)!.length > 0).map(byHand) : [],
    };
  }
  if (problems[0]) throw new ModaliasError(problems[0].code, problems[0].message, problems[0], { problems });
}

async function aliasText(path: string, { diagnose = () => {} }: LintReadOptions): Promise<LintInput> {
  const bytes = await readWhole(path);
  const other = otherFile(bytes, path);
  if (other) throw other;
  if (bytes.includes(0))
    throw new ModaliasError(
      'not-aliases',
      'is binary; expected JSON id tables, a modules.alias, a module or a package',
      {
        file: path,
      },
    );
  const odd = oddText(bytes, path);
  if (odd && bytes.length === 0) diagnose(odd);
  const text = { file: path, content: parsedOnce(bytes.toString('latin1')) };
  return { isWhole: true, text, modules: modulesOfText(text) };
}

/** The modules that a modules.alias names, in the order of their first lines. */
async function* modulesOfText({ file, content }: NonNullable<LintInput['text']>): AsyncGenerator<LintModule> {
  const byModule = new Map<string, LintAlias[]>();
  for (const { alias, module, line } of content().lines) {
    const aliases = byModule.get(module) ?? [];
    aliases.push({ alias, table: null, row: null, line });
    byModule.set(module, aliases);
  }
  for (const [module, aliases] of byModule)
    yield { module, file, texts: aliases.map(({ alias }) => alias), aliases, diagnostics: [] };
}
