import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Where downloads are kept between runs, outside any checkout: $MODALIAS_CACHE, else the user's cache folder. */
export function cacheFolder(...below: string[]): string {
  const { MODALIAS_CACHE, XDG_CACHE_HOME } = process.env;
  const base = MODALIAS_CACHE || path.join(XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'modalias');
  const folder = path.join(path.resolve(base), ...below);
  mkdirSync(folder, { recursive: true });
  return folder;
}
