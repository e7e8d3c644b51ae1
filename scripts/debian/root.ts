import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { hostArch, mirrorOf, needProgram } from './apt.ts';
import { keptFolder } from './cache.ts';
import { download } from './download.ts';
import { CannotRun, mustRun, type Ran, run } from './run.ts';

/**
 * A root file system of a Debian suite that debootstrap made, with packages and what these depend on; made once and
 * kept in the cache under its suite and a hash of the packages. Needs root. Throws CannotRun where it cannot be made.
 */
export function debianRoot(suite: string, packages: readonly string[]): string {
  if (process.getuid?.() !== 0) throw new CannotRun('debootstrap and chroot need root');
  let why = '';
  const folder = keptFolder(['roots', `${suite}-${hostArch()}-${hashOf(packages.join(' '))}`], (empty) => {
    needProgram('debootstrap', 'debootstrap');
    const made = download('debootstrap', ['--variant=minbase', suite, empty, mirrorOf()]);
    const apt = ['apt-get', '-o', 'APT::Sandbox::User=root', 'install', '-y', '--no-install-recommends'];
    const filled = made.status === 0 ? download('chroot', [empty, ...apt, ...packages]) : made;
    why = lastLines(filled);
    rmSync(path.join(empty, 'var/cache/apt/archives'), { recursive: true, force: true });
    return filled.status === 0;
  });
  if (!folder) throw new CannotRun(`there is no ${suite} root with ${packages.join(' ')}: ${why}`);
  return folder;
}

/** Runs a task in a copy of a root, hard links to its files, which it may add to; it is removed afterwards. */
export async function inCopyOf<T>(root: string, task: (copy: string) => T | Promise<T>): Promise<T> {
  const copy = `${root}.${process.pid}`;
  try {
    mustRun('cp', ['-al', root, copy]);
    return await task(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Runs a program in a root, with nothing of this machine's environment. */
export function inRoot(root: string, command: readonly string[], options: { input?: string } = {}): Ran {
  return run('chroot', [root, 'env', '-i', `PATH=${PATH}`, 'HOME=/root', 'LC_ALL=C', ...command], options);
}

/** The same for programs that must succeed; answers with their output. */
export function mustInRoot(root: string, command: readonly string[], options: { input?: string } = {}): string {
  const ran = inRoot(root, command, options);
  if (ran.status === 0) return ran.stdout;
  throw new Error(`${command.slice(0, 3).join(' ')}: exit ${ran.status} in ${path.basename(root)}: ${lastLines(ran)}`);
}

/**
 * The path, in a copy of a root, of the program that a source makes there; compiled once and kept in the root itself.
 */
export function compiledIn(root: string, copy: string, source: string, compile: readonly string[]): string {
  const program = `/usr/local/bin/modalias-${hashOf(readFileSync(source, 'latin1') + compile.join(' '))}`;
  if (existsSync(path.join(copy, program))) return program;
  const inside = `/tmp/${path.basename(source)}`;
  mkdirSync(path.join(copy, 'tmp'), { recursive: true });
  copyFileSync(source, path.join(copy, inside));
  mustInRoot(copy, ['sh', '-c', [...compile, '-o', program, inside].join(' ')]);
  mustRun('cp', [path.join(copy, program), path.join(root, `${program}.${process.pid}`)]);
  mustRun('mv', [path.join(root, `${program}.${process.pid}`), path.join(root, program)]);
  return program;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);
const lastLines = ({ stdout, stderr }: Ran) => (stderr.trim() || stdout.trim()).split('\n').slice(-3).join(' / ');
