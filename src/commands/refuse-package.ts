import { ModaliasError } from '../errors.ts';

const NAME = /\.(?:deb|rpm|tgz|tar(?:\.\w+)?)$/;

/**
 * Refuses packages for commands that do not read them: paths named as packages that hold one. Throws
 * `not-a-modules-directory`, and `unreadable`.
 */
export async function refusePackages(paths: readonly string[]): Promise<void> {
  for (const path of paths.filter((name) => NAME.test(name))) {
    const { isPackage } = await import('../package/open-package.ts');
    if (!(await isPackage(path))) continue;
    const unpack = path.endsWith('.deb') ? 'dpkg-deb -x' : path.endsWith('.rpm') ? 'rpm2archive' : 'tar -xf';
    const message = `is a package; unpack it (${unpack}) and name the lib/modules/RELEASE in it. modalias verify reads packages`;
    throw new ModaliasError('not-a-modules-directory', message, { file: path });
  }
}
