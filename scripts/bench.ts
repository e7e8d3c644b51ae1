/**
 * Measures this project beside depmod, libkmod and an idle Node in one run, as ratios: npm run bench [--
 * SUITE:ARCH[:VERSION].. NAME..] with NAME one of build memory start lookup load scale coverage model. Prints tables
 * for the README; goals that were missed are marked.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { againstDepmod, memory, start } from './bench/commands.ts';
import { coverage } from './bench/coverage.ts';
import { load, lookups, scale } from './bench/library.ts';
import { formatTable, type Measurement } from './bench/measure.ts';
import { model } from './bench/model.ts';
import { fetchKernel, type Kernel } from './debian/kernel.ts';
import { CannotRun, mustRun, script } from './debian/run.ts';

type Benchmark = (kernel: Kernel, patterns: readonly string[], work: string) => Measurement[] | Promise<Measurement[]>;

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  build: (kernel, _patterns, work) => againstDepmod(kernel, work),
  memory: (kernel, _patterns, work) => memory(kernel, work),
  start,
  lookup: lookups,
  load,
  scale,
  coverage,
  model,
};
/** Plain modules, compressed ones, and a kernel with ten thousand `of:` aliases. */
const DEFAULT = ['bookworm:amd64:6.1', 'bookworm:amd64:6.12', 'sid:arm64'];

await script(async () => {
  const args = process.argv.slice(2);
  const kernels = args.filter((arg) => arg.includes(':'));
  const chosen = args.filter((arg) => !arg.includes(':'));
  const unknown = chosen.find((arg) => !Object.hasOwn(BENCHMARKS, arg));
  if (unknown !== undefined)
    throw new CannotRun(`there is no benchmark '${unknown}'; there are ${Object.keys(BENCHMARKS).join(', ')}`);
  const kmod = mustRun('depmod', ['--version']).split('\n', 1)[0];
  const processors = cpus();
  console.log(
    `${processors.length} × ${processors[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${kmod}\n`,
  );
  for (const name of kernels.length > 0 ? kernels : DEFAULT) {
    const kernel = fetchKernel(name);
    const work = mkdtempSync(path.join(kernel.folder, 'bench-'));
    try {
      const patterns = aliasesOf(kernel);
      const rows: Measurement[] = [];
      for (const [benchmark, run] of Object.entries(BENCHMARKS))
        if (chosen.length === 0 || chosen.includes(benchmark)) rows.push(...(await run(kernel, patterns, work)));
      console.log(`${formatTable(`${kernel.release}, ${patterns.length} aliases`, rows)}\n`);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return true;
});

function aliasesOf(kernel: Kernel): string[] {
  const lines = readFileSync(path.join(kernel.golden, 'modules.alias'), 'latin1').split('\n');
  return lines.filter((line) => line.startsWith('alias ')).map((line) => line.slice(6, line.lastIndexOf(' ')));
}
