import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { latin1 } from '../binary/reader.ts';
import type { Diagnostic } from '../errors.ts';
import { rawPath } from '../files/raw-path.ts';
import { unreadable } from '../files/read.ts';
import { readIfThere, readInDirectory, statIfThere } from '../files/read-sync.ts';
import {
  blacklistOfCommandLine,
  type ConfigText,
  type ModprobeConfig,
  parseModprobeConfig,
} from './modprobe-config.ts';

/**
 * Where libkmod looks for configuration, the first winning where two hold a file of the same name. Releases before 32
 * lack /usr/lib.
 */
export const MODPROBE_DIRECTORIES: readonly string[] = [
  '/etc/modprobe.d',
  '/run/modprobe.d',
  '/usr/local/lib/modprobe.d',
  '/usr/lib/modprobe.d',
  '/lib/modprobe.d',
];

export interface ReadConfigOptions {
  /** Directories (or single files), highest precedence first. */
  readonly directories: readonly string[];
  /** Whether all of these must exist, as if a user named them. Default: missing ones count as empty. */
  readonly required?: boolean;
  /** A modules directory, whose modules.softdep and modules.weakdep are read too. */
  readonly modules?: string | undefined;
  /** The kernel's command line, such as /proc/cmdline. */
  readonly commandLine?: string | undefined;
  readonly diagnose: (diagnostic: Diagnostic) => void;
}

/**
 * Reads modprobe's configuration: `*.conf` and `*.alias` of the directories in the order of their names, each name
 * once, so that a link to /dev/null in one directory masks a file of its name in the next. Unreadable files in a
 * directory are skipped with a warning. Throws `unreadable`, `not-a-file` or `too-big` for a `required` path that is
 * missing or cannot be read, which modprobe -C silently ignores. libkmod-config.c:kmod_config_new.
 */
export function readModprobeConfig(options: ReadConfigOptions): ModprobeConfig {
  const { diagnose } = options;
  const files = new Map<string, string>();
  const add = (path: string) => {
    if (!files.has(basename(path))) files.set(basename(path), path);
  };
  for (const name of ['modules.softdep', 'modules.weakdep']) {
    if (options.modules !== undefined) add(join(options.modules, name));
  }
  for (const directory of options.directories) for (const path of filesOf(directory, options)) add(path);
  const names = [...files.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const texts: ConfigText[] = [];
  for (const name of names) {
    const file = files.get(name)!;
    const named = options.required && options.directories.includes(file);
    const text = named
      ? latin1(there(file, readIfThere(file)))
      : readText(file, name.startsWith('modules.') ? undefined : diagnose);
    if (text !== undefined) texts.push({ file, text });
  }
  const config = parseModprobeConfig(texts, diagnose);
  const line = options.commandLine === undefined ? undefined : readText(options.commandLine, undefined);
  if (line === undefined) return config;
  return { ...config, blacklist: [...config.blacklist, ...blacklistOfCommandLine(line, options.commandLine!)] };
}

/** What libkmod reads of a directory, or the file itself. libkmod-config.c:conf_files_filter_out. */
function filesOf(path: string, { required = false, diagnose }: ReadConfigOptions): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((n) => !n.startsWith('.') && /\.(conf|alias)$/.test(n));
    const files = names.map((name) => join(path, name)).filter((file) => !isDirectoryOrPipe(file));
    for (const file of files) if (file.endsWith('.alias')) diagnose(oldName(file));
    return files;
  } catch (error) {
    if (required) throw unreadable(path, error);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') diagnose(warning(path, error));
    return [];
  }
}

/** A pipe in a directory might never end. A dangling link is neither: it is an unreadable file. */
function isDirectoryOrPipe(file: string): boolean {
  const status = statIfThere(file);
  return status !== undefined && (status.isDirectory() || status.isFIFO());
}

function readText(file: string, diagnose: ((d: Diagnostic) => void) | undefined): string | undefined {
  try {
    return latin1(there(file, readInDirectory(rawPath(file))));
  } catch (error) {
    diagnose?.(warning(file, error));
    return undefined;
  }
}

function there(file: string, bytes: Buffer | undefined): Buffer {
  if (!bytes) throw unreadable(file, Object.assign(new Error(), { code: 'ENOENT' }));
  return bytes;
}

function oldName(file: string): Diagnostic {
  const message = 'kmod 30 reads this file, but kmod 34 does not; rename it to .conf';
  return { code: 'alias-file', severity: 'warning', message, file };
}

function warning(file: string, error: unknown): Diagnostic {
  const { code, problems } = unreadable(file, error);
  return { code, severity: 'warning', message: `skipped: ${problems[0]!.message}`, file };
}
