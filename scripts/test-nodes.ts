/**
 * Runs the tests on the Node releases that the package supports, but for those that no release can change: npm run
 * test:nodes [-- MAJOR..]. The release that runs this script is left out: npm test has it.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { installNode } from './nodes.ts';

const SUPPORTED = ['20', '22', '24'];

for (const major of process.argv.length > 2 ? process.argv.slice(2) : SUPPORTED) {
  if (process.argv.length === 2 && process.versions.node.startsWith(`${major}.`)) continue;
  const node = installNode(major);
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`\nThe tests on Node ${version}`);
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const run = spawnSync(node, ['node_modules/vitest/vitest.mjs', 'run', '--mode', 'nodes'], { stdio: 'inherit', env });
  // What failed is said at the end of a run: thousands of lines of the next release would bury it.
  if (run.status !== 0) {
    console.error(`The tests failed on Node ${version}`);
    process.exit(1);
  }
}
