import { readdir, readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';

export const WORD_KINDS = ['module', 'device'] as const;
export type WordKind = (typeof WORD_KINDS)[number];

/**
 * Words for the shell to offer, sorted: names of modules, addresses of PCI devices. Those of the running kernel, or of what `--modules`
 * and `--sysfs` name in the line typed so far. None where there are none.
 */
export async function completionWords(kind: WordKind, line = ''): Promise<string[]> {
  try {
    if (kind === 'module')
      return (await moduleNames(given(line, '-m|--modules') ?? `/lib/modules/${release()}`)).sort();
    return (await readdir(join(given(line, '--sysfs') ?? '/sys', 'bus/pci/devices'))).sort();
  } catch {
    // A shell that is waiting for words has no use for an error.
    return [];
  }
}

/** The value of an option in a line, after a space or `=`; quotes around it are taken off. */
function given(line: string, names: string): string | undefined {
  return new RegExp(`\\s(?:${names})(?:\\s+|=)["']?([^\\s"']+)`).exec(line)?.[1];
}

async function moduleNames(modules: string): Promise<string[]> {
  const order = await readFile(join(modules, 'modules.dep'), 'latin1');
  return [...order.matchAll(/^(?:[^:\n]*\/)?([^/:\n]+?)\.ko(?:\.\w+)?:/gm)].map((m) => m[1]!.replaceAll('-', '_'));
}
