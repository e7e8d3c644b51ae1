/**
 * Tests on real kernels in QEMU: npm run test:vm [-- --kernel 6.12] [--only BOOT] [--match TEXT] [--limit SECONDS] [--seed N]
 * [--events N]. Exits 0 when every kernel did what was predicted, 1 when one did not, 2 where the tests cannot run.
 * Kernels are kept in ${MODALIAS_CACHE:-~/.cache/modalias}/vm.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Guest } from '../test/vm/guest.ts';
import { CannotRun, cacheDir, needTools } from '../test/vm/host.ts';
import { buildInitramfs } from '../test/vm/initramfs.ts';
import { type Kernel, prepareKernel } from '../test/vm/kernel.ts';
import { Report } from '../test/vm/report.ts';
import { boots as allBoots, type Boot } from '../test/vm/scenarios.ts';

function readOptions() {
  try {
    return parseArgs({
      options: {
        kernel: { type: 'string', multiple: true, default: ['6.1', '6.12'] },
        only: { type: 'string' },
        /** Only scenarios with this in their name. */
        match: { type: 'string' },
        /** Seed and number of the random events. */
        seed: { type: 'string', default: '1' },
        events: { type: 'string', default: '50' },
        /** Seconds that all boots of one kernel may take. */
        limit: { type: 'string', default: '330' },
      },
    }).values;
  } catch (error) {
    console.error(`vm: ${(error as Error).message}`);
    process.exit(2);
  }
}

const options = readOptions();
const started = Date.now();
const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;

/** One boot of one kernel with its scenarios; stops with the first that throws. */
async function boot(kernel: Kernel, initramfs: string, boot: Boot, work: string, deadline: number): Promise<Report[]> {
  const dir = join(work, `${kernel.series}-${boot.name}`);
  mkdirSync(dir);
  let guest: Guest;
  try {
    guest = await Guest.boot(kernel.vmlinuz, initramfs, dir);
  } catch (error) {
    const report = new Report(`${kernel.series} ${boot.name}`);
    report.failures.push(`${kernel.release} does not boot: ${(error as Error).message}`);
    console.log(report.failures[0]);
    return [report];
  }
  const timer = setTimeout(() => void guest.stop(), Math.max(deadline - Date.now(), 1));
  const reports: Report[] = [];
  try {
    const first: Boot['scenarios'] = boot.prepare ? [['preparation', boot.prepare]] : [];
    for (const [name, scenario] of [...first, ...boot.scenarios]) {
      if (options.match !== undefined && scenario !== boot.prepare && !name.includes(options.match)) continue;
      const report = new Report(`${kernel.series} ${name}`);
      reports.push(report);
      try {
        await scenario(guest, kernel, report);
      } catch (error) {
        if (Date.now() >= deadline)
          report.failures.push(`${kernel.series} ${name}: not finished within ${options.limit} s`);
        const where = `after ${report.trail.join('\n')}\nthe console ended with:\n${guest.console()}`;
        report.failures.push(`${kernel.series} ${name}: ${(error as Error).stack}\n${where}`);
      }
      const verdict = report.failures.length === 0 ? 'ok' : `${report.failures.length} DIFFERENCES`;
      const words = Object.entries(report.results).map(([word, n]) => `${n} ${word}`);
      const predicted = words.length > 0 ? ` (predicted: ${words.join(', ')})` : '';
      console.log(`${kernel.release} ${name}: ${report.checks} checks${predicted}, ${verdict} (${seconds()})`);
      for (const failure of report.failures.slice(0, 20)) console.log(`  ${failure}`);
    }
  } finally {
    clearTimeout(timer);
    await guest.stop();
  }
  return reports;
}

async function main(): Promise<number> {
  if (!existsSync('dist/cli.js')) throw new CannotRun('dist is missing: run npm run build first');
  needTools(false);
  mkdirSync(cacheDir(), { recursive: true });
  const kernels = options.kernel.map((series) => prepareKernel(series));
  console.log(`kernels ready: ${kernels.map((k) => k.release).join(', ')} (${seconds()})`);
  const work = mkdtempSync(join(tmpdir(), 'modalias-vm-'));
  const known = allBoots(Number(options.seed), Number(options.events));
  const boots = known.filter((b) => options.only === undefined || b.name === options.only);
  if (boots.length === 0)
    throw new CannotRun(`no boot is named '${options.only}'; there are: ${known.map((b) => b.name).join(', ')}`);
  try {
    const deadline = Date.now() + Number(options.limit) * 1000;
    const images = kernels.map((kernel) => {
      mkdirSync(join(work, kernel.series));
      return buildInitramfs(kernel, join(work, kernel.series));
    });
    const reports = await Promise.all(
      kernels.map(async (kernel, i) => {
        const all: Report[] = [];
        for (const one of boots) all.push(...(await boot(kernel, images[i]!, one, work, deadline)));
        return all;
      }),
    );
    const flat = reports.flat();
    const failures = flat.reduce((sum, r) => sum + r.failures.length, 0);
    if (flat.every((r) => r.checks === 0 && r.failures.length === 0))
      throw new CannotRun(`no scenario has '${options.match}' in its name`);
    const checks = flat.reduce((sum, r) => sum + r.checks, 0);
    console.log(`${checks} checks on ${kernels.length} kernels, ${failures} differences, ${seconds()}`);
    return failures === 0 ? 0 : 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CannotRun)) throw error;
  console.error(`cannot run: ${error.message}`);
  process.exitCode = 2;
}
