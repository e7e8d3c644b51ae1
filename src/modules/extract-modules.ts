import { ModaliasError } from '../errors.ts';
import { inFile, readWhole } from '../files/read.ts';
import { type ExtractedModule, extractModule } from './extract-module.ts';
import type { ExtractOptions } from './extract-tables.ts';
import { moduleMemory, unpackModule } from './module-file.ts';
import type { ModuleInput } from './module-inputs.ts';
import { type ModuleOutcome, type ReadModulesOptions, readModules } from './read-modules.ts';

export type ExtractModulesOptions = ExtractOptions & ReadModulesOptions;

/**
 * The id tables and aliases of every input, in their order. One that cannot be read is an outcome with the error; memory does not
 * grow with their number.
 */
export async function* extractModules(
  inputs: Iterable<ModuleInput>,
  options: ExtractModulesOptions = {},
): AsyncGenerator<ModuleOutcome<ExtractedModule>> {
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

async function extractStream(path: string, options: ExtractModulesOptions): Promise<ModuleOutcome<ExtractedModule>> {
  const memory = moduleMemory(options.limit);
  try {
    const bytes = await readWhole(path, memory.limit);
    const value = await unpackModule(bytes, inFile(path).file, memory, (elf) => extractModule(elf, undefined, options));
    return { path, value };
  } catch (error) {
    if (error instanceof ModaliasError) return { path, error };
    throw error;
  }
}
