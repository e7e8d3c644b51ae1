import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModprobeConfig } from '../../src/config/modprobe-config.ts';
import { readModprobeConfig } from '../../src/config/read-modprobe-config.ts';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { openAliasIndex } from '../../src/lookup/load.ts';
import { answerOf, askLibkmod, libkmodProgram } from '../support/libkmod.ts';
import { Random } from '../support/random.ts';

const keywords = [
  'alias',
  'alias',
  'alias',
  'blacklist',
  'install',
  'remove',
  'softdep',
  'options',
  'nosuch',
  ' alias',
  '#',
];
const words = [
  'abc',
  'a-b',
  'a*',
  '*',
  'x[a-c]',
  'x]',
  'm[',
  'pci:v1*',
  'm1',
  'm-2',
  'b1',
  'symbol:a',
  '\\*',
  '\\\\?',
  'é',
  'd.x',
];
const blanks = [' ', ' ', ' ', '\t', '  ', ' \t', '\\\n', ' \\\n '];
const ends = ['\n', '\n', '\n', '\r\n', ' \n', '\t\n', '\n\n', ' # no comment\n', ''];
const softdeps = ['pre: a b-c', 'pre: a post: b', 'post: c', 'a b', 'pre:', 'pre: post: pre: x'];
const keys = [
  'abc',
  'a-b',
  'a_b',
  'aXb',
  'xa',
  'x-',
  'pci:v1d2',
  'm1',
  'm-2',
  'm_2',
  'b1',
  'symbol:a',
  'zzz',
  '*',
  '',
  'é',
  'd',
  'd.x',
  'd_x',
  'x[a-c]',
  'm[',
];
const bytes = (text: string) => Buffer.from(text, 'latin1');

function randomText(random: Random): string {
  const line = () => {
    const keyword = random.pick(keywords);
    const parts = [keyword, random.pick(words)];
    if (keyword === 'softdep') parts.push(random.pick(softdeps));
    else for (let n = random.below(3); n > 0; n--) parts.push(random.pick(words));
    return parts.reduce((text, part) => text + random.pick(blanks) + part) + random.pick(ends);
  };
  return Array.from({ length: random.below(6) }, line).join('');
}

/** A modules directory with a module m1 and m_2, a symbol, a built-in b1 and a few aliases. */
function writeModules(folder: string): void {
  const put = (name: string, lines: readonly (readonly [key: string, value: string])[]) => {
    const entries = lines.map(([key, value], priority) => ({ key, value, priority }));
    writeFileSync(join(folder, name), writeIndex(entries, 'post'));
  };
  put('modules.alias.bin', [
    ['pci:v1*', 'm1'],
    ['a*', 'm_2'],
  ]);
  put('modules.dep.bin', [
    ['m1', 'm1.ko:'],
    ['m_2', 'm-2.ko:'],
  ]);
  put('modules.symbols.bin', [['symbol:a', 'm1']]);
  put('modules.builtin.bin', [['b1', '']]);
  put('modules.builtin.alias.bin', [['x*', 'b1']]);
}

/** What libkmod's iterators say of a configuration; but for softdep, whose text kmod 30 puts together wrongly. */
function configLines({ aliases, blacklist, commands }: ModprobeConfig): string[] {
  const of = (kind: string) => commands.filter((c) => c.kind === kind).map((c) => `${kind} ${c.module} ${c.command}`);
  return [
    ...aliases.map((a) => `alias ${a.pattern} ${a.module}`),
    ...blacklist.map((b) => `blacklist ${b.module} `),
    ...of('install'),
    ...of('remove'),
  ];
}

/** Configurations to try. CI tries more than `npm test`. */
const ROUNDS = Number(process.env.LIBKMOD_CONFIGS ?? 40);

test.skipIf(!libkmodProgram)('lookup answers as libkmod does with random configurations', () => {
  const seed = Date.now() >>> 0;
  const random = new Random(seed);
  const folder = mkdtempSync(join(tmpdir(), 'modalias-libkmod-'));
  const wrong: string[] = [];
  const sources = new Set<string>();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const modules = join(folder, `${round}`);
      const directories = ['1', '2'].map((name) => join(modules, name));
      mkdirSync(modules);
      writeModules(modules);
      const texts: string[] = [];
      for (const directory of directories) {
        mkdirSync(directory);
        for (const name of ['b.conf', 'a.conf', 'c.alias', 'B.conf', 'x.txt', '.h.conf']) {
          if (random.oneIn(2)) continue;
          texts.push(`${directory}/${name}: ${JSON.stringify(randomText(random))}`);
          writeFileSync(join(directory, name), bytes(JSON.parse(texts.at(-1)!.slice(texts.at(-1)!.indexOf(': ') + 2))));
        }
      }
      const want = askLibkmod(modules, keys, directories);
      const indexes = (['few', 'many'] as const).map((expected) =>
        openAliasIndex(modules, { expected, config: directories }),
      );
      keys.forEach((key, i) => {
        for (const m of key === 'm[' ? [] : indexes[0]!.lookup(key)) sources.add(m.source);
        const have = indexes.map((index) => answerOf(index, key));
        if (have.some((h) => h !== want[i])) wrong.push(JSON.stringify({ key, want: want[i], have, texts }));
      });
      const config = configLines(readModprobeConfig({ directories, modules, diagnose: () => {} }));
      const wanted = want.slice(keys.length, -1).join('\n');
      if (config.join('\n') !== wanted) wrong.push(JSON.stringify({ wanted, config, texts }));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(wrong.slice(0, 3), `seed ${seed}`).toEqual([]);
  expect([...sources].sort()).toEqual(['alias', 'builtin', 'builtin-name', 'command', 'config', 'name', 'symbol']);
});
