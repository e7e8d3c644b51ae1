import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { ModaliasError } from '../../src/errors.ts';
import { mutate, mutation } from '../support/mutations.ts';
import { debOf, directoryListing, has, kernelRoot, packageListing, rpmOf } from '../support/packages.ts';

/** Packages that are damaged of each kind; a thousand take two minutes on an idle machine. */
const RUNS = Number(process.env.FUZZ_PACKAGES ?? 8);
const timeout = 60_000 + RUNS * 3_000;
const SEED = Number(process.env.FUZZ_SEED ?? 20);

const root = kernelRoot();
const scratch = mkdtempSync(join(tmpdir(), 'damaged-'));
afterAll(() => {
  execFileSync('sh', ['-c', 'rm -rf "$0" "$0"-*', root]);
  rmSync(scratch, { recursive: true });
});

/** What a package comes to: a listing, or an error of ours that names the package. */
async function outcome(path: string): Promise<string[] | ModaliasError> {
  try {
    return await packageListing(path);
  } catch (error) {
    if (!(error instanceof ModaliasError) || !error.place.file?.startsWith(path)) throw error;
    return error;
  }
}

/** What a judge unpacks, undefined where it refuses. */
function judged(command: string, path: string): string[] | undefined {
  const into = join(scratch, 'unpacked');
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into);
  const { status } = spawnSync('bash', ['-o', 'pipefail', '-c', command, path, into], { stdio: 'ignore' });
  return status === 0 ? directoryListing(into) : undefined;
}

async function sameAsJudge(
  original: string,
  command: string,
): Promise<{ same: number; refused: number; stricter: number; laxer: number }> {
  const bytes = readFileSync(original);
  const path = join(scratch, 'damaged');
  const count = { same: 0, refused: 0, stricter: 0, laxer: 0 };
  const changes = fc.array(mutation, { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      const damaged = mutate(bytes, list);
      writeFileSync(path, damaged);
      const [ours, theirs] = [await outcome(path), judged(command, path)];
      if (theirs === undefined) count[ours instanceof ModaliasError ? 'refused' : 'laxer']++;
      else if (ours instanceof ModaliasError) count.stricter++;
      else {
        expect(ours).toEqual(theirs);
        count.same++;
      }
    }),
    { seed: SEED, numRuns: RUNS, endOnFailure: true },
  );
  return count;
}

const DPKG = 'dpkg-deb -x "$0" "$1"';
const RPM = 'rpm2archive - < "$0" | tar -xzf - -C "$1"';

describe.skipIf(!has('dpkg-deb'))('readPackageTrees: damaged .debs', () => {
  test.each(['none', 'gzip', 'xz', 'zstd'])(
    '%s: the files that dpkg-deb unpacks, or an error that names the package',
    { timeout },
    async (compression) => {
      const count = await sameAsJudge(debOf(root, compression), DPKG);
      expect(count.stricter).toBe(0);
      // A judge may refuse for what says nothing of the files: the parts around data.tar, tags that are not asked for.
      expect(count.laxer).toBeLessThanOrEqual(RUNS / 100);
      expect(count.refused).toBeGreaterThan(0);
    },
  );
});

describe.skipIf(!has('rpmbuild') || !has('rpm2archive'))('readPackageTrees: damaged .rpms', () => {
  test.each(['w.ufdio', 'w6.xzdio'])(
    '%s: the files that rpm2archive unpacks, or an error that names the package',
    { timeout },
    async (payload) => {
      const count = await sameAsJudge(rpmOf(root, payload), RPM);
      // rpm does not see that the payload is cut short after the archive in it has ended.
      expect(count.stricter).toBeLessThanOrEqual(RUNS / 100);
      // A judge may refuse for what says nothing of the files: tags that are not asked for.
      expect(count.laxer).toBeLessThanOrEqual(RUNS / 100);
      expect(count.refused).toBeGreaterThan(0);
    },
  );
});
