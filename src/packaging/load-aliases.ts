import { needObject, needText, needTexts } from '../arguments.ts';
import type { AliasIndex } from '../lookup/alias-index.ts';
import { type LoadOptions, openAliasIndex } from '../lookup/load.ts';
import {
  type KernelFolderOptions,
  needsFolder,
  openKernelFolder,
  openUnindexed,
  pathOfRelease,
} from './kernel-folder.ts';

export type LoadKernelOptions = LoadOptions & KernelFolderOptions;

/**
 * Reads the aliases at `paths`: a modules directory, a modules.alias or a modules.alias.bin (by its `.bin` or its first
 * four bytes), a package (.deb, .rpm, tar), or several packages and directories laid over each other, later ones
 * winning file by file. A directory also answers for names of modules, symbols and what is built into the kernel; of
 * packages, of several inputs and of a directory in which depmod has not run, the aliases are made as `modalias build`
 * makes them, and symbols are unknown. Throws `unreadable`, `no-index` for a directory without aliases and
 * modules, `not-aliases` for another kind of file, if there is no text beside it `bad-index`, and what
 * `openKernelFolder` throws.
 */
export async function loadAliasIndex(
  paths: string | readonly string[],
  options: LoadKernelOptions = {},
): Promise<AliasIndex> {
  if (Array.isArray(paths)) needTexts('paths', paths);
  else needText('path', paths);
  needObject('options', options);
  const inputs = typeof paths === 'string' ? [paths] : paths;
  if (await needsFolder(inputs)) return openAliasIndex(await openKernelFolder(inputs, options), options);
  const path = inputs[0]!;
  try {
    return openAliasIndex(pathOfRelease(path, options.packagedRelease), options);
  } catch (error) {
    return openAliasIndex(await openUnindexed(path, error, options), options);
  }
}
