import { basename, join, resolve } from 'node:path';
import { rawPath } from '../files/raw-path.ts';
import { readInDirectory } from '../files/read-sync.ts';

/** The files of a modules directory that answer lookups, on disk or made of packages. */
export interface IndexFolder {
  /** What the directory is called; where it is, if it is on disk. */
  readonly path: string;
  readonly onDisk: boolean;
  readonly release: string;
  /** The bytes of a file by its name; undefined where there is none. Throws what `readInDirectory` throws. */
  readonly read: (name: string) => Buffer | undefined;
}

export function folderOnDisk(path: string): IndexFolder {
  return {
    path,
    onDisk: true,
    release: basename(resolve(path)),
    read: (name) => readInDirectory(rawPath(join(path, name))),
  };
}
