/**
 * Tests on real kernels in QEMU: npm run test:vm [-- --kernel 6.12|sid] [--only BOOT] [--match TEXT] [--limit SECONDS]
 * [--seed N] [--events N] [--traces N|all]. Exits 0 when every kernel did what was predicted, 1 when one did not, 2
 * where the tests cannot run, and 3 when nothing differed but not everything ended in time, which says nothing about
 * the kernel. All limits grow with the time that the guest took to boot. The boots with igb need QEMU 8 or newer: the
 * system's, or that of Debian's backports, unpacked beside the kernels; in CI it runs only where it is named. Kernels
 * are kept in ${MODALIAS_CACHE:-~/.cache/modalias}/vm.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Guest, type Machine } from '../test/vm/guest.ts';
import { needTools } from '../test/vm/host.ts';
import { buildInitramfs } from '../test/vm/initramfs.ts';
import { type Kernel, prepareKernel } from '../test/vm/kernel.ts';
import { qemuWith } from '../test/vm/newer-qemu.ts';
import { exitStatus, NotFinished, Report } from '../test/vm/report.ts';
import { boots as allBoots, type Boot } from '../test/vm/scenarios.ts';
import { CannotRun, script, scriptOptions, stopwatch } from './debian/run.ts';

const options = scriptOptions('vm', {
  kernel: { type: 'string', multiple: true, default: ['6.1', '6.12', 'sid'] },
  only: { type: 'string' },
  /** Only scenarios with this in their name. */
  match: { type: 'string' },
  /** Seed and number of the random events. */
  seed: { type: 'string', default: '1' },
  events: { type: 'string', default: '1000' },
  /** How many traces of model check are replayed, or `all`. */
  traces: { type: 'string', default: '12' },
  /** Seconds for all boots of one kernel where it boots in the usual time; random events have more. */
  limit: { type: 'string', default: '600' },
});
const seconds = stopwatch();

/** When the first boot of a kernel began, and how slow the slowest so far was. */
interface Clock {
  readonly begun: number;
  pace: number;
}

/** A boot with the QEMU that it needs; none where this machine has no such QEMU, which is said. */
function withQemu(boot: Boot): (Boot & Machine)[] {
  if (boot.needs === undefined) return [boot];
  // It would take too long there.
  const isLeftOut = process.env.CI === 'true' && options.only === undefined;
  const qemu = isLeftOut ? 'this is CI' : qemuWith(boot.needs);
  if (typeof qemu !== 'string') return [{ ...boot, qemu }];
  console.log(`${boot.name} is left out: ${qemu}`);
  return [];
}

/**
 * One boot of one kernel with its scenarios. After one that did not finish the machine is in no known state: the others
 * are not run.
 */
async function boot(
  kernel: Kernel,
  initramfs: string,
  boot: Boot & Machine,
  work: string,
  clock: Clock,
): Promise<Report[]> {
  const dir = join(work, `${kernel.series}-${boot.name}`);
  mkdirSync(dir);
  let guest: Guest;
  try {
    guest = await Guest.boot(kernel.vmlinuz, initramfs, dir, boot);
  } catch (error) {
    const report = new Report(`${kernel.series} ${boot.name}`);
    const why = `${kernel.release} does not boot: ${(error as Error).message}`;
    if (error instanceof NotFinished) report.unfinished = why;
    else report.failures.push(why);
    console.log(`${kernel.release} ${boot.name}: ${report.verdict()} (${seconds()})\n  ${why}`);
    return [report];
  }
  clock.pace = Math.max(clock.pace, guest.pace);
  const limit = (Number(options.limit) + Number(options.events) / 4) * clock.pace;
  const deadline = clock.begun + limit * 1000;
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
        const where = `after ${report.trail.join('\n')}\nthe console ended with:\n${guest.console()}`;
        if (Date.now() >= deadline) report.unfinished = `all boots of the kernel took ${limit.toFixed(0)} s; ${where}`;
        else if (error instanceof NotFinished) report.unfinished = `${error.message}; ${where}`;
        else report.failures.push(`${kernel.series} ${name}: ${(error as Error).stack}\n${where}`);
      }
      const words = Object.entries(report.results).map(([word, n]) => `${n} ${word}`);
      const predicted = words.length > 0 ? ` (predicted: ${words.join(', ')})` : '';
      console.log(`${kernel.release} ${name}: ${report.checks} checks${predicted}, ${report.verdict()} (${seconds()})`);
      for (const failure of report.failures.slice(0, 20)) console.log(`  ${failure}`);
      if (report.unfinished === undefined) continue;
      console.log(`  ${kernel.series} ${name}: not finished: ${report.unfinished}`);
      break;
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
  const kernels = options.kernel.map((series) => prepareKernel(series));
  console.log(`kernels ready: ${kernels.map((k) => k.release).join(', ')} (${seconds()})`);
  const work = mkdtempSync(join(tmpdir(), 'modalias-vm-'));
  const most = options.traces === 'all' ? Number.POSITIVE_INFINITY : Number(options.traces);
  const known = allBoots(Number(options.seed), Number(options.events), most);
  const asked = known.filter((b) => (options.only === undefined ? !b.onlyNamed : b.name === options.only));
  const boots = asked.flatMap(withQemu);
  if (asked.length === 0)
    throw new CannotRun(`no boot is named '${options.only}'; there are: ${known.map((b) => b.name).join(', ')}`);
  if (boots.length === 0) throw new CannotRun(`this machine has no QEMU for ${options.only}`);
  try {
    const images = kernels.map((kernel) => {
      mkdirSync(join(work, kernel.series));
      return buildInitramfs(kernel, join(work, kernel.series));
    });
    const reports = await Promise.all(
      kernels.map(async (kernel, i) => {
        const all: Report[] = [];
        const clock = { begun: Date.now(), pace: 1 };
        const suits = (one: Boot) => one.everywhere === true || /^\d/.test(kernel.series);
        for (const one of boots.filter(suits)) all.push(...(await boot(kernel, images[i]!, one, work, clock)));
        return all;
      }),
    );
    const flat = reports.flat();
    const failures = flat.reduce((sum, r) => sum + r.failures.length, 0);
    const unfinished = flat.filter((r) => r.unfinished !== undefined).length;
    if (flat.every((r) => r.checks === 0 && r.failures.length === 0 && r.unfinished === undefined))
      throw new CannotRun(`no scenario has '${options.match}' in its name`);
    const checks = flat.reduce((sum, r) => sum + r.checks, 0);
    const late = unfinished === 0 ? '' : `, ${unfinished} scenarios or boots not finished`;
    console.log(`${checks} checks on ${kernels.length} kernels, ${failures} differences${late}, ${seconds()}`);
    return exitStatus(flat);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

await script(main);
