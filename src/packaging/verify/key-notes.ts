import { NONE, type Trie, valuesOfKey } from '../../index-file/index-trie.ts';
import type { DriverRegistration } from '../../module/driver-registrations.ts';
import type { NoteBook } from '../notes.ts';
import { prefixOf } from '../prefix.ts';
import type { ModuleVerdict } from './verify-module.ts';

/**
 * Notes what lookups of loadable modules' and built-in code's keys meet: aliases of several modules, repeats, hidden
 * ones.
 */
export function noteKeys(notes: NoteBook, loadable: Trie, builtin: Trie): void {
  for (const [key, first] of loadable.first) {
    if (loadable.nextValue[first] === NONE) continue;
    const modules = valuesOfKey(loadable, key).map(({ value }) => value);
    const distinct = [...new Set(modules)];
    if (distinct.length > 1)
      notes.add(
        'shared-alias',
        'one alias of several modules: each of them is loaded',
        `${key} (${distinct.join(', ')})`,
      );
    if (distinct.length < modules.length)
      notes.add(
        'repeated-alias',
        'the same alias twice in one module: modprobe -R prints the module twice',
        `${key} (${modules[0]})`,
      );
  }
  for (const key of builtin.first.keys()) {
    const [hiding] = valuesOfKey(loadable, key);
    if (hiding)
      notes.add(
        'hidden-builtin',
        'a built-in alias that a loadable module has too: lookups find only the loadable one',
        `${key} (${valuesOfKey(builtin, key)[0]!.value}, hidden by ${hiding.value})`,
      );
  }
}

/**
 * Notes hand-written aliases with the prefix of a table in the same module: an id may have been meant for the table.
 */
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

/**
 * Notes drivers without an id table for them: udev cannot load the module for its devices, unless another way was
 * meant.
 */
export function noteDrivers(notes: NoteBook, module: string, drivers: readonly DriverRegistration[]): void {
  for (const { bus, by } of drivers)
    notes.add(
      'driver-without-table',
      'a module registers a driver but has no id table (MODULE_DEVICE_TABLE) and no alias for it: its devices do not load it',
      `${module} (${by}: ${bus.name})`,
    );
}
