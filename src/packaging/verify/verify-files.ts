import { ModaliasError } from '../../errors.ts';
import { INDEX_HEADER, type IndexEntry, NODE_OFFSET } from '../../index-file/index-format.ts';
import { indexEntries, openIndex } from '../../index-file/index-reader.ts';
import type { Trie } from '../../index-file/index-trie.ts';
import { writeTrie } from '../../index-file/index-writer.ts';
import { type BuiltinAlias, parseBuiltinModinfo } from '../../modules-directory/builtin-modinfo.ts';
import type { TreeFiles } from '../../modules-directory/tree-files.ts';
import { type Cause, cause } from '../finding.ts';

/** An index file's bytes, or `absent`, or `empty` (no byte). */
export type IndexState = Buffer | 'absent' | 'empty';

/** The files beside the modules that verify looks at. */
export interface DepmodOutput {
  /** modules.alias as latin1; undefined where it is missing. */
  readonly text: string | undefined;
  readonly index: IndexState;
  /** modules.builtin.modinfo as latin1, and the aliases in it; undefined where it is missing. */
  readonly modinfo: string | undefined;
  readonly builtin: readonly BuiltinAlias[] | undefined;
  readonly builtinIndex: IndexState;
}

/** Reads the files of a modules directory (a raw path). Throws what `files.read` throws. */
export function readDepmodOutput(root: string, files: TreeFiles): DepmodOutput {
  const read = (name: string) => files.read(`${root}/${name}`);
  const modinfo = read('modules.builtin.modinfo')?.toString('latin1');
  return {
    text: read('modules.alias')?.toString('latin1'),
    index: stateOf(read('modules.alias.bin')),
    modinfo,
    builtin: modinfo === undefined ? undefined : parseBuiltinModinfo(modinfo),
    builtinIndex: stateOf(read('modules.builtin.alias.bin')),
  };
}

function stateOf(bytes: Buffer | undefined): IndexState {
  if (!bytes) return 'absent';
  return bytes.length === 0 ? 'empty' : bytes;
}

/** Whether an index (a raw path) is there and has entries; a damaged one has not. */
export function hasEntries(files: TreeFiles, path: string): boolean {
  const bytes = files.read(path);
  const entries = bytes && readEntries(bytes, path);
  return entries !== undefined && !('rule' in entries) && entries.length > 0;
}

/** The entries of an index, or what is wrong with it. */
export function readEntries(bytes: Buffer, file: string): readonly IndexEntry[] | Cause {
  try {
    return indexEntries(openIndex(bytes, file));
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    return cause('unreadable-index', error.message, { file });
  }
}

/**
 * Whether an index is, byte for byte, what depmod of either layout makes of a trie: then nothing in it is worth a look.
 */
export function isIndexOf(bytes: Buffer, trie: Trie): boolean {
  if (bytes.length < INDEX_HEADER) return false;
  const layout = (bytes.readUInt32BE(8) & NODE_OFFSET) === INDEX_HEADER ? 'pre' : 'post';
  try {
    return writeTrie(trie, layout).equals(bytes);
  } catch (error) {
    if (error instanceof ModaliasError) return false;
    throw error;
  }
}
