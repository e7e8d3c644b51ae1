/**
 * Reads what `export` writes back with the programs that it is for: npm run test:export [-- KEYS] [FORMAT..]. They run
 * in a Debian sid root that debootstrap makes in the cache outside the checkout, as root. Prints `ok` and `FAIL` lines;
 * exits 0 or 1, and 2 where it cannot run.
 */
import { fetchKernel } from './debian/kernel.ts';
import { debianRoot, inCopyOf } from './debian/root.ts';
import { CannotRun, script } from './debian/run.ts';
import { appstream } from './export/appstream.ts';
import { questionsOf } from './export/exported.ts';
import { initramfs } from './export/initramfs.ts';
import type { Reader } from './export/reader.ts';
import { rpmSuse } from './export/rpm-suse.ts';

const KERNEL = 'bookworm:amd64:6.12';
const READERS: readonly Reader[] = [appstream, rpmSuse, initramfs];
/** libappstream takes ten milliseconds for a key; in CI there are fewer. */
const KEYS = 10_000;
/** The programs, and what the two of ours are compiled with. appstreamcli before 1.1.5 matches no wildcards. */
const PACKAGES =
  'appstream dracut-core initramfs-tools-core isenkram-cli libappstream-dev libzypp-dev libsolv-dev libsolvext-dev rpm gcc g++ pkgconf kmod zstd cpio'.split(
    ' ',
  );

await script(async () => {
  const args = process.argv.slice(2);
  const names = args.filter((arg) => !/^\d+$/.test(arg));
  const unknown = names.find((name) => !READERS.some((reader) => reader.name === name));
  if (unknown !== undefined)
    throw new CannotRun(`'${unknown}' is not a format; expected ${READERS.map(({ name }) => name).join(', ')}`);
  const root = debianRoot('sid', PACKAGES);
  const questions = questionsOf(fetchKernel(KERNEL), Number(args.find((arg) => /^\d+$/.test(arg)) ?? KEYS));
  let good = true;
  for (const { name, check } of READERS.filter((reader) => names.length === 0 || names.includes(reader.name))) {
    const started = Date.now();
    const { failures, figure } = await inCopyOf(root, (copy) => check(root, copy, questions));
    for (const failure of failures.slice(0, 10)) console.log(`FAIL ${name}: ${failure}`);
    if (failures.length > 10) console.log(`FAIL ${name}: and ${failures.length - 10} more`);
    if (failures.length === 0) console.log(`ok ${name}: ${figure} (${Math.round((Date.now() - started) / 1000)} s)`);
    good = good && failures.length === 0;
  }
  return good;
});
