import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fetchKernel, type Kernel } from '../debian/kernel.ts';
import { mustRun } from '../debian/run.ts';
import { keysFrom } from '../libkmod/keys.ts';
import { libkmodProgram } from '../libkmod/libkmod.ts';
import { type Measurement, median, ratio, wallTime } from './measure.ts';

/** The kernel that is measured, and those that are looked at beside it. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  'bookworm:amd64:6.12': ['bookworm:amd64:6.1', 'sid:amd64'],
};

/** The devices of a fleet of PCs: kinds, how many of them, and how many libkmod is asked for. */
const KINDS: readonly (readonly [pattern: RegExp, count: number, theirs: number])[] = [
  [/^pci:/, 60_000, 6_000],
  [/^usb:/, 25_000, 2_500],
  [/^acpi/, 10_000, 1_000],
  [/^hid:/, 5_000, 500],
];

/** `coverage` of 100,000 devices on three kernels, from start to end, over libkmod's lookups alone with its indexes loaded. */
export async function coverage(kernel: Kernel, patterns: readonly string[], work: string): Promise<Measurement[]> {
  const beside = BESIDE[kernel.name];
  if (!beside) return [];
  const kernels = [...beside.map(fetchKernel), kernel];
  const program = libkmodProgram(work);
  const kinds = KINDS.map(([kind, count, theirs]) => ({
    keys: keysFrom(
      patterns.filter((p) => kind.test(p)),
      count,
      47,
    ),
    theirs,
  }));
  const file = path.join(work, 'fleet');
  writeFileSync(file, `${kinds.flatMap(({ keys }) => keys).join('\n')}\n`, 'latin1');
  let theirs = 0;
  for (const { keys, theirs: sample } of kinds) {
    const every = Math.max(1, Math.floor(keys.length / sample));
    const input = `${keys.filter((_, i) => i % every === 0).join('\n')}\n`;
    for (const { indexed } of kernels)
      theirs += (keys.length * 1000) / Number(mustRun(program, [indexed, '1'], { input }));
  }
  const names = kernels.flatMap(({ indexed }, i) => ['-m', `k${i}=${indexed}`]);
  return [['--json'], ['--format', 'ndjson']].map((format) => {
    const command = [process.execPath, 'dist/start.cjs', 'coverage', '-d', file, ...names, ...format];
    const ours = median([1, 2, 3].map(() => wallTime(command)));
    const devices = kinds.reduce((sum, { keys }) => sum + keys.length, 0);
    return ratio(
      `coverage of ${devices} devices × 3 kernels, ${format.at(-1)!.replace('--', '')}`,
      [ours, theirs],
      'libkmod’s lookups',
      0.3,
    );
  });
}
