import { isPacked, type Packing } from '../binary/decompress.ts';
import { Elf } from '../binary/elf.ts';
import { memorySource } from '../binary/source.ts';
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

/** What is made of a module, which was compressed in this way; xz data with this check. */
export type ModuleTask<T> = (elf: Elf, module: NamedModule, packing: Packing, xzCheck?: string) => T;

/** What a task makes of a module whose bytes are in memory: at once for a plain one, a promise for a compressed one. */
export function outcomeOf<T>(
  bytes: Uint8Array,
  module: NamedModule,
  memory: ModuleMemory,
  task: ModuleTask<T>,
): ModuleOutcome<T> | Promise<ModuleOutcome<T>> {
  const { file } = module;
  const path = rawPath(file);
  const failed = (error: unknown) => {
    if (error instanceof ModaliasError) return { path, error };
    throw error;
  };
  try {
    if (!isPacked(bytes)) return { path, value: task(new Elf(memorySource(bytes, file)), module, 'plain') };
    const made = (elf: Elf, packing: Packing, xzCheck?: string) => task(elf, module, packing, xzCheck);
    return unpackModule(bytes, file, memory, made).then((value) => ({ path, value }), failed);
  } catch (error) {
    return failed(error);
  }
}

/** The module name that a path (raw) gives. */
export function nameOf(path: string): string {
  return moduleName(path.slice(path.lastIndexOf('/') + 1));
}
