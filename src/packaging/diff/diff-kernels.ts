import { needObject, needText, needTexts } from '../../arguments.ts';
import { type Diagnostic, ModaliasError } from '../../errors.ts';
import { type Difference, diffSides } from './diff.ts';
import { readSide } from './read-side.ts';
import { withRows } from './rows.ts';
import { type Selection, select } from './select.ts';

export interface DiffKernelsOptions {
  /** Which kernel to take of OLD where its packages hold several. Default: they hold one. */
  readonly oldRelease?: string | undefined;
  /** Which kernel to take of NEW. Default: `oldRelease`. */
  readonly newRelease?: string | undefined;
  /** Which changes to keep. Default: all. */
  readonly select?: Selection | undefined;
  /** Whether to read the rows of id tables that make each pattern. Default: false. */
  readonly rows?: boolean | undefined;
  /** Receives warnings about modules and files. Default: they are dropped. */
  readonly diagnose?: ((diagnostic: Diagnostic) => void) | undefined;
}

/**
 * Which devices gain, lose or change their driver between two kernels. Each is a modules directory, a package (.deb,
 * .rpm, tar), a modules.alias, a modules.alias.bin or JSON id tables, or several of them laid over each other, later
 * ones winning. What is compared is what patterns match; what only one side tells (built-in code, modules without
 * aliases) is left out. Throws what reading the inputs throws: `unreadable`, `no-index`, `not-aliases`, `bad-package`,
 * `no-such-kernel`.
 */
export async function diffKernels(
  old: string | readonly string[],
  now: string | readonly string[],
  options: DiffKernelsOptions = {},
): Promise<Difference> {
  const [oldPaths, newPaths] = [pathsOf('old', old), pathsOf('now', now)];
  needObject('options', options);
  const { oldRelease, newRelease = oldRelease, rows, select: selection = {}, diagnose = () => {} } = options;
  const sides = [
    await readSide(oldPaths, { packagedRelease: oldRelease, rows, diagnose }),
    await readSide(newPaths, { packagedRelease: newRelease, rows, diagnose }),
  ] as const;
  return withRows(select(diffSides(...sides), selection, sides), ...sides);
}

function pathsOf(name: string, paths: string | readonly string[]): readonly string[] {
  if (Array.isArray(paths)) needTexts(name, paths);
  else needText(name, paths);
  const list = typeof paths === 'string' ? [paths] : paths;
  if (list.length > 0) return list;
  throw new ModaliasError('bad-argument', `${name}: found an empty array, expected at least one path`);
}
