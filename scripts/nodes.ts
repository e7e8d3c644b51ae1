import { join } from 'node:path';
import { keptFolder } from './debian/cache.ts';
import { download } from './debian/download.ts';

const platform = process.platform === 'win32' ? 'win' : process.platform;

/**
 * The newest binary of a major release of Node, downloaded where it is not there yet: the npm packages
 * node-PLATFORM-ARCH carry them. They are kept outside the checkout and reused.
 */
export function installNode(major: string): string {
  const name = `node-${platform}-${process.arch}`;
  const folder = keptFolder(['nodes', major], (prefix) => {
    const args = ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `${name}@${major}`];
    return download('npm', args).status === 0;
  });
  if (folder === undefined) throw new Error(`npm could not install ${name}@${major}`);
  return join(folder, 'node_modules', name, 'bin', 'node');
}
