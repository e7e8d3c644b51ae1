import { needBytes, needList, needObject, needText } from '../arguments.ts';
import { HEAD_SIZE } from '../binary/elf-format.ts';
import { ModaliasError } from '../errors.ts';
import { inFile, readWhole } from '../files/read.ts';
import { type ExtractedModule, extractModule } from '../module/extract-module.ts';
import type { ExtractOptions } from '../module/extract-tables.ts';
import { checkModuleStart, moduleMemory, unpackModule } from '../module/module-file.ts';
import type { ModuleInput } from './module-inputs.ts';
import { type ModuleOutcome, type ReadModulesOptions, readModules } from './read-modules.ts';

export type ExtractModulesOptions = ExtractOptions & ReadModulesOptions;

/**
 * The id tables and aliases of every input, in their order. One that cannot be read is an outcome with the error;
 * memory does not grow with their number.
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
    if ('path' in input) files.push(input.path);
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
