import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Diagnostic, ModaliasError } from '../../src/errors.ts';
import type { IndexEntry } from '../../src/index-file/index-format.ts';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { openAliasIndex } from '../../src/lookup/load.ts';
import { many } from '../support/many.ts';
import { Random } from '../support/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'modalias-damaged-'));
afterAll(() => rmSync(folder, { recursive: true }));

const entry = (key: string, value: string, priority = 0): IndexEntry => ({ key, value, priority });

/** For each index its entries, the text beside it, and a key that it answers. */
const indexes: readonly [bin: string, entries: IndexEntry[], text: string, content: string, key: string][] = [
  [
    'modules.alias.bin',
    [entry('pci:v1*', 'one', 0), entry('pci:v2*', 'two', 1)],
    'modules.alias',
    'alias pci:v1* one\nalias pci:v2* two\n',
    'pci:v2d3',
  ],
  [
    'modules.dep.bin',
    [entry('one', 'kernel/one.ko:'), entry('two', 'kernel/two.ko: kernel/one.ko')],
    'modules.dep',
    'kernel/one.ko:\nkernel/two.ko: kernel/one.ko\n',
    'two',
  ],
  [
    'modules.symbols.bin',
    [entry('symbol:one_go', 'one', 0), entry('symbol:two_go', 'two', 1)],
    'modules.symbols',
    'alias symbol:one_go one\nalias symbol:two_go two\n',
    'symbol:two_go',
  ],
  [
    'modules.builtin.bin',
    [entry('in_a', ''), entry('in_b', '')],
    'modules.builtin',
    'kernel/in_a.ko\nkernel/in-b.ko\n',
    'in-b',
  ],
  [
    'modules.builtin.alias.bin',
    [entry('fs_a', 'in_a'), entry('fs_b', 'in_b')],
    'modules.builtin.modinfo',
    'in_a.alias=fs-a\0in_b.alias=fs-b\0',
    'fs-b',
  ],
];
for (const [bin, entries, text, content] of indexes) {
  writeFileSync(join(folder, bin), writeIndex(entries, 'pre'));
  writeFileSync(join(folder, text), content);
}

function answers(key: string, expected: 'few' | 'many') {
  const warnings: Diagnostic[] = [];
  const found = openAliasIndex(folder, { expected, diagnose: (d) => warnings.push(d) }).lookup(key);
  return { found, warnings };
}

/** Every four bytes that could be the offset of a node below the root led out of the file. */
function withDeepDamage(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  for (let i = 13; i + 4 <= bytes.length; i++) {
    const at = bytes.readUInt32BE(i);
    if (at >>> 29 !== 0 && (at & 0x0fffffff) < bytes.length)
      damaged.writeUInt32BE(((at & 0xf0000000) | 0x0fff0000) >>> 0, i);
  }
  return damaged;
}

const both = indexes.flatMap((row) => (['few', 'many'] as const).map((expected) => [row[0], expected, row] as const));

test.each(both)(
  'openAliasIndex answers from the text where %s is damaged deep inside, for %s',
  (bin, expected, row) => {
    const [, , text, content, key] = row;
    const sound = readFileSync(join(folder, bin));
    const want = answers(key, expected);
    expect(want).toMatchObject({ found: [{}], warnings: [] });
    const damaged = withDeepDamage(sound);
    expect(damaged.equals(sound)).toBe(false);
    try {
      writeFileSync(join(folder, bin), damaged);
      const have = answers(key, expected);
      expect(have.found).toEqual(want.found);
      expect(have.warnings).toMatchObject([{ code: 'bad-index', severity: 'warning', file: join(folder, bin) }]);
      expect(have.warnings[0]!.message).toContain(`answering from ${join(folder, text)} instead`);
      rmSync(join(folder, text));
      expect(() => answers(key, expected)).toThrow(join(folder, bin));
    } finally {
      writeFileSync(join(folder, bin), sound);
      writeFileSync(join(folder, text), content);
    }
  },
);

test('openAliasIndex survives any damage: it answers, or says that the index is bad', () => {
  const random = new Random(3);
  const rounds = many(100);
  let warned = 0;
  for (let round = 0; round < rounds; round++) {
    const [bin, , , , key] = random.pick(indexes);
    const sound = readFileSync(join(folder, bin));
    const bytes = Buffer.from(sound);
    for (let n = 1 + random.below(6); n > 0; n--) bytes[random.below(bytes.length)] = random.below(256);
    writeFileSync(join(folder, bin), random.oneIn(4) ? bytes.subarray(0, 1 + random.below(bytes.length)) : bytes);
    try {
      for (const expected of ['few', 'many'] as const) warned += answers(key, expected).warnings.length;
    } catch (error) {
      expect(error).toBeInstanceOf(ModaliasError);
    } finally {
      writeFileSync(join(folder, bin), sound);
    }
  }
  expect(warned).toBeGreaterThan(rounds / 4);
});
