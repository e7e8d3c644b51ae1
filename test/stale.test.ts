import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isStale } from '../scripts/stale.ts';

let checkout: string;
const at = (path: string, second: number) => utimesSync(join(checkout, path), second, second);
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'modalias-stale-'));
  for (const folder of ['src/bus', 'dist']) mkdirSync(join(checkout, folder), { recursive: true });
  for (const file of ['src/bus/pci.ts', 'package.json', 'dist/cli.js', 'dist/schema.json'])
    writeFileSync(join(checkout, file), '');
  for (const path of ['src/bus/pci.ts', 'src/bus', 'src', 'package.json']) at(path, 100);
  at('dist/cli.js', 200);
});
afterEach(() => rmSync(checkout, { recursive: true }));

test('isStale is false for a build that is newer than all that it is made of', () => {
  expect(isStale(checkout)).toBe(false);
});

test.each(['src/bus/pci.ts', 'package.json'])('isStale is true where %s was changed after the build', (path) => {
  at(path, 300);
  expect(isStale(checkout)).toBe(true);
});

test('isStale is true where a source was removed after the build', () => {
  rmSync(join(checkout, 'src/bus/pci.ts'));
  expect(isStale(checkout)).toBe(true);
});

test.each(['dist', 'dist/cli.js', 'dist/schema.json'])('isStale is true without %s', (path) => {
  rmSync(join(checkout, path), { recursive: true });
  expect(isStale(checkout)).toBe(true);
});
