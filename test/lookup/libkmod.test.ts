import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatAliasText } from '../../src/alias/alias-text.ts';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { openAliasIndex } from '../../src/lookup/load.ts';
import { normalizeAlias } from '../../src/pattern/normalize.ts';
import { answerOf, askLibkmod, libkmodProgram } from '../support/libkmod.ts';
import { many } from '../support/many.ts';
import { Random } from '../support/random.ts';

const plain = [...'abcX1:,_-', 'pci:v', 'usb:', 'of:N', 'Cfoo,bar', 'long_literal_part'];
const wild = [
  '*',
  '*',
  '?',
  '[ab]',
  '[a-c]',
  '[!a]',
  '[^b-]',
  '[[a]',
  '[]',
  '[]a]',
  '[a',
  ']',
  '\\',
  '\\*',
  '[\\a]',
  '[[:digit:]',
  '[-a]',
];
const high = ['\x80', '\xff', '[\x80-\xff]'];

function text(random: Random, parts: readonly string[], most: number): string {
  return Array.from({ length: 1 + random.below(most) }, () => random.pick(parts)).join('');
}

/** Patterns that share starts and differ late, as real ones do, with every wildcard in odd places. */
function randomPatterns(random: Random): { alias: string; module: string }[] {
  const starts = ['', 'pci:v', 'of:N*T*C', 'a', ...Array.from({ length: 3 }, () => text(random, plain, 4))];
  const lines: { alias: string; module: string }[] = [];
  for (let i = random.below(40) + 1; i > 0; i--) {
    const module = `m${random.below(12)}`;
    // High bytes only where two keys cannot part at them: kmod's depmod 30 crashes there.
    const tail = random.oneIn(8) ? `q${lines.length}${random.pick(high)}` : '';
    lines.push({
      alias: random.pick(starts) + text(random, random.oneIn(3) ? plain : [...plain, ...wild], 5) + tail,
      module,
    });
  }
  return lines;
}

function randomKey(random: Random, lines: readonly { alias: string }[]): string {
  if (random.oneIn(5)) return text(random, [...plain, '*', '?', '[a]', '\xff', '\\'], 6);
  const { alias } = random.pick(lines);
  const filled = alias
    .replace(/\[[^\]]*\]/g, (m) => (random.oneIn(4) ? m : random.pick([...'abc1-', '\x90'])))
    .replace(/[*?]/g, (m) => (random.oneIn(6) ? m : random.pick(['a', 'b', 'xyz', '1', ''])));
  return random.oneIn(4) ? filled.slice(0, random.below(filled.length + 1)) + random.pick(plain) : filled;
}

/**
 * An index directory of the aliases as kmod's depmod would write it, with built-in aliases too, and what our loaders
 * make of it.
 */
function writeTree(folder: string, lines: readonly { alias: string; module: string }[], builtin: typeof lines): void {
  const modules = [...new Set(lines.map((l) => l.module))];
  const entries = (of: typeof lines, priority: (module: string) => number) =>
    of.flatMap(({ alias, module }) => {
      const key = normalizeAlias(alias);
      return key ? [{ key, value: module, priority: priority(module) }] : [];
    });
  const put = (name: string, of: Parameters<typeof writeIndex>[0]) =>
    writeFileSync(join(folder, name), writeIndex(of, 'post'));
  writeFileSync(join(folder, 'modules.alias'), formatAliasText(lines), 'latin1');
  put(
    'modules.alias.bin',
    entries(lines, (m) => modules.indexOf(m)),
  );
  put('modules.dep.bin', [{ key: 'm3', value: 'm3.ko:', priority: 0 }]);
  put('modules.symbols.bin', [{ key: 'symbol:a', value: 'm4', priority: 0 }]);
  put('modules.builtin.bin', [{ key: 'abc', value: '', priority: 0 }]);
  put(
    'modules.builtin.alias.bin',
    entries(builtin, () => 0),
  );
}

test.skipIf(!libkmodProgram)('lookup answers as libkmod does on random indexes, however it is loaded', () => {
  const seed = Date.now() >>> 0;
  const random = new Random(seed);
  const folder = mkdtempSync(join(tmpdir(), 'modalias-libkmod-'));
  const wrong: string[] = [];
  let found = 0;
  const rounds = many(15);
  try {
    for (let round = 0; round < rounds; round++) {
      const lines = randomPatterns(random);
      const builtin = randomPatterns(random).map((l) => ({ ...l, alias: l.alias.replace(/[^\0-\x7f]/g, 'q') }));
      writeTree(folder, lines, builtin);
      const keys = Array.from({ length: 400 }, () => randomKey(random, random.oneIn(4) ? builtin : lines));
      keys.push(
        '',
        'm3',
        'symbol:a',
        'abc',
        'a'.repeat(4090),
        'a'.repeat(4094),
        'a'.repeat(5000),
        `pci:v${'1'.repeat(4086)}`,
      );
      const want = askLibkmod(folder, keys);
      const indexes = (['few', 'many'] as const).map((expected) => openAliasIndex(folder, { expected }));
      const text = openAliasIndex(join(folder, 'modules.alias'));
      const bin = openAliasIndex(join(folder, 'modules.alias.bin'));
      keys.forEach((key, i) => {
        if (want[i] !== '') found++;
        const have = indexes.map((index) => answerOf(index, key));
        if (have.some((h) => h !== want[i])) wrong.push(JSON.stringify({ key, want: want[i], have, lines }));
        if (answerOf(text, key) !== answerOf(bin, key))
          wrong.push(JSON.stringify({ key, text: answerOf(text, key), lines }));
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(wrong.slice(0, 3), `seed ${seed}`).toEqual([]);
  expect(found).toBeGreaterThan(80 * rounds);
});
