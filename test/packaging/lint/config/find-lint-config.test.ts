import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLintConfig, readLintConfig } from '../../../../src/packaging/lint/config/find-lint-config.ts';

test('findLintConfig: takes the nearest file on the way up; a directory of that name is none', async () => {
  const root = mkdtempSync(join(tmpdir(), 'lint-config-'));
  mkdirSync(join(root, 'a/b/modalias.config.json'), { recursive: true });
  expect(findLintConfig(join(root, 'a/b'))).toBeUndefined();
  writeFileSync(join(root, 'modalias.config.json'), '{"version": 1, "rules": []}');
  const found = findLintConfig(join(root, 'a/b'));
  expect(found).toBe(join(root, 'modalias.config.json'));
  expect(await readLintConfig(found!)).toEqual({ file: found, rules: [] });
  await expect(readLintConfig(join(root, 'a'))).rejects.toThrow('directory');
  await expect(readLintConfig(join(root, 'no'))).rejects.toMatchObject({ code: 'unreadable' });
  rmSync(root, { recursive: true });
});

test('readLintConfig: reads 16 MiB, and no more', async () => {
  const root = mkdtempSync(join(tmpdir(), 'lint-config-'));
  const path = join(root, 'modalias.config.json');
  writeFileSync(path, '{');
  truncateSync(path, 16_777_216);
  await expect(readLintConfig(path)).rejects.toMatchObject({ code: 'bad-json' });
  truncateSync(path, 16_777_217);
  await expect(readLintConfig(path)).rejects.toMatchObject({ code: 'too-big' });
  rmSync(root, { recursive: true });
});
