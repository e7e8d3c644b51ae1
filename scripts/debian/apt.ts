import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './cache.ts';
import { download } from './download.ts';
import { CannotRun, mustRun, run } from './run.ts';

/** One suite of the Debian archive for one architecture, with apt's state kept apart from the machine's own. */
export interface Archive {
  readonly suite: string;
  readonly arch: string;
  /** Its sources.list. */
  readonly sources: string;
  readonly options: readonly string[];
}

const NO_DEBIAN = 'kernels and modpost come from the Debian archive through apt and dpkg, which are not here';

/** The machine's own Debian architecture, such as `amd64`. */
export function hostArch(): string {
  const { status, stdout } = run('dpkg', ['--print-architecture']);
  if (status !== 0) throw new CannotRun(NO_DEBIAN);
  return stdout.trim();
}

/**
 * A suite (`bookworm`, `sid`; security updates included) as the machine's own mirror offers it; `bookworm-backports`
 * comes with `bookworm`. Lists are fetched on first use. Throws CannotRun where there is no apt, or no Debian mirror in
 * its sources.
 */
export function openArchive(suite: string, arch: string, fresh = false): Archive {
  const folder = cacheFolder('apt', `${suite}-${arch}`);
  const sources = path.join(folder, 'sources.list');
  const archive = { suite, arch, sources, options: aptOptions(folder, arch) };
  const ready = path.join(folder, 'ready');
  if (existsSync(ready) && !fresh) return archive;
  rmSync(path.join(folder, 'lists'), { recursive: true, force: true });
  for (const d of ['lists/partial', 'cache/archives/partial']) mkdirSync(path.join(folder, d), { recursive: true });
  const { main, security } = mirrors();
  const line = (site: string, name: string) =>
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${site} ${name} main\n`;
  const base = suite.endsWith('-backports') ? line(main, suite.replace('-backports', '')) : '';
  const updates = security && !/^(sid|unstable|experimental)$|-/.test(suite) ? line(security, `${suite}-security`) : '';
  for (const text of updates ? [line(main, suite) + updates, line(main, suite)] : [line(main, suite) + base]) {
    writeFileSync(sources, text);
    // By itself apt-get calls it a success when it could not fetch some of the lists.
    const strict = ['-o', 'APT::Update::Error-Mode=any', 'update'];
    if (download('apt-get', [...archive.options, ...strict]).status === 0) break;
  }
  if (!readdirSync(path.join(folder, 'lists')).some((f) => f.includes('Packages')))
    throw new CannotRun(`apt could not fetch the package lists of ${suite} (${arch}); is the network there?`);
  writeFileSync(ready, '');
  return archive;
}

function aptOptions(folder: string, arch: string): string[] {
  return [
    `APT::Architecture=${arch}`,
    `APT::Architectures=${arch}`,
    `Dir::Etc::sourcelist=${folder}/sources.list`,
    'Dir::Etc::sourceparts=/nonexistent',
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    'Dir::State::status=/dev/null',
    'APT::Sandbox::User=root',
  ].flatMap((o) => ['-o', o]);
}

/** The archives that the machine's own sources name. */
function mirrors(): { main: string; security: string | undefined } {
  if (run('apt-get', ['--version']).status !== 0) throw new CannotRun(NO_DEBIAN);
  const os = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(os)?.[1] ?? 'sid';
  const sites = () => {
    const targets = run('apt-get', ['indextargets', '--format', '$(SITE) $(CODENAME)']).stdout.split('\n');
    const site = (name: string) => targets.find((t) => t.endsWith(` ${name}`))?.split(' ')[0];
    return { main: site(codename), security: site(`${codename}-security`) };
  };
  let found = sites();
  if (!found.main) {
    download('apt-get', ['update']);
    found = sites();
  }
  if (!/^ID=debian$/m.test(os) || !found.main)
    throw new CannotRun('this needs a Debian machine whose apt sources name a Debian mirror; none was found');
  return { main: found.main, security: found.security };
}

/** The mirror of Debian that the machine's own sources name. Throws CannotRun where there is none. */
export function mirrorOf(): string {
  return mirrors().main;
}

/** Names of the archive's packages that match an extended regular expression, in apt's order. */
export function packageNames(archive: Archive, pattern: string): string[] {
  const out = mustRun('apt-cache', [...archive.options, 'search', '--names-only', pattern]);
  return out.split('\n').flatMap((l) => l.split(' ')[0] || []);
}

/** Orders names by the numbers in them, the oldest version first. */
export function byVersion(a: string, b: string): number {
  const padded = (name: string) => name.replace(/\d+/g, (n) => n.padStart(8, '0'));
  return padded(a) < padded(b) ? -1 : 1;
}

/**
 * Whether the archive's lists know a version of a package. apt takes a name with a dot for a pattern if nothing is
 * called so.
 */
export function hasPackage(archive: Archive, name: string): boolean {
  const { stdout } = run('apt-cache', [...archive.options, 'policy', name]);
  return stdout.startsWith(`${name}:\n`) && /Candidate: [^(]/.test(stdout);
}

/** Downloads packages and unpacks them under `into`. False if the archive's pool no longer holds one of them. */
export function unpackPackages(archive: Archive, names: readonly string[], into: string): boolean {
  const debs = path.join(into, '.debs');
  mkdirSync(debs, { recursive: true });
  try {
    const fetch = (asked: string) =>
      download('apt-get', [...archive.options, 'download', asked], { cwd: debs }).status === 0;
    // a pool may have dropped the newest version that its lists still name, and hold an older one
    const got = names.every((name) => [name, ...versions(archive, name).map((v) => `${name}=${v}`)].some(fetch));
    for (const deb of got ? readdirSync(debs) : []) mustRun('dpkg-deb', ['-x', path.join(debs, deb), into]);
    return got;
  } finally {
    rmSync(debs, { recursive: true, force: true });
  }
}

/**
 * Unpacks under `into` packages of an archive and what they depend on and this machine does not have. Nothing is
 * installed. False if apt does not know them, or cannot fetch them.
 */
export function unpackWithDependencies(
  archive: Archive,
  names: readonly string[],
  into: string,
  needed: (deb: string) => boolean = () => true,
): boolean {
  const debs = path.join(into, '.debs');
  mkdirSync(path.join(debs, 'partial'), { recursive: true });
  try {
    const here = ['-o', `Dir::Cache::archives=${debs}`, '-o', 'Dir::State::status=/var/lib/dpkg/status'];
    const install = ['install', '--download-only', '--no-install-recommends', '-y', '-t', archive.suite, ...names];
    if (download('apt-get', [...archive.options, ...here, ...install]).status !== 0) return false;
    for (const deb of readdirSync(debs))
      if (deb.endsWith('.deb') && needed(deb)) mustRun('dpkg-deb', ['-x', path.join(debs, deb), into]);
    return true;
  } finally {
    rmSync(debs, { recursive: true, force: true });
  }
}

function versions(archive: Archive, name: string): string[] {
  const { stdout } = run('apt-cache', [...archive.options, 'madison', name]);
  return stdout
    .split('\n')
    .flatMap((line) => line.split('|')[1]?.trim() ?? [])
    .slice(1);
}

/** Installs packages that hold a program, if it is not there yet. */
export function needProgram(program: string, ...packages: string[]): void {
  if (run('sh', ['-c', `command -v ${program}`]).status === 0) return;
  installPackages(packages, `${program} is not there`);
}

/** Installs Debian packages on this machine, updating its lists if need be. */
export function installPackages(packages: readonly string[], why: string): void {
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  // Where the lists are missing or old another try is of no use before they are there.
  if (run('apt-get', install).status === 0) return;
  download('apt-get', ['update']);
  const { status, stderr } = download('apt-get', install);
  if (status !== 0)
    throw new CannotRun(
      `${why}, and apt-get install ${packages.join(' ')} failed: ${stderr.trim().split('\n').at(-1)}`,
    );
}
