/**
 * Runs the tests on the Node releases that the package supports: npm run test:nodes [-- MAJOR..]. The npm packages
 * node-PLATFORM-ARCH carry the binaries; they are kept outside the checkout and reused. The release that runs this
 * script is left out: npm test has it.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { keptFolder } from './debian/cache.ts';
import { download } from './debian/download.ts';

const SUPPORTED = ['20', '22', '24'];
const platform = process.platform === 'win32' ? 'win' : process.platform;

for (const major of process.argv.length > 2 ? process.argv.slice(2) : SUPPORTED) {
  if (process.argv.length === 2 && process.versions.node.startsWith(`${major}.`)) continue;
  const node = installNode(major);
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`\nThe tests on Node ${version}`);
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const run = spawnSync(node, ['node_modules/vitest/vitest.mjs', 'run'], { stdio: 'inherit', env });
  // What failed is said at the end of a run: thousands of lines of the next release would bury it.
  if (run.status !== 0) {
    console.error(`The tests failed on Node ${version}`);
    process.exit(1);
  }
}

/** The newest binary of a major release, downloaded where it is not there yet. */
function installNode(major: string): string {
  const name = `node-${platform}-${process.arch}`;
  const folder = keptFolder(['nodes', major], (prefix) => {
    const args = ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `${name}@${major}`];
    return download('npm', args).status === 0;
  });
  if (folder === undefined) throw new Error(`npm could not install ${name}@${major}`);
  return join(folder, 'node_modules', name, 'bin', 'node');
}
