import type { ModulesDirectory, ModulesDirectoryOptions } from '../../modules-directory/modules-directory.ts';
import { openModules } from '../../modules-directory/open-modules.ts';
import { type FoundModule, MODULE_COMPRESSIONS } from '../../modules-directory/tree-scan.ts';
import { formatRelease } from '../../release.ts';
import { type DepmodOutput, hasEntries, readDepmodOutput } from './verify-files.ts';
import { type KernelLists, tellsOfModules } from './verify-lists.ts';
import {
  judged,
  moduleJudge,
  type ReadModule,
  type ReadTables,
  tablesReader,
  type VerifyReadOptions,
} from './verify-read.ts';

/** Everything that verify looks at: a modules directory, wherever it is. */
export interface VerifyInput {
  readonly directory: ModulesDirectory;
  /** Whether it is made of packages, so that others of the same kernel may have what is missing. */
  readonly packaged: boolean;
  readonly lists: KernelLists;
  readonly output: DepmodOutput;
  /**
   * Whether a module file of this path below the directory, `.ko` or compressed, is there though it is not among the
   * modules.
   */
  readonly exists: (relative: string) => boolean;
  /** What messages call the file at a path (raw). */
  readonly shown: (path: string) => string;
  /** Reads and judges modules, in the order given; what cannot be read is judged so. */
  readonly read: (modules: readonly FoundModule[]) => AsyncIterable<ReadModule>;
  /** Reads the tables of modules that were read before and have findings; what cannot be read is left out. */
  readonly readTables: (modules: readonly FoundModule[]) => AsyncIterable<ReadTables>;
}

export interface VerifyInputOptions extends VerifyReadOptions, Pick<ModulesDirectoryOptions, 'depmodConfig'> {
  /** Which kernel to check of packages that hold several. */
  readonly packagedRelease?: string | undefined;
  /** Called while packages are read, with the bytes read of all of them. Default: nothing is called. */
  readonly onRead?: ((bytes: number, total: number) => void) | undefined;
}

/**
 * Opens modules directories and packages laid over each other. Throws what `openModules` throws, and for files what
 * `readInDirectory` does.
 */
export async function openVerifyInput(paths: readonly string[], options: VerifyInputOptions): Promise<VerifyInput> {
  const { depmodConfig, release, workers, packagedRelease } = options;
  const opened = await openModules(paths, moduleJudge(options), {
    depmodConfig,
    depmodRelease: release === undefined || typeof release === 'string' ? release : formatRelease(release),
    workers,
    packagedRelease,
    onRead: options.onRead,
  });
  const { directory, files, packaged } = opened;
  const output = readDepmodOutput(directory.root, files);
  const at = (name: string) => files.isFile(`${directory.root}/${name}`);
  return {
    directory,
    packaged,
    output,
    lists: {
      order: directory.order,
      builtin: files.read(`${directory.root}/modules.builtin`)?.toString('latin1'),
      modinfo: output.modinfo,
      someBuiltin: () =>
        tellsOfModules(output.modinfo ?? '') || hasEntries(files, `${directory.root}/modules.builtin.bin`),
      hasBuiltinIndex: at('modules.builtin.bin') || at('modules.builtin.alias.bin'),
    },
    exists: (relative) => ['', ...MODULE_COMPRESSIONS.map((c) => `.${c}`)].some((end) => at(relative + end)),
    shown: files.shown,
    read: (modules) => judged(modules, opened.read(modules)),
    readTables: async function* (modules) {
      let next = 0;
      for await (const { value } of opened.again(modules, tablesReader(options))) {
        const { path } = modules[next++]!;
        if (value) yield { file: files.shown(path), ...value };
      }
    },
  };
}
