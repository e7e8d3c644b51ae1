import { needBytes, needList, needObject, needText } from '../arguments.ts';
import type { Elf } from '../binary/elf.ts';
import { HEAD_SIZE } from '../binary/elf-format.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { readablePath } from '../files/raw-path.ts';
import { inFile, readWhole } from '../files/read.ts';
import { type ExtractedModule, extractModule } from '../module/extract-module.ts';
import type { ExtractOptions } from '../module/extract-tables.ts';
import { checkModuleStart, moduleMemory, unpackModule } from '../module/module-file.ts';
import { isPackage } from '../package/open-package.ts';
import { type ModuleInput, NO_CONFIG } from './module-inputs.ts';
import type { NamedModule } from './module-task.ts';
import { openModules } from './open-modules.ts';
import { type ModuleOutcome, type ReadModulesOptions, readModules } from './read-modules.ts';
import { scanTree } from './tree-scan.ts';

const MODULE = /\.ko(\.gz|\.xz|\.zst)?$/;

export interface ExtractModulesOptions extends ExtractOptions, ReadModulesOptions {
  /** Which kernel to take of packages that hold several. Default: the only one. */
  readonly packagedRelease?: string | undefined;
  /** Called while a package is read, with the bytes read of it. Default: nothing is called. */
  readonly onRead?: ((bytes: number, total: number) => void) | undefined;
  /** Receives warnings about what is in packages. Default: they are dropped. */
  readonly diagnose?: ((diagnostic: Diagnostic) => void) | undefined;
}

/**
 * The id tables and aliases of every input, in their order; of a package (.deb, .rpm, tar) every module, names in the
 * order of their bytes. One that cannot be read is an outcome with the error; memory does not grow with the number of
 * files, but holds what a package gave. Throws what `openModules` throws of a package.
 */
export async function* extractModules(
  inputs: Iterable<ModuleInput>,
  options: ExtractModulesOptions = {},
): AsyncGenerator<ModuleOutcome<ExtractedModule>> {
  needList('inputs', inputs);
  needObject('options', options);
  const files: string[] = [];
  const flush = () => readModules(files.splice(0), (elf, path) => extractModule(elf, path, options), options);
  for (const input of inputs) {
    if ('path' in input && (await isPackageInput(input))) {
      yield* flush();
      yield* extractPackage(readablePath(input.path), options);
    } else if ('path' in input) files.push(input.path);
    else {
      yield* flush();
      yield await extractStream(input.stream, options);
    }
  }
  yield* flush();
}

/**
 * The id tables and aliases of a module whose bytes are in memory, plain or compressed. `file` names it in errors; the
 * module is called what its .modinfo says. Throws what `withModule` and `extractModule` throw.
 */
export async function extractModuleBytes(
  bytes: Uint8Array,
  file: string,
  options: ExtractModulesOptions = {},
): Promise<ExtractedModule> {
  needBytes('bytes', bytes);
  needText('file', file);
  needObject('options', options);
  return unpackModule(bytes, file, moduleMemory(options.limit), (elf) => extractModule(elf, undefined, options));
}

/** Whether an input is a package. What is called as a module is none, so that thousands need not be opened twice. */
export async function isPackageInput(input: ModuleInput): Promise<boolean> {
  return 'path' in input && !MODULE.test(input.path) && (await isPackage(readablePath(input.path)));
}

async function* extractPackage(
  path: string,
  options: ExtractModulesOptions,
): AsyncGenerator<ModuleOutcome<ExtractedModule>> {
  const task = (elf: Elf, { name }: NamedModule) => extractModule(elf, name, options);
  const { workers, limit, onRead, packagedRelease } = options;
  const opening = { workers, limit, onRead, packagedRelease, depmodConfig: 'none' };
  const { directory, files, read } = await openModules([path], task, opening);
  const { modules, diagnostics } = scanTree(directory.root, NO_CONFIG, undefined, files);
  for (const diagnostic of diagnostics) options.diagnose?.(diagnostic);
  yield* read(modules);
}

async function extractStream(path: string, options: ExtractModulesOptions): Promise<ModuleOutcome<ExtractedModule>> {
  try {
    const { file } = inFile(path);
    const check = (head: Uint8Array) => checkModuleStart(head, file);
    const bytes = await readWhole(path, options.limit, { size: HEAD_SIZE, check });
    return { path, value: await extractModuleBytes(bytes, file, options) };
  } catch (error) {
    if (error instanceof ModaliasError) return { path, error };
    throw error;
  }
}
