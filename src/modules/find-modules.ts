import { type Dirent, readdirSync, statSync } from 'node:fs';
import { unreadable } from '../files/read.ts';
import { isModulePath } from './name.ts';

/** Directories (and files) that are passed over at any depth: links to the kernel's source; kmod tools/depmod.c. */
const IGNORED = new Set(['build', 'source']);

/**
 * The module files below a directory, in the order of their paths' bytes, each path beginning with `directory`. Symbolic links are
 * followed, one that leads back to a directory above it is not. Throws `unreadable`.
 */
export function findModules(directory: string): string[] {
  const found: string[] = [];
  visit(directory.replace(/(?<=.)\/+$/, ''), [], found);
  return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function visit(directory: string, above: readonly string[], found: string[]): void {
  let entries: Dirent[];
  let own: string;
  try {
    const { dev, ino } = statSync(directory);
    own = `${dev}:${ino}`;
    if (above.includes(own)) return;
    entries = readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    throw unreadable(directory, error);
  }
  for (const entry of entries) {
    if (IGNORED.has(entry.name)) continue;
    const path = directory === '/' ? `/${entry.name}` : `${directory}/${entry.name}`;
    const kind = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
    if (kind?.isDirectory()) visit(path, [...above, own], found);
    else if (kind?.isFile() && isModulePath(entry.name)) found.push(path);
  }
}
