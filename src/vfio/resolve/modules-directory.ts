import fs from 'node:fs';
import path from 'node:path';

/** The modules directory that an argument of -m means: itself, or the one that the alias file lies in. Null where there is none. */
export function modulesDirectory(at: string): string | null {
  try {
    return fs.statSync(at).isDirectory() ? at : path.dirname(at);
  } catch {
    return null;
  }
}
