import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeIndex } from '../../src/alias/index-writer.ts';
import { loadAliasIndex } from '../../src/match/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'modalias-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('loadAliasIndex answers from the text where an offset points out of the index, however many lookups are to come', async () => {
  const bytes = writeIndex([{ key: '*a', value: 'one', priority: 0 }], 'pre');
  // The child under `*` becomes an offset without flags, of which nothing would ever be read.
  bytes.writeUInt32BE(0x00ff0000, 14);
  writeFileSync(join(folder, 'modules.alias.bin'), bytes);
  writeFileSync(join(folder, 'modules.alias'), 'alias *a one\n');
  for (const expected of ['few', 'many'] as const) {
    const problems: string[] = [];
    const index = await loadAliasIndex(folder, { expected, diagnose: (d) => problems.push(`${d.severity} ${d.code}`) });
    expect(['a', 'a?a'].map((key) => index.modules(key))).toEqual([['one'], ['one']]);
    expect(problems).toEqual(['warning bad-index']);
  }
});
