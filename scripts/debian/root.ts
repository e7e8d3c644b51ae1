import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { hostArch, mirrorOf, needProgram } from './apt.ts';
import { keptFolder } from './cache.ts';
import { download } from './download.ts';
import { CannotRun, type Ran, run } from './run.ts';

/**
 * A root file system of a Debian suite that debootstrap made, with packages and what these depend on; made once and
 * kept in the cache under its suite and a hash of the packages. It needs root. Throws CannotRun where it cannot be made.
 */
export function debianRoot(suite: string, packages: readonly string[]): string {
  if (process.getuid?.() !== 0) throw new CannotRun('debootstrap and chroot need root');
  const hash = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 8);
  let why = '';
  const folder = keptFolder(['roots', `${suite}-${hostArch()}-${hash}`], (empty) => {
    needProgram('debootstrap', 'debootstrap');
    const made = download('debootstrap', ['--variant=minbase', suite, empty, mirrorOf()]);
    const install = [
      'apt-get',
      '-o',
      'APT::Sandbox::User=root',
      'install',
      '-y',
      '--no-install-recommends',
      ...packages,
    ];
    const filled = made.status === 0 ? download('chroot', [empty, ...install]) : made;
    why = lastLine(filled);
    rmSync(path.join(empty, 'var/cache/apt/archives'), { recursive: true, force: true });
    return filled.status === 0;
  });
  if (!folder) throw new CannotRun(`there is no ${suite} root with ${packages.join(' ')}: ${why}`);
  return folder;
}

/** Runs a program in a root. */
export function inRoot(root: string, command: readonly string[], options: { input?: string } = {}): Ran {
  return run('chroot', [root, ...command], options);
}

/** The same for programs that must succeed; answers with their output. */
export function mustInRoot(root: string, command: readonly string[], options: { input?: string } = {}): string {
  const ran = inRoot(root, command, options);
  if (ran.status === 0) return ran.stdout;
  throw new Error(`${command.slice(0, 3).join(' ')}: exit ${ran.status} in ${path.basename(root)}: ${lastLine(ran)}`);
}

const lastLine = ({ stdout, stderr }: Ran) => (stderr.trim() || stdout.trim()).split('\n').slice(-3).join(' / ');
