import { statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';

/**
 * The path of a file below a folder, as seen from there: of the package, for a file in one. Undefined if it is
 * elsewhere, or neither it nor its folder is there.
 */
export function pathBelow(folder: string, file: string): string | undefined {
  const path = relative(folder, resolve(folder, file));
  if (path === '' || isAbsolute(path) || path === '..' || path.startsWith(`..${sep}`)) return undefined;
  const kindOf = (part: string) => statSync(resolve(folder, part), { throwIfNoEntry: false });
  try {
    return kindOf(path) || kindOf(dirname(path)) ? path : undefined;
  } catch {
    // A part of the path is a file: a package.
    return pathBelow(folder, dirname(path));
  }
}
