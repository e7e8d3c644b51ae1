import { bufferOf } from '../binary/reader.ts';
import { join } from 'node:path';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { readablePath } from '../files/raw-path.ts';
import { statIfThere } from '../files/read-sync.ts';
import { folderOnDisk, type IndexFolder } from '../lookup/index-folder.ts';
import { checkRelease, isDirectory } from '../modules-directory/layers.ts';
import { type OpenedModules, openModules } from '../modules-directory/open-modules.ts';
import type { ReadModulesOptions } from '../modules-directory/read-modules.ts';
import { isPackage } from '../package/open-package.ts';
import { aliasesOf, indexFilesOf } from './build.ts';
import type { IndexFiles } from './index-files.ts';

export interface KernelFolderOptions extends ReadModulesOptions {
  /** Which kernel to take of packages that hold several. Default: the only one. */
  readonly packagedRelease?: string | undefined;
  /** Called while packages are read, with the bytes read of all of them. Default: nothing is called. */
  readonly onRead?: ((bytes: number, total: number) => void) | undefined;
  /** Receives warnings about modules and files. Default: they are dropped. */
  readonly diagnose?: ((diagnostic: Diagnostic) => void) | undefined;
}

/** A modules directory that is made of packages, or of several laid over each other, with what depmod makes of it. */
export interface KernelFolder extends IndexFolder {
  /** Whether the lists of built-in code are there: Debian keeps them in another package than the modules. */
  readonly tellsBuiltin: boolean;
  /** The paths of the packages among the inputs. */
  readonly packages: readonly string[];
  /** The path of the package that holds a module; undefined for one on disk and for none. */
  readonly packageOf: (module: string) => string | undefined;
}

/** Whether a folder is to be made of inputs: packages, or several. Others are one path that can be read as it is. */
export async function needsFolder(inputs: readonly string[]): Promise<boolean> {
  if (inputs.length !== 1) return true;
  return statIfThere(inputs[0]!)?.isFile() === true && (await isPackage(inputs[0]!));
}

/**
 * Opens modules directories and packages laid over each other, later ones winning file by file. The aliases are those
 * that `modalias build` makes of the modules, as no distribution puts any into its packages; a lone package that has
 * them is read like a directory. Throws what `openModules` and `indexFilesOf` throw, and `no-modules`.
 */
export async function openKernelFolder(
  inputs: readonly string[],
  options: KernelFolderOptions = {},
): Promise<KernelFolder> {
  const { diagnose = () => {} } = options;
  const opened = await openModules(inputs, aliasesOf, options);
  const { directory, files } = opened;
  const own = (name: string) => files.read(`${directory.root}/${name}`);
  const hasBuiltin = files.isFile(`${directory.root}/modules.builtin`) || own('modules.builtin.bin') !== undefined;
  const folder = {
    path: readablePath(directory.root),
    onDisk: false,
    release: directory.release,
    tellsBuiltin: hasBuiltin,
    packages: inputs.filter((input) => !isDirectory(input)),
    packageOf: packagesOf(opened),
  };
  if (inputs.length === 1 && (own('modules.alias.bin') ?? own('modules.alias'))) return { ...folder, read: own };
  if (directory.modules.length === 0)
    throw new ModaliasError('no-modules', 'it contains no kernel modules; name the package that has them too', {
      file: inputs.join(', '),
    });
  const made = await indexFilesOf(opened, { layout: 'post' });
  for (const diagnostic of made.diagnostics) if (!SILENT.has(diagnostic.code)) diagnose(diagnostic);
  const lists = madeLists(opened, made);
  return { ...folder, read: (name) => (lists.has(name) ? lists.get(name) : own(name)) };
}

/**
 * Opens a modules directory that could not be opened for lack of aliases, with those that depmod would write, and a
 * note that it has not run yet. Throws the error that there was for any other, and for a directory without modules.
 */
export async function openUnindexed(
  path: string,
  error: unknown,
  options: KernelFolderOptions = {},
): Promise<KernelFolder> {
  const isUnindexed = error instanceof ModaliasError && error.code === 'no-index';
  if (!isUnindexed) throw error;
  const folder = await openKernelFolder([path], options).catch((own) => {
    throw own instanceof ModaliasError && own.code === 'no-modules' ? error : own;
  });
  const message = 'depmod has not run here yet: answering with the aliases that it would write';
  options.diagnose?.({ code: 'no-index', severity: 'note', message, file: path });
  return folder;
}

/** What `build` says of indexes that are written. */
const SILENT: ReadonlySet<string> = new Set(['unmatched-bracket', 'no-builtin-modinfo']);

/** The files that depmod would make, by their names; undefined for what is left to other files. */
function madeLists(
  { directory }: Pick<OpenedModules<unknown>, 'directory'>,
  made: IndexFiles,
): ReadonlyMap<string, Buffer | undefined> {
  const below = directory.root.length + 1;
  const dep = directory.modules.map(({ path }) => `${path.slice(below)}:\n`).join('');
  return new Map([
    ['modules.alias.bin', bufferOf(made.aliasIndex)],
    ['modules.builtin.alias.bin', bufferOf(made.builtinIndex)],
    ['modules.dep', Buffer.from(dep, 'latin1')],
    // Those of a directory know its own modules only.
    ...['modules.alias', 'modules.dep.bin', 'modules.symbols', 'modules.symbols.bin', 'modules.builtin.bin'].map(
      (name) => [name, undefined] as const,
    ),
  ]);
}

function packagesOf({ directory, packageOf }: OpenedModules<unknown>): KernelFolder['packageOf'] {
  const found = new Map(directory.modules.map((module) => [module.name, module]));
  return (name) => {
    const module = found.get(name);
    return module && packageOf(module);
  };
}

/** A modules directory on disk, where a release is asked for only if it is that one. Throws `no-such-kernel`. */
export function folderOfRelease(path: string, release: string | undefined): IndexFolder {
  checkRelease(path, release);
  return folderOnDisk(path);
}

/** What can be asked of one path: a directory's folder, or the path of a file. A file has no release: `usage`. */
export function pathOfRelease(path: string, release: string | undefined): IndexFolder | string {
  if (release === undefined) return path;
  if (isDirectory(path)) return folderOfRelease(path, release);
  throw new ModaliasError('usage', '--release: expected packages or a modules directory; this is a file of aliases', {
    file: join(path),
  });
}
