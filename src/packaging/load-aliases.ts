import { needObject, needText, needTexts } from '../arguments.ts';
import type { AliasIndex } from '../lookup/alias-index.ts';
import { type LoadOptions, openAliasIndex } from '../lookup/load.ts';
import { type KernelFolderOptions, needsFolder, openKernelFolder, pathOfRelease } from './kernel-folder.ts';

export type LoadKernelOptions = LoadOptions & KernelFolderOptions;

/**
 * Reads the aliases at `paths`: a modules directory, a modules.alias or a modules.alias.bin (by its `.bin` or its first
 * four bytes), a package (.deb, .rpm, tar), or several packages and directories laid over each other, later ones
 * winning file by file. A directory also answers for names of modules, symbols and what is built into the kernel; of
 * packages, and of several inputs, the aliases are made as `modalias build` makes them, and symbols are unknown. Throws
 * `unreadable`, `no-index` for a directory without aliases, `not-aliases` for another kind of file, if there is no text
 * beside it `bad-index`, and what `openKernelFolder` throws.
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
  return openAliasIndex(pathOfRelease(inputs[0]!, options.packagedRelease), options);
}
