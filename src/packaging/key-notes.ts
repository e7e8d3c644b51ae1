import { normalizeAlias } from '../alias/normalize.ts';
import type { NoteBook } from './notes.ts';
import { prefixOf } from './prefix.ts';
import type { ModuleVerdict } from './verify-module.ts';

/** A key with the modules that have it, in the index's order, repeats included. */
export type ModulesByKey = ReadonlyMap<string, readonly string[]>;

/** Notes what lookups of loadable modules' and built-in code's keys meet: aliases of several modules, repeats, hidden ones. */
export function noteKeys(notes: NoteBook, loadable: ModulesByKey, builtin: ModulesByKey): void {
  for (const [key, modules] of loadable) {
    if (modules.length < 2) continue;
    const distinct = new Set(modules);
    if (distinct.size > 1)
      notes.add(
        'shared-alias',
        'one alias of several modules: each of them is loaded',
        `${key} (${[...distinct].join(', ')})`,
      );
    if (distinct.size < modules.length)
      notes.add(
        'repeated-alias',
        'the same alias twice in one module: modprobe -R prints the module twice',
        `${key} (${modules[0]})`,
      );
  }
  for (const [key, modules] of builtin) {
    const hiding = loadable.get(key);
    if (hiding)
      notes.add(
        'hidden-builtin',
        'a built-in alias that a loadable module has too: lookups see the loadable one only',
        `${key} (${modules[0]}, hidden by ${hiding[0]})`,
      );
  }
}

/** Adds a module's aliases to the keys, as depmod would index them. */
export function addKeys(keys: Map<string, string[]>, module: string, aliases: Iterable<string>): void {
  for (const alias of aliases) {
    const key = normalizeAlias(alias);
    if (key === undefined) continue;
    const modules = keys.get(key);
    if (modules) modules.push(module);
    else keys.set(key, [module]);
  }
}

/** Notes hand-written aliases with the prefix of a table in the same module: an id may have been meant for the table. */
export function noteLookAlikes(notes: NoteBook, module: string, { handWritten, tables }: ModuleVerdict): void {
  if (handWritten.length === 0) return;
  const prefixes = new Set(tables.flatMap((table) => [...table.prefixes]));
  for (const alias of handWritten)
    if (prefixes.has(prefixOf(alias)))
      notes.add(
        'hand-written-like-table',
        'a hand-written alias in a module with a table of that type',
        `${alias} (${module})`,
      );
}
