/**
 * Reads what `export` writes back with the programs that it is for: npm run test:export [-- KEYS] [FORMAT..]. They run
 * in a Debian sid root that debootstrap makes in the cache outside the checkout, as root. Prints `ok` and `FAIL` lines;
 * exits 0 or 1, and 2 where it cannot run.
 */
import { fetchKernel } from './debian/kernel.ts';
import { debianRoot, inCopyOf } from './debian/root.ts';
import { CannotRun, script } from './debian/run.ts';
import { appstream } from './export/appstream.ts';
import { type Questions, questionsOf } from './export/exported.ts';
import { initramfs } from './export/initramfs.ts';
import type { Reader } from './export/reader.ts';
import { rpmSuse } from './export/rpm-suse.ts';

/** Each reader with the kernels whose modules it is asked about. */
const READERS: readonly (readonly [Reader, ...string[]])[] = [
  [appstream, 'bookworm:amd64:6.12'],
  [rpmSuse, 'bookworm:amd64:6.12'],
  [initramfs, 'bookworm:amd64:6.12', 'bookworm:amd64:6.1'],
];
/** isenkram takes sixty milliseconds for a key, libappstream ten; in CI there are fewer. */
const KEYS = 10_000;
/** The programs, and what the two of ours are compiled with. appstreamcli before 1.1.5 matches no wildcards. */
const PACKAGES =
  'appstream dracut-core initramfs-tools-core isenkram-cli libappstream-dev libzypp-dev libsolv-dev libsolvext-dev rpm gcc g++ pkgconf kmod zstd cpio'.split(
    ' ',
  );

await script(async () => {
  const args = process.argv.slice(2);
  const names = args.filter((arg) => !/^\d+$/.test(arg));
  const known = READERS.map(([{ name }]) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new CannotRun(`'${unknown}' is not a format; expected ${known.join(', ')}`);
  const root = debianRoot('sid', PACKAGES);
  const count = Number(args.find((arg) => /^\d+$/.test(arg)) ?? KEYS);
  const asked = new Map<string, Questions>();
  const questions = (kernel: string) =>
    asked.get(kernel) ?? asked.set(kernel, questionsOf(fetchKernel(kernel), count)).get(kernel)!;
  return inCopyOf(root, (copy) => {
    let good = true;
    for (const [{ name, check }, ...kernels] of READERS)
      for (const kernel of names.length === 0 || names.includes(name) ? kernels : []) {
        const started = Date.now();
        const { failures, figure } = check(root, copy, questions(kernel));
        const what = `${name} of ${kernel}`;
        for (const failure of failures.slice(0, 10)) console.log(`FAIL ${what}: ${failure}`);
        if (failures.length > 10) console.log(`FAIL ${what}: and ${failures.length - 10} more`);
        if (failures.length === 0)
          console.log(`ok ${what}: ${figure} (${Math.round((Date.now() - started) / 1000)} s)`);
        good = good && failures.length === 0;
      }
    return good;
  });
});
