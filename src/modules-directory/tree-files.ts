import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { openable, readablePath } from '../files/raw-path.ts';
import { readInDirectory, statIfThere } from '../files/read-sync.ts';

export type FileKind = 'file' | 'directory' | 'symlink' | 'other';

/**
 * What is asked of the files of a modules directory, on disk or in packages. Paths are raw (files/raw-path.ts); errors
 * have the codes of node:fs.
 */
export interface TreeFiles {
  /** What a directory holds, in any order. */
  readonly entries: (directory: string) => { readonly name: string; readonly kind: FileKind }[];
  /** What a path leads to, links followed. */
  readonly follow: (path: string) => FileKind;
  /** Whether a path leads to a file; what cannot be read does not. */
  readonly isFile: (path: string) => boolean;
  /** The same place by a path without links. */
  readonly real: (path: string) => string;
  /**
   * A file's bytes; undefined where there is none. Throws `unreadable`, `not-a-file` and `too-big` for any other
   * trouble.
   */
  readonly read: (path: string) => Buffer | undefined;
  /** What messages call the file at a path. */
  readonly shown: (path: string) => string;
}

/** The files of this machine. */
export const diskFiles: TreeFiles = {
  entries: (directory) =>
    readdirSync(openable(directory), { withFileTypes: true, encoding: 'latin1' }).map((entry) => ({
      name: entry.name,
      kind: kindOf(entry),
    })),
  follow: (path) => kindOf(statSync(openable(path))),
  isFile: (path) => statIfThere(openable(path))?.isFile() ?? false,
  real: (path) => realpathSync.native(openable(path), 'latin1'),
  read: readInDirectory,
  shown: readablePath,
};

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FileKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : 'other';
}
