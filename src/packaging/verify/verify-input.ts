import { statSync } from 'node:fs';
import { openable } from '../../files/raw-path.ts';
import {
  type ModulesDirectory,
  type ModulesDirectoryOptions,
  openModulesDirectory,
} from '../../modules-directory/modules-directory.ts';
import { type FoundModule, MODULE_COMPRESSIONS } from '../../modules-directory/tree-scan.ts';
import { formatRelease } from '../../release.ts';
import { type DepmodOutput, readDepmodOutput } from './verify-files.ts';
import type { KernelLists } from './verify-lists.ts';
import {
  type ReadModule,
  type ReadTables,
  readAndVerify,
  readModuleTables,
  type VerifyReadOptions,
} from './verify-read.ts';

/** Everything that verify looks at: a modules directory, wherever it is. */
export interface VerifyInput {
  readonly directory: ModulesDirectory;
  readonly lists: KernelLists;
  readonly output: DepmodOutput;
  /**
   * Whether a module file of this path below the directory, `.ko` or compressed, is there though it is not among the
   * modules.
   */
  readonly exists: (relative: string) => boolean;
  /** Reads and judges modules, in the order given; what cannot be read is judged so. */
  readonly read: (modules: readonly FoundModule[]) => AsyncIterable<ReadModule>;
  /** Reads the tables of modules that were read before and have findings; what cannot be read is left out. */
  readonly readTables: (modules: readonly FoundModule[]) => AsyncIterable<ReadTables>;
}

/**
 * Opens a modules directory of the file system. Throws what `openModulesDirectory` throws, and for its files what
 * `readInDirectory` does.
 */
export function openVerifyInput(
  path: string,
  options: VerifyReadOptions & Pick<ModulesDirectoryOptions, 'depmodConfig'>,
): VerifyInput {
  const { depmodConfig, kernel } = options;
  const release = kernel === undefined || typeof kernel === 'string' ? kernel : formatRelease(kernel);
  const directory = openModulesDirectory(path, { depmodConfig, release });
  const output = readDepmodOutput(directory.root);
  const at = (name: string) =>
    statSync(openable(`${directory.root}/${name}`), { throwIfNoEntry: false })?.isFile() ?? false;
  return {
    directory,
    output,
    lists: {
      order: directory.order,
      hasBuiltin: at('modules.builtin'),
      hasBuiltinModinfo: output.builtin !== undefined,
      hasBuiltinIndex: at('modules.builtin.bin') || at('modules.builtin.alias.bin'),
    },
    exists: (relative) => ['', ...MODULE_COMPRESSIONS.map((c) => `.${c}`)].some((end) => at(relative + end)),
    read: (modules) => readAndVerify(modules, options),
    readTables: (modules) => readModuleTables(modules, options),
  };
}
