import { readdir } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { rawPath } from '../files/raw-path.ts';
import { readInDirectory } from '../files/read-sync.ts';
import { underscored } from '../pattern/normalize.ts';
import { vfioBuses } from '../vfio/sysfs/buses.ts';

export const WORD_KINDS = ['module', 'device'] as const;
export type WordKind = (typeof WORD_KINDS)[number];

/** What bash does not expand: it would run a `$(..)` in a name, and the tree may be untrusted. */
const HARMLESS = /^[\w.:,@%+=-]+$/;

/**
 * Words for the shell to complete, sorted: names of modules, or of devices on the buses that VFIO has a driver for.
 * They are those of the running kernel, or of what `--modules` and `--sysfs` name in the line typed so far.
 */
export async function completionWords(kind: WordKind, line = ''): Promise<string[]> {
  const names =
    kind === 'module'
      ? await moduleNames(given(line, '-m|--modules') ?? `/lib/modules/${release()}`)
      : await deviceNames(given(line, '--sysfs') ?? '/sys');
  return [...new Set(names)].filter((name) => HARMLESS.test(name)).sort();
}

async function deviceNames(sysfs: string): Promise<string[]> {
  const buses = Object.keys(vfioBuses);
  return (await Promise.all(buses.map((bus) => orNothing(readdir(join(sysfs, 'bus', bus, 'devices')), [])))).flat();
}

/** A shell that completes a word has no use for an error. */
function orNothing<T>(found: Promise<T>, nothing: T): Promise<T> {
  return found.catch(() => nothing);
}

/** The value of an option in a line, after a space or `=`; quotes around it are removed. */
function given(line: string, names: string): string | undefined {
  return new RegExp(`\\s(?:${names})(?:\\s+|=)["']?([^\\s"']+)`).exec(line)?.[1];
}

async function moduleNames(modules: string): Promise<string[]> {
  const order = await orNothing(dependencies(modules), undefined);
  return [...(order?.toString('latin1') ?? '').matchAll(/^(?:[^:\n]*\/)?([^/:\n]+?)\.ko(?:\.\w+)?:/gm)].map((m) =>
    underscored(m[1]!),
  );
}

async function dependencies(modules: string): Promise<Buffer | undefined> {
  return readInDirectory(rawPath(join(modules, 'modules.dep')));
}
