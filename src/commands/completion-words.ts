import { readdir, readFile } from 'node:fs/promises';
import { release } from 'node:os';

export const WORD_KINDS = ['module', 'device'] as const;
export type WordKind = (typeof WORD_KINDS)[number];

/** Words for the shell to offer, sorted: names of the running kernel's modules, addresses of PCI devices. None where it has none. */
export async function completionWords(kind: WordKind): Promise<string[]> {
  try {
    return (kind === 'device' ? await readdir('/sys/bus/pci/devices') : await moduleNames()).sort();
  } catch {
    // A shell that is waiting for words has no use for an error.
    return [];
  }
}

async function moduleNames(): Promise<string[]> {
  const order = await readFile(`/lib/modules/${release()}/modules.dep`, 'latin1');
  return [...order.matchAll(/^(?:[^:\n]*\/)?([^/:\n]+?)\.ko(?:\.\w+)?:/gm)].map((m) => m[1]!.replaceAll('-', '_'));
}
