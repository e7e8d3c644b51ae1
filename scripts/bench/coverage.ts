import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { isWhole, knownDevice } from '../../src/inventory/known-device.ts';
import { fetchKernel, type Kernel } from '../debian/kernel.ts';
import { mustRun } from '../debian/run.ts';
import { keysFrom } from '../libkmod/keys.ts';
import { libkmodProgram } from '../libkmod/libkmod.ts';
import { type Measurement, median, ratio, wallTime } from './measure.ts';

/** The kernel that is measured, and those that are looked at beside it. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  'bookworm:amd64:6.12': ['bookworm:amd64:6.1', 'sid:amd64'],
};

/** Different devices of PCs: kinds, how many of them, and how many libkmod is asked for. */
const KINDS: readonly (readonly [pattern: RegExp, count: number, theirs: number])[] = [
  [/^pci:/, 40_000, 4_000],
  [/^acpi\*:/, 30_000, 3_000],
  [/^usb:/, 15_000, 1_500],
  [/^hid:/, 10_000, 1_000],
  [/^(?:hdaudio|i2c|input|platform|pnp|virtio|wmi)\*?:/, 5_000, 500],
];

/**
 * `coverage` of 100,000 devices on three kernels, from start to end, over libkmod's lookups alone with its indexes
 * loaded.
 */
export async function coverage(kernel: Kernel, patterns: readonly string[], work: string): Promise<Measurement[]> {
  const beside = BESIDE[kernel.name];
  if (!beside) return [];
  const kernels = [...beside.map(fetchKernel), kernel];
  const program = libkmodProgram(work);
  const kinds = KINDS.map(([kind, count, theirs]) => ({
    keys: devicesFrom(
      patterns.filter((p) => kind.test(p)),
      count,
    ),
    theirs,
  }));
  const devices = kinds.flatMap(({ keys }) => keys);
  const file = path.join(work, 'fleet');
  writeFileSync(file, `${devices.join('\n')}\n`, 'latin1');
  let theirs = 0;
  for (const { keys, theirs: sample } of kinds) {
    const every = Math.max(1, Math.floor(keys.length / sample));
    const input = `${keys.filter((_, i) => i % every === 0).join('\n')}\n`;
    for (const { indexed } of kernels)
      theirs += (keys.length * 1000) / Number(mustRun(program, [indexed, '1'], { input }));
  }
  const names = kernels.flatMap(({ indexed }, i) => ['-m', `k${i}=${indexed}`]);
  return ['text', 'json', 'ndjson'].map((format) => {
    const command = [process.execPath, 'dist/start.cjs', 'coverage', '-d', file, ...names, '--format', format];
    const ours = median([1, 2, 3].map(() => wallTime(command)));
    const what = `coverage of ${devices.length} devices × 3 kernels, ${format}`;
    return ratio(what, [ours, theirs], 'libkmod’s lookups', 0.3);
  });
}

/** So many different modaliases; ACPI devices have two ids each. */
function devicesFrom(patterns: readonly string[], count: number): string[] {
  const ids = patterns.flatMap((pattern) => /^acpi\*:([^:*?[]+):\*$/.exec(pattern)?.[1] ?? []);
  if (ids.length > 0)
    return Array.from(
      { length: count },
      (_, i) => `acpi:${ids[i % ids.length]}:${ids[Math.floor((i * 7) / ids.length) % ids.length]}:`,
    );
  return keysFrom(patterns, 2 * count, 47)
    .filter((key) => isWhole(key) || knownDevice(key).modalias === key)
    .slice(0, count);
}
