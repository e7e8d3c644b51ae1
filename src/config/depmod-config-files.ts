import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../errors.ts';
import { ModaliasError } from '../errors.ts';
import { rawPath } from '../files/raw-path.ts';
import { unreadable } from '../files/read.ts';
import { readIfThere, readInDirectory } from '../files/read-sync.ts';
import { systemReason } from '../files/reasons.ts';
import type { ConfigFile } from './depmod-config.ts';

/**
 * The directories that depmod reads; a file in an earlier one replaces a file of the same name in a later one.
 * depmod.d(5).
 */
export const DEPMOD_DIRECTORIES: readonly string[] = [
  '/etc/depmod.d',
  '/run/depmod.d',
  '/usr/local/lib/depmod.d',
  '/usr/lib/depmod.d',
  '/lib/depmod.d',
];

/**
 * The configuration files that depmod reads, by ascending file name: `*.conf` of each directory, or a file that is
 * named itself. A path that cannot be read is skipped, unless `required`: then it is an error (`unreadable`,
 * `not-a-file`, `too-big`).
 * kmod tools/depmod.c:cfg_files_list, cfg_files_filter_out.
 */
export function readDepmodConfigFiles(
  paths: readonly string[],
  required = false,
): { files: ConfigFile[]; diagnostics: Diagnostic[] } {
  const byName = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  const complain = (path: string, error: unknown) =>
    diagnostics.push({
      code: 'unreadable',
      severity: 'warning',
      message: `${unreadable(path, error).problems[0]!.message}; depmod continues without it`,
      file: path,
    });
  for (const path of paths) {
    try {
      if (statSync(path).isDirectory()) {
        for (const name of readdirSync(path))
          if (isConfigName(name) && !byName.has(name)) byName.set(name, join(path, name));
      } else byName.set(path.slice(path.lastIndexOf('/') + 1), path);
    } catch (error) {
      if (required) throw new ModaliasError('unreadable', `cannot read: ${systemReason(error)}`, { file: path });
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') complain(path, error);
    }
  }
  const named = (path: string) => paths.includes(path);
  const files: ConfigFile[] = [];
  for (const [, path] of [...byName].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    try {
      const bytes = named(path) ? readIfThere(path) : readInDirectory(rawPath(path));
      if (!bytes) throw Object.assign(new Error(), { code: 'ENOENT' });
      files.push({ path, text: bytes.toString('latin1') });
    } catch (error) {
      if (required && named(path)) throw unreadable(path, error);
      complain(path, error);
    }
  return { files, diagnostics };
}

function isConfigName(name: string): boolean {
  return !name.startsWith('.') && name.endsWith('.conf');
}
