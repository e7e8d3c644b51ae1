import { dirname, join } from 'node:path';
import { readWhole } from '../../../files/read.ts';
import { statIfThere } from '../../../files/read-sync.ts';
import { type LintConfig, parseLintConfig } from './lint-config.ts';

export const LINT_CONFIG_FILE = 'modalias.config.json';

/** A configuration is written by hand; what is larger is another file. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The nearest modalias.config.json of a directory (absolute) and those above it; undefined where there is none. */
export function findLintConfig(directory: string): string | undefined {
  const path = join(directory, LINT_CONFIG_FILE);
  if (statIfThere(path)?.isFile()) return path;
  const above = dirname(directory);
  return above === directory ? undefined : findLintConfig(above);
}

/** Reads a configuration. Throws `unreadable`, `not-a-file`, `too-big` and what `parseLintConfig` throws. */
export async function readLintConfig(path: string): Promise<LintConfig> {
  return parseLintConfig((await readWhole(path, MOST_BYTES)).toString(), path);
}
