import type { Packing } from '../binary/decompress.ts';
import type { Elf } from '../binary/elf.ts';
import { ModaliasError } from '../errors.ts';
import { type ModuleMemory, moduleMemory, withModule } from '../module/module-file.ts';

/** Compressed modules that are unpacked side by side; Node's thread pool has four threads. */
export const DEFAULT_WORKERS = 4;

/** Outcomes that may wait for an earlier one, so that a large module does not keep the threads from those behind it. */
const AHEAD = 64;

/** The outcome for one module file: the task's result, or why there is none. */
export type ModuleOutcome<T> =
  | { readonly path: string; readonly value: T; readonly error?: never }
  | { readonly path: string; readonly error: ModaliasError; readonly value?: never };

export interface ReadModulesOptions {
  /** Compressed modules in work at a time; does not change what comes out. Default: 4. */
  readonly workers?: number | undefined;
  /** Limit in bytes on an unpacked module. Default: 512 MiB. */
  readonly limit?: number | undefined;
}

/**
 * Runs `task` on every module file (raw paths) and yields the outcomes in the order of `paths`, whatever was ready
 * first. Unpacking runs on the thread pool, the tasks on this thread; memory does not grow with the number of modules.
 * The task must not keep views of a module's bytes, and a file that cannot be read is an outcome, no exception.
 */
export async function* readModules<T>(
  paths: Iterable<string>,
  task: (elf: Elf, path: string, packing: Packing, xzCheck?: string) => T,
  options: ReadModulesOptions = {},
): AsyncGenerator<ModuleOutcome<T>> {
  const workers = Math.max(1, options.workers ?? DEFAULT_WORKERS);
  const free: ModuleMemory[] = Array.from({ length: workers }, () => moduleMemory(options.limit));
  const pending: (ModuleOutcome<T> | Promise<ModuleOutcome<T>>)[] = [];
  const running = new Set<Promise<unknown>>();
  for (const path of paths) {
    if (pending.length === workers + AHEAD) yield await pending.shift()!;
    if (free.length === 0) await Promise.race(running);
    const outcome = start(path, free.pop()!, task, free);
    // What is made of a plain module at once need not be kept while others are read.
    if (pending.length === 0 && !(outcome instanceof Promise)) {
      yield outcome;
      continue;
    }
    pending.push(outcome);
    if (outcome instanceof Promise) {
      const ended = () => running.delete(settled);
      const settled: Promise<unknown> = outcome.then(ended, ended);
      running.add(settled);
    }
  }
  for (const outcome of pending) yield await outcome;
}

/** Begins one file; its memory goes back to `free` when the task is done with it. */
function start<T>(
  path: string,
  memory: ModuleMemory,
  task: (elf: Elf, path: string, packing: Packing, xzCheck?: string) => T,
  free: ModuleMemory[],
): ModuleOutcome<T> | Promise<ModuleOutcome<T>> {
  const done = (outcome: ModuleOutcome<T>) => {
    free.push(memory);
    return outcome;
  };
  const failed = (error: unknown) => {
    free.push(memory);
    if (!(error instanceof ModaliasError)) throw error;
    return { path, error };
  };
  try {
    const value = withModule(path, memory, (elf, ...packed) => task(elf, path, ...packed));
    if (value instanceof Promise) return value.then((v) => done({ path, value: v }), failed);
    return done({ path, value });
  } catch (error) {
    return failed(error);
  }
}
