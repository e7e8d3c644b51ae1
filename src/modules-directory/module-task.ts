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

export type ModuleTask<T> = (elf: Elf, module: NamedModule) => T;

/** What a task makes of a module whose bytes, plain or compressed, are in memory. */
export async function outcomeOf<T>(
  bytes: Uint8Array,
  module: NamedModule,
  memory: ModuleMemory,
  task: ModuleTask<T>,
): Promise<ModuleOutcome<T>> {
  const { file } = module;
  try {
    return { path: rawPath(file), value: await unpackModule(bytes, file, memory, (elf) => task(elf, module)) };
  } catch (error) {
    if (error instanceof ModaliasError) return { path: rawPath(file), error };
    throw error;
  }
}

/** The module name that a path (raw) gives. */
export function nameOf(path: string): string {
  return moduleName(path.slice(path.lastIndexOf('/') + 1));
}
