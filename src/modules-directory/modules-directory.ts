import { basename, join, resolve } from 'node:path';
import { needObject, needOptionalText, needText } from '../arguments.ts';
import { parseDepmodConfig } from '../config/depmod-config.ts';
import { DEPMOD_DIRECTORIES, readDepmodConfigFiles } from '../config/depmod-config-files.ts';
import { EreUnsupportedError } from '../config/posix-ere-parser.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { rawPath, readablePath } from '../files/raw-path.ts';
import { depmodOrder, type RepeatedLine } from './module-order.ts';
import { chooseWinners, type Winner } from './same-name.ts';
import { diskFiles, type TreeFiles } from './tree-files.ts';
import { type FoundModule, type ModuleCompression, scanTree } from './tree-scan.ts';
import { refuseOuter, refusePart } from './wrong-directory.ts';

export interface ModulesDirectoryOptions {
  /**
   * A directory or a file of depmod.d(5) lines; `none` for no configuration. Default: the directories that depmod
   * reads.
   */
  readonly depmodConfig?: string | undefined;
  /** The release whose `override` and `external` lines hold, as of `depmod RELEASE`. Default: the directory's name. */
  readonly depmodRelease?: string | undefined;
  /** Which of several equal lines of modules.order counts. Default: the last, as up to kmod 33. */
  readonly repeated?: RepeatedLine | undefined;
  /** Compressed modules that count as modules. Default: all. */
  readonly compressions?: readonly ModuleCompression[] | undefined;
}

/** A modules directory as depmod sees it. */
export interface ModulesDirectory {
  /** Absolute, as a raw path (files/raw-path.ts). */
  readonly root: string;
  readonly release: string;
  /** One file for each module name, in depmod's order: a module's place here is its priority in modules.alias.bin. */
  readonly modules: readonly FoundModule[];
  /** The module names that several files have. */
  readonly sameName: readonly Winner[];
  /** modules.order as latin1; undefined where it is missing. */
  readonly order: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds, chooses and orders the modules of a directory. Throws `not-a-modules-directory` for a part of one and for what
 * has only others below it, `unreadable`, `not-a-file`, `unsupported-regex`, `too-many-modules`.
 */
export function openModulesDirectory(path: string, options: ModulesDirectoryOptions = {}): ModulesDirectory {
  needText('path', path);
  needObject('options', options);
  needOptionalText('options.depmodRelease', options.depmodRelease);
  needOptionalText('options.depmodConfig', options.depmodConfig);
  const absolute = resolve(path);
  const root = rawPath(absolute);
  const depmodRelease = options.depmodRelease ?? basename(absolute);
  return openModulesTree(root, { ...options, depmodRelease }, diskFiles, (modules) => {
    refusePart(root, path);
    refuseOuter(root, modules, path);
  });
}

/**
 * The same of files that may be elsewhere, such as in packages; `root` (a raw path) is then only what they are called.
 * `check` sees the modules before anything is made of them, and may throw.
 */
export function openModulesTree(
  root: string,
  options: ModulesDirectoryOptions & { readonly depmodRelease: string },
  files: TreeFiles,
  check: (modules: readonly FoundModule[]) => void = () => {},
): ModulesDirectory {
  const { depmodRelease: release } = options;
  const read = readConfig(options.depmodConfig);
  const { config, diagnostics: configDiagnostics } = parse(read.files, rawPath(release));
  const scan = scanTree(root, config, options.compressions, files);
  check(scan.modules);
  const winners = chooseWinners(config, root, scan.modules);
  const order = files.read(`${root}/modules.order`)?.toString('latin1');
  const ordered = depmodOrder(
    Array.from(winners.values(), (winner) => winner.module),
    order,
    options.repeated ?? 'last',
  );
  return {
    root,
    release,
    modules: ordered.modules,
    sameName: [...winners.values()].filter(({ others }) => others.length > 0),
    order,
    diagnostics: [
      ...read.diagnostics,
      ...configDiagnostics,
      ...scan.diagnostics,
      ...ordered.diagnostics.map((d) => ({ ...d, file: join(readablePath(root), d.file ?? '') })),
      ...rivals(winners.values()),
    ],
  };
}

function readConfig(config: string | undefined): ReturnType<typeof readDepmodConfigFiles> {
  if (config === 'none') return { files: [], diagnostics: [] };
  return config === undefined ? readDepmodConfigFiles(DEPMOD_DIRECTORIES) : readDepmodConfigFiles([config], true);
}

function parse(...args: Parameters<typeof parseDepmodConfig>): ReturnType<typeof parseDepmodConfig> {
  try {
    return parseDepmodConfig(...args);
  } catch (error) {
    if (error instanceof EreUnsupportedError) throw new ModaliasError('unsupported-regex', error.message);
    throw error;
  }
}

function* rivals(winners: Iterable<Winner>): Generator<Diagnostic> {
  for (const { module, rival } of winners)
    if (rival)
      yield {
        code: 'same-name',
        severity: 'warning',
        message: `${readablePath(module.path)} and ${readablePath(rival.path)} have the same module name and depmod.d ranks neither: depmod uses whichever the file system lists first (or last). The former is used here; add a search or override line to decide`,
        file: readablePath(module.path),
        module: module.name,
      };
}

/** A file's text as latin1, undefined where there is none. Throws what `readInDirectory` throws. `path` is raw. */
export function readOptional(path: string): string | undefined {
  return diskFiles.read(path)?.toString('latin1');
}
