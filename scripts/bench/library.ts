import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AliasIndex } from '../../src/lookup/alias-index.ts';
import type { Kernel } from '../debian/kernel.ts';
import { mustRun } from '../debian/run.ts';
import { keysFrom } from '../libkmod/keys.ts';
import { libkmodProgram } from '../libkmod/libkmod.ts';
import type { Measurement } from './measure.ts';

type Library = { loadAliasIndex(path: string): Promise<AliasIndex> };

/** The library as built: what is measured is what users get. */
const library = (): Promise<Library> => import(pathToFileURL(path.resolve('dist/index.js')).href);

/**
 * Kinds of keys, how many of them, how many for libkmod, which tries `of:` and `acpi` patterns one by one, and the
 * goals.
 */
const KINDS = [
  { bus: 'pci', pattern: /^pci:/, keys: 200_000, theirs: 20_000, goal: 4 },
  { bus: 'usb', pattern: /^usb:/, keys: 200_000, theirs: 20_000, goal: 12 },
  { bus: 'acpi', pattern: /^acpi/, keys: 60_000, theirs: 5_000, goal: 100 },
  { bus: 'of', pattern: /^of:.*[^*]$/, keys: 60_000, theirs: 300, goal: 100 },
];

/** Lookups a second over keys that are all fresh, after some to warm up. */
function rate(index: AliasIndex, keys: readonly string[]): number {
  const warm = keys.length >> 3;
  for (let i = 0; i < warm; i++) index.lookup(keys[i]!);
  const start = performance.now();
  for (let i = warm; i < keys.length; i++) index.lookup(keys[i]!);
  return ((keys.length - warm) * 1000) / (performance.now() - start);
}

/** Lookups a second over libkmod's with its indexes loaded, for each kind of key. */
export async function lookups(kernel: Kernel, patterns: readonly string[], work: string): Promise<Measurement[]> {
  const { loadAliasIndex } = await library();
  const index = await loadAliasIndex(kernel.indexed);
  const program = libkmodProgram(work);
  const manyOf = patterns.filter((p) => p.startsWith('of:')).length > 5000;
  return KINDS.flatMap(({ bus, pattern, keys: count, theirs, goal }): Measurement[] => {
    const keys = keysFrom(
      patterns.filter((p) => pattern.test(p)),
      count,
      41,
    );
    if (keys.length < 5000) return [];
    const every = Math.max(1, Math.floor(keys.length / theirs));
    const sample = keys.filter((_, i) => i % every === 0);
    const libkmod = Number(mustRun(program, [kernel.indexed, '2'], { input: `${sample.join('\n')}\n` }));
    const ours = rate(index, keys);
    const from = `${Math.round(ours)} a second, libkmod ${Math.round(libkmod)}`;
    return [
      {
        what: `lookups of ${bus} over libkmod`,
        value: ours / libkmod,
        unit: '',
        goal: bus === 'of' && manyOf ? 500 : goal,
        larger: true,
        from,
      },
    ];
  });
}

/** A tree made ready for many lookups, above reading modules.alias. */
export async function load(kernel: Kernel): Promise<Measurement[]> {
  const { loadAliasIndex } = await library();
  const begin = performance.now();
  readFileSync(path.join(kernel.indexed, 'modules.alias'), 'latin1');
  const read = performance.now() - begin;
  const start = performance.now();
  (await loadAliasIndex(kernel.indexed)).lookup('pci:v0');
  const took = performance.now() - start;
  return [
    {
      what: 'load for many lookups, above reading the text',
      value: took - read,
      unit: 'ms',
      goal: 80,
      from: `${took.toFixed(0)} ms, reading ${read.toFixed(0)} ms`,
    },
  ];
}

const ALIASES = 1_080_000;

/** One lookup among a million aliases over one among the kernel's own. */
export async function scale(kernel: Kernel, patterns: readonly string[], work: string): Promise<Measurement[]> {
  const { loadAliasIndex } = await library();
  const file = path.join(work, 'modules.alias');
  const total = writeLargeAliases(file, readFileSync(path.join(kernel.golden, 'modules.alias'), 'latin1'));
  const keys = keysFrom(
    patterns.filter((p) => p.startsWith('pci:')),
    100_000,
    43,
  );
  const small = rate(await loadAliasIndex(kernel.indexed), keys);
  const before = memoryInUse();
  const start = performance.now();
  const index = await loadAliasIndex(file);
  index.lookup('pci:v0');
  const seconds = (performance.now() - start) / 1000;
  const bytes = (memoryInUse() - before) / total;
  const large = rate(index, keys);
  return [
    {
      what: 'scale: a lookup among 1.08 million aliases over one among the kernel’s',
      value: small / large,
      unit: '',
      goal: 2,
      from: `${Math.round(large)} a second, ${Math.round(small)}`,
    },
    { what: 'scale: load', value: seconds, unit: 's', goal: 3, from: `${total} aliases` },
    {
      what: 'scale: memory an alias',
      value: bytes,
      unit: 'bytes',
      goal: 300,
      from: 'heap and buffers after a collection',
    },
  ];
}

/** A modules.alias with the kernel's lines, and its pci lines again and again under other ids. */
function writeLargeAliases(file: string, text: string): number {
  const ids = /^alias pci:v0000(....)d0000(....)(.*)$/gm;
  const rows = [...text.matchAll(ids)].map(
    ([, vendor, device, rest]) => [parseInt(vendor!, 16), parseInt(device!, 16), rest] as const,
  );
  const hex = (n: number) => (n & 0xffff).toString(16).toUpperCase().padStart(4, '0');
  const parts = [text];
  let total = text.split('\n').length;
  for (let i = 1; total < ALIASES && rows.length > 0; i++) {
    parts.push(
      rows.map(([v, d, rest]) => `alias pci:v0000${hex(v + i * 257)}d0000${hex(d ^ (i * 4099))}${rest}\n`).join(''),
    );
    total += rows.length;
  }
  writeFileSync(file, parts.join(''), 'latin1');
  return total;
}

function memoryInUse(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
