import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseRelease, type Release } from '../../src/release.ts';
import { byVersion, hasPackage, hostArch, needProgram, openArchive, packageNames, unpackPackages } from './apt.ts';
import { keptFolder } from './cache.ts';
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
 * Fetches a release's modpost for a word size and byte order. Debian's 64-bit builds hold all four, but their 32-bit
 * ones take pointers as 8 bytes; those for a 32-bit kernel come from the architecture's own package, under qemu-user
 * where need be. Undefined if the archive has no such package or this machine cannot run what is in it.
 */
export function fetchModpost(source: KbuildSource, variant: Variant): Modpost | undefined {
  const folder = kbuildFolder(source);
  if (!folder) return undefined;
  const below = path.join(folder, 'usr/lib');
  const kbuild = readdirSync(below).find((d) => d.startsWith('linux-kbuild-'))!;
  const program = path.join(below, kbuild, 'scripts/mod', `modpost.real-${variant}`);
  if (!existsSync(program)) return undefined;
  const emulator = EMULATORS[source.arch];
  if (emulator) needProgram(emulator, 'qemu-user');
  for (const start of [() => [program], () => loader(source, program)]) {
    const command = emulator ? [emulator, ...start()] : start();
    if (starts(command)) return command;
  }
  return undefined;
}

function kbuildFolder({ suite, version, arch }: KbuildSource): string | undefined {
  const name = `linux-kbuild-${version}`;
  return keptFolder(['kbuild', `${suite}-${version}-${arch}`], (empty) =>
    [false, true].some((fresh) => {
      const archive = openArchive(suite, arch, fresh);
      return hasPackage(archive, name) && unpackPackages(archive, [name], empty);
    }),
  );
}

/**
 * The release that a linux-kbuild package was built from, with its point, which the package's name may lack: its
 * changelog tells.
 */
export function kbuildRelease(source: KbuildSource): Release {
  const changelog = path.join(
    kbuildFolder(source) ?? '',
    `usr/share/doc/linux-kbuild-${source.version}/changelog.Debian.gz`,
  );
  const version = /^linux[^ ]* \(([^)]+)\)/.exec(gunzipSync(readFileSync(changelog)).toString('latin1'))?.[1];
  if (version === undefined) throw new Error(`${changelog} does not begin with a version of linux`);
  return parseRelease(version);
}

/** The newest linux-kbuild version that a suite has for an architecture, beginning with `prefix`. */
export function newestKbuild(suite: string, arch: string, prefix: string): string | undefined {
  const names = packageNames(
    openArchive(suite, arch),
    `^linux-kbuild-${prefix.replaceAll('.', '\\.')}${prefix ? '([.+]|$)' : '[0-9]'}`,
  );
  const versions = names.map((name) => name.slice('linux-kbuild-'.length));
  return versions.sort(byVersion).at(-1);
}

/** getopt complains of an unknown option only if the program runs at all. */
function starts(command: Modpost): boolean {
  return run(command[0]!, [...command.slice(1), '-Y']).stderr.includes('invalid option');
}

/**
 * The program started through the C library of its own suite, for one that is newer than the machine's or of another
 * architecture.
 */
function loader(source: KbuildSource, program: string): Modpost {
  const suite = source.suite.replace(/-backports$/, '').replace(/^experimental$/, 'sid');
  const folder = keptFolder(['libc', `${suite}-${source.arch}`], (empty) =>
    [false, true].some((fresh) => unpackPackages(openArchive(suite, source.arch, fresh), ['libc6'], empty)),
  );
  if (!folder) throw new CannotRun(`the archive does not hold libc6 of ${suite} (${source.arch})`);
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
