import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { generateAliases } from '../../src/alias/generate.ts';
import { Elf } from '../../src/binary/elf.ts';
import { memorySource } from '../../src/binary/source.ts';
import { ModaliasError } from '../../src/errors.ts';
import { type ExtractedModule, extractModule } from '../../src/module/extract-module.ts';
import { moduleMemory, unpackModule, withModule } from '../../src/module/module-file.ts';
import { parseRelease } from '../../src/release.ts';
import { formatModuleLine } from '../../src/tables/format-tables.ts';
import type { ElfMachineName } from '../support/elf-machines.ts';
import { moduleShape } from '../support/module-shapes.ts';
import { mutate, mutation } from '../support/mutations.ts';

/** Damaged modules of the first test; the others take shares of it. CI tries more than `npm test`. */
const RUNS = Number(process.env.FUZZ_MODULES ?? 3000);
const SEED = Number(process.env.FUZZ_SEED ?? 20);
const machines: readonly ElfMachineName[] = ['amd64', 's390x', 'armhf', 'i386', 'powerpc', 'm68k'];
const shapes = new Map(
  machines.flatMap((machine) =>
    ['5.10', '6.16', '7.2'].map(
      (release) => [`${machine} ${release}`, moduleShape(machine, parseRelease(release))] as const,
    ),
  ),
);
const root = mkdtempSync(join(tmpdir(), 'modalias-'));
afterAll(() => rmSync(root, { recursive: true }));

const shape = fc.constantFrom(...shapes.keys());
const mutations = fc.array(mutation, { minLength: 1, maxLength: 2 });
const runs = (numRuns: number) => ({ seed: SEED, numRuns, endOnFailure: true });

const read = (bytes: Uint8Array) => extractModule(new Elf(memorySource(bytes, 'fuzz.ko')), 'fuzz.ko');

/** What a module comes to, all the way to its aliases; an error must be one of ours and name the file. */
function outcome(extract: () => ExtractedModule): string | ModaliasError {
  try {
    const module = extract();
    generateAliases(module.tables, { release: module.release });
    return formatModuleLine(module);
  } catch (error) {
    return checked(error);
  }
}

function checked(error: unknown): ModaliasError {
  if (!(error instanceof ModaliasError) || error.place.file === undefined) throw error;
  return error;
}

test(`extractModule: ${RUNS} damaged modules give a result or an error that names the file`, () => {
  let results = 0;
  let errors = 0;
  fc.assert(
    fc.property(shape, mutations, (name, changes) => {
      if (typeof outcome(() => read(mutate(shapes.get(name)!, changes))) === 'string') results++;
      else errors++;
    }),
    runs(RUNS),
  );
  expect(results).toBeGreaterThan(RUNS / 12);
  expect(errors).toBeGreaterThan(RUNS / 6);
});

test('extractModule: damage outside tables, symbols and headers changes nothing', () => {
  const harmless = new Map(
    [...shapes].map(([name, bytes]) => {
      const elf = new Elf(memorySource(bytes, 'fuzz.ko'));
      const ranges = ['.text', '.comment', '.gnu.linkonce.this_module', '.rela.text', '.rel.text']
        .map((name) => elf.section(name))
        .filter((section) => section !== undefined)
        .map(({ offset, size }) => [offset, size] as const);
      return [name, { bytes, ranges, whole: outcome(() => read(bytes)) }];
    }),
  );
  for (const { whole } of harmless.values()) expect(whole).toEqual(expect.any(String));
  fc.assert(
    fc.property(shape, fc.nat(), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 64 }), (name, which, at, noise) => {
      const one = harmless.get(name)!;
      const [offset, size] = one.ranges[which % one.ranges.length]!;
      const bytes = Uint8Array.from(one.bytes);
      noise.forEach((byte, i) => {
        bytes[offset + ((at + i) % size)] = byte;
      });
      expect(outcome(() => read(bytes))).toBe(one.whole);
    }),
    runs(RUNS / 10),
  );
});

test('extractModule: damage inside one table changes no other table', () => {
  const bytes = shapes.get('amd64 5.10')!;
  const whole = read(bytes);
  const rodata = new Elf(memorySource(bytes, 'fuzz.ko')).section('.rodata')!;
  let results = 0;
  fc.assert(
    fc.property(fc.nat(rodata.size - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bad = Uint8Array.from(bytes);
      bad[rodata.offset + at]! ^= flip;
      const found = outcome(() => read(bad));
      if (typeof found !== 'string') return;
      results++;
      const differing = read(bad).tables.filter(
        (table, i) => JSON.stringify(table.rows) !== JSON.stringify(whole.tables[i]!.rows),
      );
      expect(differing.length).toBeLessThanOrEqual(1);
    }),
    runs(RUNS / 20),
  );
  expect(results).toBeGreaterThan(RUNS / 40);
});

test('withModule: a damaged file read in parts ends as the same bytes in memory do', () => {
  const memory = moduleMemory();
  const path = join(root, 'fuzz.ko');
  fc.assert(
    fc.property(shape, mutations, (name, changes) => {
      const bad = mutate(shapes.get(name)!, changes);
      writeFileSync(path, bad);
      const inMemory = outcome(() => extractModule(new Elf(memorySource(bad, path)), path));
      const fromFile = outcome(() => withModule(path, memory, (elf) => extractModule(elf, path)) as ExtractedModule);
      expect(typeof fromFile === 'string' ? fromFile : fromFile.code).toEqual(
        typeof inMemory === 'string' ? inMemory : inMemory.code,
      );
    }),
    runs(RUNS / 10),
  );
});

const packed = [...shapes.values()]
  .slice(0, 4)
  .flatMap((bytes) => [
    gzipSync(bytes),
    execFileSync('xz', ['--check=crc32', '-c'], { input: bytes }),
    execFileSync('zstd', ['-q', '-c'], { input: bytes }),
  ]);

test(`unpackModule: ${RUNS / 8} damaged compressed modules give the module or an error`, async () => {
  const memory = moduleMemory(1 << 22);
  const unpack = (bytes: Uint8Array) =>
    unpackModule(bytes, 'fuzz.ko', memory, (elf) => formatModuleLine(extractModule(elf, 'x.ko')));
  const whole = new Set(
    await Promise.all(
      packed.map((bytes) =>
        unpackModule(bytes, 'x', moduleMemory(), (elf) => formatModuleLine(extractModule(elf, 'x.ko'))),
      ),
    ),
  );
  let errors = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(packed.length - 1), mutations, async (which, changes) => {
      const found = await unpack(mutate(packed[which]!, changes)).catch(checked);
      if (typeof found === 'string') expect(whole).toContain(found);
      else errors++;
    }),
    runs(RUNS / 8),
  );
  expect(errors).toBeGreaterThan(RUNS / 24);
});
