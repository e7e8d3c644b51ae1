import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { STDIN } from '../../files/read.ts';
import { statIfThere } from '../../files/read-sync.ts';

/** Where a file is in a folder. */
export interface PlaceBelow {
  /** As seen from the folder: of the package, for a file in one. */
  readonly path: string;
  /** What the file is called in the package; null for one on disk. */
  readonly member: string | null;
}

/**
 * Where a file below a folder is: `x.ko`, `x.deb(lib/modules/R/x.ko)`, `x.deb/lib/modules/R/x.ko`. Undefined if it is
 * elsewhere, or neither it nor its folder is there, and for standard input.
 */
export function placeBelow(folder: string, file: string): PlaceBelow | undefined {
  if (file === '-') return undefined;
  const [, archive, inArchive] = /^(.*?)\((.*)\)$/s.exec(file) ?? [];
  if (archive && statIfThere(resolve(folder, archive))?.isFile()) return placed(folder, archive, inArchive!);
  return placed(folder, file, null);
}

function placed(folder: string, file: string, member: string | null): PlaceBelow | undefined {
  const path = relative(folder, resolve(folder, file));
  if (path === '' || isAbsolute(path) || path === '..' || path.startsWith(`..${sep}`)) return undefined;
  if (statIfThere(resolve(folder, path))) return { path, member };
  if (file === STDIN) return undefined;
  let above = dirname(path);
  let stat = statIfThere(resolve(folder, above));
  if (stat?.isDirectory()) return { path, member };
  for (; !stat && above !== '.'; stat = statIfThere(resolve(folder, above))) above = dirname(above);
  // A part of the path is a file: a package.
  return stat?.isFile() ? { path: above, member: path.slice(above.length + 1) } : undefined;
}
