/**
 * Holds the command line against real Debian kernels: npm run test:kernels [-- SUITE:ARCH[:VERSION[:FLAVOUR]]..
 * CHECK..]. Downloads go through apt into a cache outside the checkout. Prints `ok` and `FAIL` lines; exits 0 or 1, and
 * 2 where it cannot run.
 */
import { fetchKernel } from './debian/kernel.ts';
import { CannotRun, script } from './debian/run.ts';
import { build } from './kernels/build.ts';
import { type Check, runCheck } from './kernels/check.ts';
import { coverage } from './kernels/coverage.ts';
import { diff } from './kernels/diff.ts';
import { lint } from './kernels/lint.ts';
import { lookup } from './kernels/lookup.ts';
import { sameBytes } from './kernels/same-bytes.ts';
import { tables } from './kernels/tables.ts';
import { verify } from './kernels/verify.ts';

/** Plain and compressed modules, three releases, big-endian and 32-bit machines. */
const DEFAULT = ['bookworm:amd64:6.1', 'bookworm:amd64:6.12', 'sid:arm64', 'sid:s390x', 'sid:armhf'];
/** A flavour and a release that differ much from one of these kernels: they are only compared with it. */
const COMPARED = ['bookworm:amd64:6.12:cloud', 'sid:amd64'];
const CHECKS: readonly Check[] = [tables, build, verify, lint, lookup, diff, coverage, sameBytes];

await script(async () => {
  const args = process.argv.slice(2);
  const names = args.filter((arg) => arg.includes(':'));
  const chosen = args.filter((arg) => !arg.includes(':'));
  const unknown = chosen.find((arg) => !CHECKS.some((check) => check.name === arg));
  if (unknown !== undefined)
    throw new CannotRun(
      `'${unknown}' is neither a kernel (SUITE:ARCH[:VERSION[:FLAVOUR]]) nor a check (${CHECKS.map((check) => check.name).join(', ')})`,
    );
  const checks = CHECKS.filter((check) => chosen.length === 0 || chosen.includes(check.name));
  let good = true;
  const missing: string[] = [];
  for (const name of names.length > 0 ? names : [...DEFAULT, ...(checks.includes(diff) ? COMPARED : [])]) {
    const few = names.length === 0 && COMPARED.includes(name);
    try {
      const kernel = fetchKernel(name);
      console.log(`   ${name} is ${kernel.release}`);
      for (const check of few ? checks.filter((one) => one === diff) : checks)
        good = (await runCheck(check, kernel)) && good;
    } catch (error) {
      if (!(error instanceof CannotRun)) throw error;
      missing.push(`${name}: ${error.message}`);
    }
  }
  // A difference on one kernel weighs more than another that could not be had.
  for (const why of missing) console.error(`cannot run: ${why}`);
  if (good && missing.length > 0) throw new CannotRun(`${missing.length} kernels were not compared`);
  return good;
});
