import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** What dist is made of; a folder stands for all that is in it. */
const SOURCES = [
  'src',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'node_modules/.package-lock.json',
];

/**
 * A test file with one of these compares with a program or a library of the machine, and skips where that is not there.
 */
const COMPARES = /support\/(compile-c|depmod|libkmod)\.ts'/;

const INSTALL = 'To compare: apt-get install kmod libkmod-dev gcc libc6-dev';

/**
 * Runs before all tests: builds anew where dist is older than what it is made of, so that no test starts an old build.
 * Runs after them: says which files compared with nothing, for depmod or libkmod are not installed.
 */
export default function setup(project: TestProject): () => void {
  if (isStale()) execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build.ts'], { stdio: 'inherit' });
  return () => {
    const skipped = project.vitest.state
      .getTestModules()
      .filter((module) => [...module.children.allTests('skipped')].length > 0)
      .filter((module) => COMPARES.test(readFileSync(module.moduleId, 'utf8')))
      .map((module) => module.relativeModuleId);
    if (skipped.length > 0) console.log(`Not compared with kmod and the C library: ${skipped.join(', ')}. ${INSTALL}`);
  };
}

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
