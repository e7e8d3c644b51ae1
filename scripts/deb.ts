/**
 * Makes modalias_VERSION_all.deb of dist with dpkg-deb: npm run deb [-- FOLDER]. The same sources make the same bytes:
 * its times are SOURCE_DATE_EPOCH, or else the newest day in the changelog. DEBFULLNAME and DEBEMAIL name its
 * maintainer.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CannotRun, run, script } from './debian/run.ts';
import { type PackedFile, packedFiles } from './deb/contents.ts';
import { edition } from './man-pages.ts';

const { DEBFULLNAME = 'The modalias authors', DEBEMAIL = 'modalias@lists.invalid' } = process.env;

await script(async () => {
  const folder = process.argv[2] ?? '.';
  const packageJson = readFileSync('package.json', 'utf8');
  const { version, date } = edition(packageJson, readFileSync('CHANGELOG.md', 'utf8'), process.env.SOURCE_DATE_EPOCH);
  const day = new Date(`${date}T00:00:00Z`);
  const epoch = process.env.SOURCE_DATE_EPOCH || String(day.getTime() / 1000);
  const files = packedFiles(changelogOf(version, new Date(Number(epoch) * 1000)));
  const work = mkdtempSync(path.join(tmpdir(), 'modalias-deb-'));
  try {
    chmodSync(work, 0o755);
    for (const [name, file] of files) write(path.join(work, name), file);
    write(path.join(work, 'DEBIAN/control'), { data: Buffer.from(controlOf(version, files)), executable: false });
    write(path.join(work, 'DEBIAN/md5sums'), { data: Buffer.from(md5sumsOf(files)), executable: false });
    const deb = path.join(folder, `modalias_${version}_all.deb`);
    mkdirSync(folder, { recursive: true });
    process.env.SOURCE_DATE_EPOCH = epoch;
    const { status, stderr } = run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', work, deb]);
    if (status === 127) throw new CannotRun('dpkg-deb is not there (apt-get install dpkg)');
    if (status !== 0) throw new Error(`dpkg-deb exits ${status}: ${stderr}`);
    console.log(deb);
  } finally {
    rmSync(work, { recursive: true });
  }
  return true;
});

/** Writes a file with the modes of Debian policy 10.9, whatever the umask is. */
function write(name: string, file: PackedFile): void {
  for (let at = path.dirname(name), made = mkdirSync(at, { recursive: true }); made; at = path.dirname(at)) {
    chmodSync(at, 0o755);
    if (at === made) break;
  }
  if ('link' in file) {
    symlinkSync(file.link, name);
    return;
  }
  writeFileSync(name, file.data);
  chmodSync(name, file.executable ? 0o755 : 0o644);
}

function controlOf(version: string, files: ReadonlyMap<string, PackedFile>): string {
  const kib = [...files.values()].reduce(
    (sum, file) => sum + ('link' in file ? 1 : Math.ceil(file.data.length / 1024)),
    0,
  );
  return `Package: modalias
Version: ${version}
Architecture: all
Multi-Arch: foreign
Section: kernel
Priority: optional
Maintainer: ${DEBFULLNAME} <${DEBEMAIL}>
Installed-Size: ${kib}
Depends: nodejs (>= 20.19)
Provides: node-modalias (= ${version})
Suggests: kmod, pci.ids, usb.ids
Description: generate, build, verify and look up Linux modules.alias
 Turns the device id tables of Linux drivers into modules.alias lines exactly
 as modpost does, reads, builds and verifies the index files of depmod, and
 answers which module serves a device exactly as libkmod does.
 .
 It also compares kernels by the devices that gain or lose their driver,
 exports aliases for other programs, and plans, applies and undoes VFIO
 bindings.
`;
}

function changelogOf(version: string, date: Date): string {
  const [, week, day, month, year] = /^(\w+), (\d+) (\w+) (\d+)/.exec(date.toUTCString())!;
  const stamp = `${week}, ${day} ${month} ${year} ${date.toISOString().slice(11, 19)} +0000`;
  return `modalias (${version}) unstable; urgency=medium

  * See CHANGELOG.md.gz.

 -- ${DEBFULLNAME} <${DEBEMAIL}>  ${stamp}
`;
}

function md5sumsOf(files: ReadonlyMap<string, PackedFile>): string {
  return [...files]
    .flatMap(([name, file]) =>
      'link' in file ? [] : [`${createHash('md5').update(file.data).digest('hex')}  ${name}\n`],
    )
    .sort()
    .join('');
}
