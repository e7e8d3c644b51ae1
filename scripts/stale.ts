import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What dist is made of; a folder stands for all that is in it. */
const SOURCES = [
  'src',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'node_modules/.package-lock.json',
];

/** Whether a checkout's dist is not there, not whole, or older than a file or folder that it is made of. */
export function isStale(checkout = '.'): boolean {
  // One of the first files that the build writes, and one of the last.
  const [first, last] = ['dist/cli.js', 'dist/schema.json'].map((file) => join(checkout, file));
  if (!existsSync(first!) || !existsSync(last!)) return true;
  const built = statSync(first!).mtimeMs;
  const newer = (path: string): boolean => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return false;
    return stat.mtimeMs > built || (stat.isDirectory() && readdirSync(path).some((name) => newer(join(path, name))));
  };
  return SOURCES.some((source) => newer(join(checkout, source)));
}
