import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { installPackages } from '../../scripts/debian/apt.ts';
import { download } from '../../scripts/debian/download.ts';
import { CannotRun } from '../../scripts/debian/run.ts';

/** Downloads through apt-get, trying again where that may help. Throws CannotRun where it fails. */
export function aptGet(args: readonly string[], options: { cwd?: string } = {}): void {
  const { status, stderr } = download('apt-get', args, options);
  if (status !== 0) throw new CannotRun(`apt-get ${args.join(' ')}: ${stderr.trim().split('\n').at(-1)}`);
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
  installPackages(missing, 'some programs are missing');
}
