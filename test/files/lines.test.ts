import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLines } from '../../src/files/lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'modalias-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function linesOf(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of readLines(path)) lines.push(...batch);
  return lines;
}

test('readLines gives the lines of pieces put together, the last one with or without its newline', async () => {
  const long = 'x'.repeat(700_000);
  writeFileSync(join(folder, 'lines'), `a\n\n${long}\nb`);
  expect(await linesOf(join(folder, 'lines'))).toEqual(['a', '', long, 'b']);
});

test('readLines stops at a line that does not end', async () => {
  await expect(linesOf('/dev/zero')).rejects.toMatchObject({ code: 'line-too-long' });
});

test('readLines takes lines of 1 MiB, whether or not a newline follows', async () => {
  const longest = 'x'.repeat(1_048_576);
  writeFileSync(join(folder, 'longest'), `${longest}\n${longest}`);
  expect((await linesOf(join(folder, 'longest'))).map((line) => line.length)).toEqual([1_048_576, 1_048_576]);
  for (const end of ['', '\n']) {
    writeFileSync(join(folder, 'longer'), `a\n${longest}x${end}`);
    await expect(linesOf(join(folder, 'longer'))).rejects.toMatchObject({ code: 'line-too-long' });
  }
});
