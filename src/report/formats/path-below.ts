import { statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';

/** Where a file is in a folder. */
export interface PlaceBelow {
  /** As seen from the folder: of the package, for a file in one. */
  readonly path: string;
  /** What the file is called in the package; null for one on disk. */
  readonly member: string | null;
}

/**
 * Where a file below a folder is: `x.ko`, `x.deb(lib/modules/R/x.ko)`, `x.deb/lib/modules/R/x.ko`. Undefined if it is
 * elsewhere, or neither it nor its folder is there.
 */
export function placeBelow(folder: string, file: string): PlaceBelow | undefined {
  const [, archive, inArchive] = /^(.*?)\((.*)\)$/s.exec(file) ?? [];
  if (archive && statOf(folder, archive)?.isFile()) return placed(folder, archive, inArchive!);
  return placed(folder, file, null);
}

function placed(folder: string, file: string, member: string | null): PlaceBelow | undefined {
  const path = relative(folder, resolve(folder, file));
  if (path === '' || isAbsolute(path) || path === '..' || path.startsWith(`..${sep}`)) return undefined;
  try {
    return statOf(folder, path) || statOf(folder, dirname(path)) ? { path, member } : undefined;
  } catch {
    // A part of the path is a file: a package.
    const above = placed(folder, dirname(path), null);
    return above && { ...above, member: path.slice(above.path.length + 1) };
  }
}

function statOf(folder: string, path: string) {
  return statSync(resolve(folder, path), { throwIfNoEntry: false });
}
