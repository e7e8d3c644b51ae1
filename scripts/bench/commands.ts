import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Kernel } from '../debian/kernel.ts';
import { mustRun } from '../debian/run.ts';
import { moduleFiles } from '../kernels/module-files.ts';
import { keysFrom } from '../libkmod/keys.ts';
import { type Measurement, ratio, sideBySide } from './measure.ts';

const NODE = process.execPath;
const CLI = path.resolve('dist/start.cjs');

/** `build` and `verify` over the real depmod, which writes its files into a copy of the same tree. */
export function againstDepmod(kernel: Kernel, work: string): Measurement[] {
  const copy = path.join(work, 'depmod');
  mkdirSync(path.join(copy, 'lib/modules'), { recursive: true });
  mustRun('cp', ['-al', kernel.packaged, path.join(copy, 'lib/modules')]);
  const depmod = ['depmod', '-b', copy, kernel.release];
  const plain = moduleFiles(kernel.packaged)[0]!.endsWith('.ko');
  const build = [NODE, CLI, 'build', kernel.packaged, '-o', path.join(work, 'built')];
  return [
    ratio('build over depmod', sideBySide(build, depmod, 5), 'depmod', plain ? 0.8 : 0.6),
    ratio(
      'verify over depmod',
      sideBySide([NODE, CLI, 'verify', kernel.indexed], depmod, 3),
      'depmod',
      plain ? 2.5 : 1,
    ),
  ];
}

/** Most memory that `build` and `verify` have at once. */
export function memory(kernel: Kernel, work: string): Measurement[] {
  const commands = {
    build: ['build', kernel.packaged, '-o', path.join(work, 'built')],
    verify: ['verify', kernel.indexed],
  };
  return Object.entries(commands).map(([name, args]) => {
    const file = path.join(work, 'peak');
    const preload = new URL('peak-memory.mjs', import.meta.url).href;
    const { status, stderr } = spawnSync(NODE, ['--import', preload, CLI, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, PEAK_MEMORY: file },
    });
    if (status !== 0) throw new Error(`modalias ${args.join(' ')}: exit ${status}: ${stderr}`);
    const value = Number(readFileSync(file, 'utf8')) / 1024;
    return { what: `memory of ${name}, peak`, value, unit: 'MiB', goal: 250, from: 'resident set of the process' };
  });
}

/** One lookup from a cold start over Node doing nothing. */
export function start(kernel: Kernel, patterns: readonly string[]): Measurement[] {
  const [key = 'pci:v0'] = keysFrom(
    patterns.filter((p) => p.startsWith('pci:')),
    1,
    7,
  );
  const lookup = [NODE, CLI, 'lookup', '-m', kernel.indexed, key];
  return [ratio('start: a lookup over `node -e 0`', sideBySide(lookup, [NODE, '-e', '0'], 15), 'node', 2)];
}
