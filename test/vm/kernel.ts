import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { cacheFolder } from '../../scripts/debian/cache.ts';
import { fetchKernel, type Kernel as SuiteKernel } from '../../scripts/debian/kernel.ts';
import { CannotRun } from '../../scripts/debian/run.ts';
import { aptGet, needTools, sh } from './host.ts';

/** A kernel ready to boot. */
export interface Kernel {
  /** `6.1`, `6.12`, or the suite of Debian that it is from, such as `sid`. */
  readonly series: string;
  readonly release: string;
  readonly vmlinuz: string;
  /** Directory that holds lib/modules/RELEASE: the guest's modules with depmod's files. */
  readonly modules: string;
  /** Statically linked vfio-group. */
  readonly vfioGroup: string;
}

/** What the guest can load, with everything it depends on. */
const MODULES = ['vfio_pci', 'vfio_iommu_type1', 'pci_stub', 'pci_pf_stub', 'uio_pci_generic'].concat([
  'e1000e',
  'e1000',
  '8139cp',
  'nvme',
  'xhci_pci',
  'igb',
  'igbvf',
]);

const here = new URL('.', import.meta.url).pathname;
const VARIANT = join(here, 'variant');
const VFIO_GROUP = join(here, 'vfio-group.c');

/** Changes with whatever the kept files are made of. */
function recipe(): string {
  const hash = createHash('sha256').update(MODULES.join()).update(readFileSync(VFIO_GROUP));
  for (const file of readdirSync(VARIANT).sort()) hash.update(readFileSync(join(VARIANT, file)));
  return hash.digest('hex').slice(0, 12);
}

/**
 * The kernel of a series of the distribution, or the newest one of a suite of Debian, from the cache or fetched and
 * made ready. One of a suite comes without the variant driver: its headers need the suite's own compiler.
 */
export function prepareKernel(series: string): Kernel {
  const suite = /^[a-z]+$/.test(series) ? fetchKernel(`${series}:amd64`) : null;
  const dir = join(cacheFolder('vm'), `${suite?.release ?? series}-${recipe()}`);
  if (!existsSync(join(dir, 'release'))) {
    needTools(true);
    rmSync(dir, { recursive: true, force: true });
    const work = `${dir}.new`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    if (suite) copySuite(suite, work);
    else fetchSeries(series, work);
    renameSync(work, dir);
  }
  return {
    series,
    release: readFileSync(join(dir, 'release'), 'utf8'),
    vmlinuz: join(dir, 'vmlinuz'),
    modules: join(dir, 'guest'),
    vfioGroup: join(dir, 'vfio-group'),
  };
}

function copySuite({ packaged, indexed, release }: SuiteKernel, work: string): void {
  copyFileSync(join(packaged, 'vmlinuz'), join(work, 'vmlinuz'));
  collectModules(work, join(indexed, '../../..'), release, null);
  sh('gcc', ['-static', '-O1', '-o', join(work, 'vfio-group'), VFIO_GROUP]);
  writeFileSync(join(work, 'release'), release);
}

function fetchSeries(series: string, work: string): void {
  const release = newestRelease(series);
  const headers = `linux-headers-${release}`;
  const parts = sh('apt-cache', ['depends', headers]).match(/linux-(headers-\S+-common|kbuild-\S+)/g) ?? [];
  const unpacked = join(work, 'unpacked');
  mkdirSync(unpacked);
  for (const name of [`linux-image-${release}`, headers, ...new Set(parts)]) {
    aptGet(['-o', 'APT::Sandbox::User=root', 'download', '-qq', name], { cwd: work });
    const deb = readdirSync(work).find((file) => file.endsWith('.deb'))!;
    sh('dpkg-deb', ['-x', deb, unpacked], { cwd: work });
    rmSync(join(work, deb));
  }
  copyFileSync(join(unpacked, 'boot', `vmlinuz-${release}`), join(work, 'vmlinuz'));
  sh('gcc', ['-static', '-O1', '-o', join(work, 'vfio-group'), VFIO_GROUP]);
  const variant = buildVariant(work, unpacked, release);
  const lib = existsSync(join(unpacked, 'lib/modules')) ? unpacked : join(unpacked, 'usr');
  sh('depmod', ['-b', lib, release]);
  collectModules(work, lib, release, variant);
  rmSync(unpacked, { recursive: true });
  writeFileSync(join(work, 'release'), release);
}

/** The newest kernel of a series that the archive offers; its lists are fetched if nothing is known. */
function newestRelease(series: string): string {
  const name = new RegExp(`^linux-image-(${series.replace('.', '\\.')}\\.[\\w.+~-]+-amd64)$`);
  const search = () =>
    sh('apt-cache', ['pkgnames', `linux-image-${series}.`])
      .split('\n')
      .map((line) => name.exec(line)?.[1])
      .filter((release) => release !== undefined && !/rt-amd64|cloud|dbg|unsigned|16k/.test(release))
      .filter((release) => /Candidate: [^(\s]/.test(sh('apt-cache', ['policy', `linux-headers-${release}`])))
      .sort((a, b) => a!.localeCompare(b!, 'en', { numeric: true }))
      .at(-1);
  let found = search();
  if (!found) {
    aptGet(['update', '-qq']);
    found = search();
  }
  if (!found)
    throw new CannotRun(`the distribution's archive has no linux-image and linux-headers of ${series} for amd64`);
  return found;
}

/** The variant driver, built by the kernel's own makefiles: its modpost writes the alias. */
function buildVariant(work: string, unpacked: string, release: string): string {
  const headers = join(unpacked, 'usr/src', `linux-headers-${release}`);
  const makefile = join(headers, 'Makefile');
  writeFileSync(makefile, readFileSync(makefile, 'utf8').replace('include /', `include ${unpacked}/`));
  // with a vmlinux there the build asks for pahole
  rmSync(join(headers, 'vmlinux'), { force: true });
  const source = join(work, 'variant');
  cpSync(VARIANT, source, { recursive: true });
  sh('make', ['-s', '-C', headers, `M=${source}`, 'CC=gcc', 'modules']);
  return join(source, 'modalias_test_vfio_pci.ko');
}

/** What the guest can load of a root whose modules have an index, and the variant. */
function collectModules(work: string, lib: string, release: string, variant: string | null): void {
  const from = join(lib, 'lib/modules', release);
  const to = join(work, 'guest/lib/modules', release);
  const files = MODULES.flatMap((module) =>
    sh('modprobe', ['-D', '-S', release, '-d', lib, module])
      .split('\n')
      .map((line) => /^insmod (\S+)/.exec(line)?.[1])
      .filter((path) => path !== undefined),
  );
  for (const path of new Set(files)) {
    const at = join(to, relative(from, path));
    mkdirSync(dirname(at), { recursive: true });
    copyFileSync(path, at);
  }
  for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'])
    copyFileSync(join(from, name), join(to, name));
  if (variant !== null) {
    mkdirSync(join(to, 'updates'), { recursive: true });
    copyFileSync(variant, join(to, 'updates', basename(variant)));
  }
  sh('depmod', ['-b', join(work, 'guest'), release]);
}
