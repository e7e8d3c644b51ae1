import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { ModaliasError } from '../../../errors.ts';
import { readWhole } from '../../../files/read.ts';
import { lstatIfThere, statIfThere } from '../../../files/read-sync.ts';
import { type LintConfig, parseLintConfig } from './lint-config.ts';

export const LINT_CONFIG_FILE = 'modalias.config.json';

/** A configuration is written by hand; what is larger is another file. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The nearest modalias.config.json of a directory (absolute) and those above it; undefined where there is none. Throws
 * `not-a-file` for anything else of that name: nobody has named it, so nobody would notice that its rules are missing.
 */
export function findLintConfig(directory: string): string | undefined {
  const path = join(directory, LINT_CONFIG_FILE);
  const found = statIfThere(path) ?? lstatIfThere(path);
  if (found?.isFile()) return path;
  if (found) throw notAFile(path, found);
  const above = dirname(directory);
  return above === directory ? undefined : findLintConfig(above);
}

function notAFile(file: string, found: Stats): ModaliasError {
  const what = found.isDirectory()
    ? 'a directory'
    : found.isSymbolicLink()
      ? 'a broken symbolic link'
      : 'a special file';
  const message = `found ${what}, expected lint's configuration; remove it, or use --config (PATH or none)`;
  return new ModaliasError('not-a-file', message, { file });
}

/** Reads a configuration. Throws `unreadable`, `not-a-file`, `too-big` and what `parseLintConfig` throws. */
export async function readLintConfig(path: string): Promise<LintConfig> {
  return parseLintConfig((await readWhole(path, MOST_BYTES)).toString(), path);
}
