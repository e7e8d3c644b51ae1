import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { isStale } from '../scripts/stale.ts';

/**
 * A test file with one of these compares with a program or a library of the machine, and skips where that is not there.
 */
const COMPARES = /support\/(compile-c|depmod|libkmod)\.ts'/;

const INSTALL = 'To compare: apt-get install kmod libkmod-dev gcc libc6-dev';

/**
 * Runs before all tests: builds again where dist is older than what it is made of, so that no test starts an old build,
 * and makes a folder for the temporary files of all. Runs after them: removes it, and says which files compared with
 * nothing, for depmod or libkmod are not installed.
 */
export default function setup(project: TestProject): () => void {
  if (isStale()) execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build.ts'], { stdio: 'inherit' });
  // A short name: what prints paths in 80 columns is tested too.
  const folder = mkdtempSync(join(tmpdir(), 'm-'));
  process.env.TMPDIR = folder;
  // Each Node that a test starts would read these certificates before anything else; only npm asks a server.
  process.env.NPM_EXTRA_CA_CERTS = process.env.NODE_EXTRA_CA_CERTS ?? '';
  delete process.env.NODE_EXTRA_CA_CERTS;
  return () => {
    rmSync(folder, { recursive: true, force: true });
    const skipped = project.vitest.state
      .getTestModules()
      .filter((module) => [...module.children.allTests('skipped')].length > 0)
      .filter((module) => COMPARES.test(readFileSync(module.moduleId, 'utf8')))
      .map((module) => module.relativeModuleId);
    if (skipped.length > 0) console.log(`Not compared with kmod and the C library: ${skipped.join(', ')}. ${INSTALL}`);
  };
}
