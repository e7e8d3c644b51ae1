import { closeSync, fstatSync, lstatSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { openNow } from '../../files/pieces.ts';
import { openable, readablePath } from '../../files/raw-path.ts';
import { memberFile } from '../../package/member.ts';
import type { InitramfsImage } from '../initramfs/image.ts';
import type { Entry, Layer } from './files.ts';

/** Most bytes of one configuration file or index of modules. */
const FILE_LIMIT = 64 * 1024 * 1024;

/** A directory on disk. Its links are read, never followed by the system, so that none leads out of it. */
export function diskLayer(root: string, unread: (path: string) => void): Layer {
  const base = resolve(root).replace(/\/$/, '');
  const known = new Map<string, Entry | undefined>();
  const entry = (path: string): Entry | undefined => {
    if (!known.has(path))
      known.set(
        path,
        look(`${base}/${path}`, () => unread(path)),
      );
    return known.get(path);
  };
  return {
    entry,
    names: (path) => {
      try {
        return readdirSync(openable(`${base}/${path}`), 'latin1');
      } catch {
        return [];
      }
    },
    label: (path) => `${base}/${readablePath(path)}`,
  };
}

function look(file: string, unread: () => void): Entry | undefined {
  try {
    const stat = lstatSync(openable(file));
    if (stat.isSymbolicLink()) return { kind: 'symlink', target: readlinkSync(openable(file), 'latin1') };
    if (stat.isDirectory()) return { kind: 'directory' };
    return stat.isFile() ? { kind: 'file', read: () => readStart(file, unread) } : { kind: 'other' };
  } catch {
    return undefined;
  }
}

function readStart(file: string, unread: () => void): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openNow(openable(file));
    // Files of proc and sysfs say that they are empty, or a page.
    const { size } = fstatSync(fd);
    if (size > FILE_LIMIT) {
      unread();
      return undefined;
    }
    const parts: Buffer[] = [];
    for (let total = 0; total <= FILE_LIMIT; ) {
      const part = Buffer.allocUnsafe(Math.max(size - total + 1, 65536));
      const got = readSync(fd, part, 0, part.length, null);
      if (got === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, got));
      total += got;
    }
    unread();
    return undefined;
  } catch {
    unread();
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** What an initramfs holds. */
export function imageLayer({ file, entries }: InitramfsImage): Layer {
  const names = new Map<string, Set<string>>();
  for (const path of entries.keys()) addParents(names, path);
  return {
    entry: (path) => {
      const found = entries.get(path);
      if (!found) return names.has(path) ? { kind: 'directory' } : undefined;
      return found.kind === 'file' ? { kind: 'file', read: () => found.bytes } : found;
    },
    names: (path) => [...(names.get(path) ?? [])],
    label: (path) => memberFile(file, path),
  };
}

/** Files in memory, by their paths; each has the label of where its text comes from. */
export function memoryLayer(files: ReadonlyMap<string, { readonly bytes: Buffer; readonly label: string }>): Layer {
  const names = new Map<string, Set<string>>();
  for (const path of files.keys()) addParents(names, path);
  return {
    entry: (path) => {
      const found = files.get(path);
      if (found) return { kind: 'file', read: () => found.bytes };
      return names.has(path) ? { kind: 'directory' } : undefined;
    },
    names: (path) => [...(names.get(path) ?? [])],
    label: (path) => files.get(path)?.label ?? path,
  };
}

function addParents(names: Map<string, Set<string>>, path: string): void {
  for (let at = path; at !== ''; ) {
    const cut = at.lastIndexOf('/');
    const parent = cut < 0 ? '' : at.slice(0, cut);
    const name = at.slice(cut + 1);
    const known = names.get(parent);
    if (known?.has(name)) return;
    if (known) known.add(name);
    else names.set(parent, new Set([name]));
    at = parent;
  }
}
