import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A new modules directory 6.1 in a temporary place with these files, by their paths below it; texts are latin1. */
export function modulesTree(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = join(mkdtempSync(join(tmpdir(), 'modules-')), '6.1');
  mkdirSync(root);
  putFiles(root, files);
  return root;
}

export function putFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, data] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }
}

export function removeTree(root: string): void {
  rmSync(dirname(root), { recursive: true, force: true });
}
