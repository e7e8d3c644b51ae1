import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Why the tests cannot run here; the runner prints it and exits 2. */
export class CannotRun extends Error {}

/** Where kernels and drivers are kept between runs, outside the checkout. */
export function cacheDir(): string {
  return join(process.env.MODALIAS_CACHE ?? join(homedir(), '.cache', 'modalias'), 'vm');
}

/** Runs a program and gives its output; what it says on standard error is shown only if it fails. */
export function sh(program: string, args: readonly string[], options: { cwd?: string; input?: string } = {}): string {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      ...options,
    });
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    const tail = `${stdout}${stderr}`.trim().split('\n').slice(-8).join('\n');
    throw new Error(`${program} ${args.join(' ')}: ${tail || (error as Error).message}`);
  }
}

/** A program that must be there, and the Debian package that has it. */
const TOOLS: readonly (readonly [path: string, debian: string])[] = [
  ['/usr/bin/qemu-system-x86_64', 'qemu-system-x86'],
  ['/bin/busybox', 'busybox-static'],
  ['/bin/cpio', 'cpio'],
  ['/bin/kmod', 'kmod'],
];
const BUILD_TOOLS: readonly (readonly [path: string, debian: string])[] = [
  ['/usr/bin/gcc', 'gcc'],
  ['/usr/include/stdio.h', 'libc6-dev'],
  ['/usr/bin/make', 'make'],
  ['/usr/bin/xz', 'xz-utils'],
  ['/usr/lib/x86_64-linux-gnu/libelf.so.1', 'libelf1'],
];

/** Installs what is missing through apt-get, or says what to install. Building needs more than running. */
export function needTools(building: boolean): void {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new CannotRun(
      `these tests boot an x86-64 kernel on x86-64 Linux; this is ${process.arch} ${process.platform}`,
    );
  const missing = [...TOOLS, ...(building ? BUILD_TOOLS : [])].filter(([path]) => !existsSync(path)).map(([, p]) => p);
  if (missing.length === 0) return;
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0)
    throw new CannotRun(`these packages are missing, and only root with apt-get can add them: ${missing.join(' ')}`);
  const install = () => sh('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing]);
  try {
    install();
  } catch {
    try {
      sh('apt-get', ['update', '-qq']);
      install();
    } catch (error) {
      throw new CannotRun(`apt-get could not install ${missing.join(' ')}: ${(error as Error).message}`);
    }
  }
}
