import { readFileSync } from 'node:fs';
import { parseAliasText } from '../alias/alias-text.ts';
import type { IndexEntry } from '../alias/index-format.ts';
import { indexEntries, openIndex } from '../alias/index-reader.ts';
import { ModaliasError } from '../errors.ts';
import { openable, readablePath } from '../files/raw-path.ts';
import { unreadable } from '../files/read.ts';
import { type BuiltinAlias, parseBuiltinModinfo } from '../modules/builtin-modinfo.ts';
import { readOptional } from '../modules/modules-directory.ts';
import { type Finding, finding } from './finding.ts';

/** An index file: its entries, `absent`, `empty` (no byte), or what is wrong with it. */
export type IndexState = { readonly entries: readonly IndexEntry[] } | 'absent' | 'empty' | Finding;

/** The files beside the modules that verify looks at. */
export interface DepmodOutput {
  /** The lines of modules.alias; undefined where it is missing. */
  readonly text: ReturnType<typeof parseAliasText> | undefined;
  readonly index: IndexState;
  /** What modules.builtin.modinfo lists; undefined where it is missing. */
  readonly builtin: readonly BuiltinAlias[] | undefined;
  readonly builtinIndex: IndexState;
}

/** Reads the files of a modules directory (a raw path). Throws `unreadable`, except for an index that is damaged. */
export function readDepmodOutput(root: string): DepmodOutput {
  const text = readOptional(`${root}/modules.alias`);
  const builtin = readOptional(`${root}/modules.builtin.modinfo`);
  return {
    text: text === undefined ? undefined : parseAliasText(text),
    index: readIndexState(`${root}/modules.alias.bin`),
    builtin: builtin === undefined ? undefined : parseBuiltinModinfo(builtin),
    builtinIndex: readIndexState(`${root}/modules.builtin.alias.bin`),
  };
}

function readIndexState(path: string): IndexState {
  const file = readablePath(path);
  try {
    const bytes = readFileSync(openable(path));
    return bytes.length === 0 ? 'empty' : { entries: indexEntries(openIndex(bytes, file)) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    if (!(error instanceof ModaliasError)) throw unreadable(file, error);
    return finding('unreadable-index', error.message, { file });
  }
}
