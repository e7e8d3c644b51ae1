import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { needObject, needText } from '../arguments.ts';
import type { Elf } from '../binary/elf.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { readablePath } from '../files/raw-path.ts';
import { systemReason } from '../files/reasons.ts';
import { type OutputFile, writeFiles } from '../files/write.ts';
import type { IndexLayout } from '../index-file/index-format.ts';
import { modinfoStrings, modinfoValues } from '../module/modinfo.ts';
import type { ModulesDirectory } from '../modules-directory/modules-directory.ts';
import type { OpenedModules } from '../modules-directory/open-modules.ts';
import { readModules } from '../modules-directory/read-modules.ts';
import { diskFiles } from '../modules-directory/tree-files.ts';
import type { FoundModule } from '../modules-directory/tree-scan.ts';
import { refuseWithoutLists } from '../modules-directory/wrong-directory.ts';
import { type IndexFiles, type ModuleAliases, makeIndexFiles } from './index-files.ts';

export interface BuildOptions {
  /** Order of the nodes: kmod up to 33 writes `post`, 34 and newer `pre`. There is no default: kernels differ. */
  readonly layout: IndexLayout;
  /** Modules in work at a time; does not change what comes out. Default: 4. */
  readonly workers?: number | undefined;
  /** Called after each module that was read. Default: nothing is called. */
  readonly onModule?: (() => void) | undefined;
}

/** The aliases of a module, in the order of its .modinfo. */
export const aliasesOf = (elf: Elf): string[] => modinfoValues(modinfoStrings(elf), 'alias');

/** Reads every module's aliases and makes the index files of a modules directory. Throws as `indexFilesOf`. */
export async function buildIndexFiles(directory: ModulesDirectory, options: BuildOptions): Promise<IndexFiles> {
  needObject('directory', directory, 'root', 'modules');
  needObject('options', options);
  const { workers } = options;
  const read = (modules: readonly FoundModule[]) =>
    readModules(
      modules.map(({ path }) => path),
      aliasesOf,
      { workers },
    );
  return indexFilesOf({ directory, files: diskFiles, read }, options);
}

/**
 * Makes the index files of modules whose aliases are read. A module that cannot be read has no aliases but keeps its
 * place, as with depmod, and is a warning. Throws what `makeIndexFiles` does, `unreadable` for modules.builtin.modinfo,
 * and `not-a-modules-directory` where there are neither modules nor lists.
 */
export async function indexFilesOf(
  { directory, files: tree, read }: Pick<OpenedModules<readonly string[]>, 'directory' | 'files' | 'read'>,
  { layout, onModule }: Omit<BuildOptions, 'workers'>,
): Promise<IndexFiles> {
  const modules: ModuleAliases[] = [];
  const diagnostics: Diagnostic[] = [];
  if (directory.modules.length === 0) {
    refuseWithoutLists(directory.root);
    diagnostics.push({
      code: 'no-modules',
      severity: 'warning',
      message:
        'it contains no kernel modules: the indexes are empty, as with depmod; expected a directory such as /lib/modules/RELEASE',
      file: readablePath(directory.root),
    });
  }
  for await (const { error, value } of read(directory.modules)) {
    const module = directory.modules[modules.length]!.name;
    modules.push({ module, aliases: value ?? [] });
    if (error) diagnostics.push(...error.problems.map((p) => ({ ...p, severity: 'warning' as const, module })));
    onModule?.();
  }
  const files = makeIndexFiles(
    modules,
    tree.read(`${directory.root}/modules.builtin.modinfo`)?.toString('latin1'),
    layout,
  );
  return { ...files, diagnostics: [...diagnostics, ...files.diagnostics] };
}

/**
 * Puts the three files into a directory, which is made if need be: all of them replace what was there or none does.
 * Answers with what was written. Throws `unwritable`.
 */
export async function writeIndexFiles(files: IndexFiles, outputDirectory: string): Promise<OutputFile[]> {
  needObject('files', files);
  needText('outputDirectory', outputDirectory);
  try {
    mkdirSync(outputDirectory, { recursive: true });
  } catch (error) {
    throw new ModaliasError('unwritable', `cannot create the directory: ${systemReason(error)}`, {
      file: outputDirectory,
    });
  }
  const written = [
    { path: join(outputDirectory, 'modules.alias'), data: files.aliasText },
    { path: join(outputDirectory, 'modules.alias.bin'), data: files.aliasIndex },
    { path: join(outputDirectory, 'modules.builtin.alias.bin'), data: files.builtinIndex },
  ];
  await writeFiles(written);
  return written;
}
