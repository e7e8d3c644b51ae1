import { readFileSync, statSync } from 'node:fs';
import { unreadable } from '../files/read.ts';

/** Whether a file holds JSON: by its name, else by its first character. Throws `unreadable`. */
export function isJsonFile(path: string): boolean {
  if (/\.(nd)?json$/.test(path)) return true;
  if (/\.(alias|bin)$/.test(path)) return false;
  try {
    return statSync(path).isFile() && /^\s*[[{]/.test(readFileSync(path).subarray(0, 256).toString('latin1'));
  } catch (error) {
    throw unreadable(path, error);
  }
}
