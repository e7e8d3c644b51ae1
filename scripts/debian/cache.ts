import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
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

/**
 * A folder of the cache that is there whole or not at all: made once by `fill`, which answers whether it could.
 * Undefined if not.
 */
export function keptFolder(names: readonly string[], fill: (folder: string) => boolean): string | undefined {
  const folder = path.join(cacheFolder(...names.slice(0, -1)), names.at(-1)!);
  if (existsSync(folder)) return folder;
  const filling = `${folder}.${process.pid}`;
  try {
    mkdirSync(filling);
    if (!fill(filling)) return undefined;
    renameSync(filling, folder);
    return folder;
  } finally {
    rmSync(filling, { recursive: true, force: true });
  }
}
