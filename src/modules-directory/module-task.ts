import type { Packing } from '../binary/decompress.ts';
import type { Elf } from '../binary/elf.ts';
import { ModaliasError } from '../errors.ts';
import { rawPath } from '../files/raw-path.ts';
import { type ModuleMemory, unpackModule } from '../module/module-file.ts';
import { moduleName } from '../pattern/normalize.ts';
import type { ModuleOutcome } from './read-modules.ts';

/** A module as a task sees it: its name, and its file for messages. */
export interface NamedModule {
  readonly name: string;
  readonly file: string;
}

/** What is made of a module, which was compressed in this way. */
export type ModuleTask<T> = (elf: Elf, module: NamedModule, packing: Packing) => T;

/** What a task makes of a module whose bytes, plain or compressed, are in memory. */
export async function outcomeOf<T>(
  bytes: Uint8Array,
  module: NamedModule,
  memory: ModuleMemory,
  task: ModuleTask<T>,
): Promise<ModuleOutcome<T>> {
  const { file } = module;
  const made = (elf: Elf, packing: Packing) => task(elf, module, packing);
  try {
    return { path: rawPath(file), value: await unpackModule(bytes, file, memory, made) };
  } catch (error) {
    if (error instanceof ModaliasError) return { path: rawPath(file), error };
    throw error;
  }
}

/** The module name that a path (raw) gives. */
export function nameOf(path: string): string {
  return moduleName(path.slice(path.lastIndexOf('/') + 1));
}
