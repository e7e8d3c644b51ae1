/**
 * What `vfio plan --format` prints, installed into Debian 13 and booted in QEMU, after the initramfs was read as its
 * own tools read it: npm run test:boot [-- --all] [--match TEXT] [--limit SECONDS] [--jobs N] [--keep FOLDER]. Exits 0
 * when every device came to the driver that was meant and predicted, 1 when one did not, 2 where the tests cannot run,
 * and 3 when nothing differed but a boot did not end in time. Systems are kept in
 * ${MODALIAS_CACHE:-~/.cache/modalias}/boot.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pMap from 'p-map';
import { CASES, caseName } from '../test/vm/boot/cases.ts';
import { debianSystem, type Maker, MAKERS, needPrograms, type System } from '../test/vm/boot/debian.ts';
import { compareImage } from '../test/vm/boot/images.ts';
import { type Outcome, runCase } from '../test/vm/boot/run-case.ts';
import { bootTable } from '../test/vm/boot/table.ts';
import { exitStatus, type Report } from '../test/vm/report.ts';
import { CannotRun, script, scriptOptions, stopwatch } from './debian/run.ts';

const options = scriptOptions('boot', {
  all: { type: 'boolean', default: false },
  /** Only cases with this in their name, of all. */
  match: { type: 'string' },
  /** Seconds that one boot may take. */
  limit: { type: 'string', default: '420' },
  jobs: { type: 'string', default: '2' },
  /** Leaves everything that a case made in this folder. */
  keep: { type: 'string' },
});
const seconds = stopwatch();

function tell({ case: one, report, seen }: Outcome): void {
  const took = seen === null ? '' : `, boot ${seen.seconds.toFixed(0)} s`;
  console.log(`${caseName(one)}: ${report.checks} checks${took}, ${report.verdict()} (${seconds()})`);
  for (const failure of report.failures) console.log(`  ${failure}`);
  if (report.unfinished !== undefined) console.log(`  not finished: ${report.unfinished}`);
}

async function main(): Promise<number> {
  if (!existsSync('dist/cli.js')) throw new CannotRun('dist is missing: run npm run build first');
  needPrograms();
  const { all, match, keep } = options;
  const chosen = CASES.filter((one) => (match === undefined ? all || one.usual : caseName(one).includes(match)));
  if (chosen.length === 0) throw new CannotRun(`no case has '${match}' in its name`);
  const used = MAKERS.filter((maker) => chosen.some((one) => one.maker === maker));
  const systems = new Map<Maker, System>(used.map((maker) => [maker, debianSystem(maker)]));
  console.log(
    `systems ready: ${[...systems.values()].map((s) => `${s.maker} ${s.release}`).join(', ')} (${seconds()})`,
  );
  const work = keep ?? mkdtempSync(join(tmpdir(), 'modalias-boot-'));
  mkdirSync(work, { recursive: true });
  try {
    const images: Report[] = [];
    for (const system of systems.values()) {
      const report = await compareImage(system, join(work, `image-${system.maker}`));
      images.push(report);
      console.log(
        `image of ${system.maker}, without a boot: ${report.checks} checks, ${report.verdict()} (${seconds()})`,
      );
      for (const failure of report.failures) console.log(`  ${failure}`);
    }
    const outcomes = await pMap(
      chosen,
      async (one) => {
        const folder = join(work, String(CASES.indexOf(one)));
        rmSync(folder, { recursive: true, force: true });
        const outcome = await runCase(one, systems.get(one.maker)!, folder, Number(options.limit));
        tell(outcome);
        if (keep === undefined) rmSync(folder, { recursive: true, force: true });
        return outcome;
      },
      { concurrency: Number(options.jobs) },
    );
    if (all || match !== undefined) console.log(bootTable(outcomes));
    const reports = [...images, ...outcomes.map(({ report }) => report)];
    const differ = reports.reduce((sum, { failures }) => sum + failures.length, 0);
    console.log(`${outcomes.length} boots, ${differ} differences, ${seconds()}`);
    return exitStatus(reports);
  } finally {
    if (keep === undefined) rmSync(work, { recursive: true, force: true });
  }
}

await script(main);
