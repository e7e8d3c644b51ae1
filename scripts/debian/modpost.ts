import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hasPackage, hostArch, needProgram, openArchive, unpackPackages } from './apt.ts';
import { cacheFolder } from './cache.ts';
import { CannotRun, run } from './run.ts';

/** A runnable modpost: the program and the arguments that start it. */
export type Modpost = readonly string[];

/** Debian's modpost for word size and byte order, as the package's files spell it. */
export type Variant = 'lsb-64' | 'msb-64' | 'lsb-32' | 'msb-32';

/** A linux-kbuild package in the archive: that of a kernel's release, built for an architecture. */
export interface KbuildSource {
  readonly suite: string;
  /** `6.1`, `6.12.117+deb12`, ...: what follows `linux-kbuild-`. */
  readonly version: string;
  readonly arch: string;
}

/** Emulators of qemu-user by Debian architecture; an architecture that is not here runs on the machine itself. */
const EMULATORS: Readonly<Record<string, string>> = { armhf: 'qemu-arm', armel: 'qemu-arm', mipsel: 'qemu-mipsel' };

/** The linux-kbuild versions that fit a kernel image such as `linux-image-6.1.0-56-amd64`, likeliest first. */
export function kbuildVersions(image: string): string[] {
  const full = /^linux-image-(\d+\.\d+(?:\.\d+)?(?:\+\w+(?:\.\d+)?)?)/.exec(image)?.[1];
  const short = /^linux-image-(\d+\.\d+)/.exec(image)?.[1];
  return [...new Set([full, short].filter((v) => v !== undefined))];
}

/**
 * Fetches a release's modpost for a word size and byte order. Debian's 64-bit builds hold all four, but their 32-bit ones take
 * pointers as 8 bytes; those for a 32-bit kernel come from the architecture's own package, under qemu-user where need be.
 * Undefined if the archive has no such package.
 */
export function fetchModpost(source: KbuildSource, variant: Variant): Modpost | undefined {
  const folder = cacheFolder('kbuild', `${source.suite}-${source.version}-${source.arch}`);
  const done = path.join(folder, 'ready');
  if (!existsSync(done)) {
    const archive = openArchive(source.suite, source.arch);
    const name = `linux-kbuild-${source.version}`;
    const got = hasPackage(archive, name) && unpackPackages(archive, [name], folder);
    const retry =
      got ||
      (hasPackage(openArchive(source.suite, source.arch, true), name) && unpackPackages(archive, [name], folder));
    if (!retry) return undefined;
    writeFileSync(done, '');
  }
  const below = path.join(folder, 'usr/lib');
  const kbuild = readdirSync(below).find((d) => d.startsWith('linux-kbuild-'))!;
  const program = path.join(below, kbuild, 'scripts/mod', `modpost.real-${variant}`);
  if (!existsSync(program)) return undefined;
  const emulator = EMULATORS[source.arch];
  if (emulator) needProgram(emulator, 'qemu-user');
  for (const command of [[program], loader(source, program)]) {
    const whole = emulator ? [emulator, ...command] : command;
    if (starts(whole)) return whole;
  }
  throw new CannotRun(`modpost of linux-kbuild-${source.version} (${source.arch}) does not start on this machine`);
}

/** getopt complains of an unknown option only if the program runs at all. */
function starts(command: Modpost): boolean {
  return run(command[0]!, [...command.slice(1), '-Y']).stderr.includes('invalid option');
}

/** The program started through the C library of its own suite, for one that is newer than the machine's or of another architecture. */
function loader(source: KbuildSource, program: string): Modpost {
  const folder = cacheFolder('libc', `${source.suite}-${source.arch}`);
  const done = path.join(folder, 'ready');
  if (!existsSync(done)) {
    rmSync(folder, { recursive: true, force: true });
    const suite = source.suite.replace(/-backports$/, '');
    if (
      !unpackPackages(openArchive(suite, source.arch), ['libc6'], cacheFolder('libc', `${source.suite}-${source.arch}`))
    )
      throw new CannotRun(`the archive does not hold libc6 of ${suite} (${source.arch})`);
    writeFileSync(done, '');
  }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const loaderFile = files.find((f) => /(^|\/)ld(-linux[^/]*)?\.so\.\d+$/.test(f));
  const libc = files.find((f) => /(^|\/)libc\.so\.6$/.test(f));
  if (!loaderFile || !libc) throw new CannotRun(`libc6 of ${source.suite} (${source.arch}) has no dynamic loader`);
  return [path.join(folder, loaderFile), '--library-path', path.join(folder, path.dirname(libc)), program];
}

/** The package whose modpost serves a machine's modules: the host's own for 64 bits, the architecture's for 32. */
export function kbuildArch(arch: string, wordSize: 4 | 8): string {
  return wordSize === 8 ? hostArch() : arch;
}
