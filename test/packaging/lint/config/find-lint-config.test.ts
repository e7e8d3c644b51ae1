import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLintConfig, readLintConfig } from '../../../../src/packaging/lint/config/find-lint-config.ts';

test('findLintConfig: takes the nearest file on the way up', async () => {
  const root = mkdtempSync(join(tmpdir(), 'lint-config-'));
  mkdirSync(join(root, 'a/b'), { recursive: true });
  expect(findLintConfig(join(root, 'a/b'))).toBeUndefined();
  writeFileSync(join(root, 'modalias.config.json'), '{"version": 1, "rules": []}');
  const found = findLintConfig(join(root, 'a/b'));
  expect(found).toBe(join(root, 'modalias.config.json'));
  expect(await readLintConfig(found!)).toEqual({ file: found, rules: [] });
  await expect(readLintConfig(join(root, 'a'))).rejects.toThrow('directory');
  await expect(readLintConfig(join(root, 'no'))).rejects.toMatchObject({ code: 'unreadable' });
  rmSync(root, { recursive: true });
});

test('findLintConfig: refuses what is not a file, as nobody would notice that its rules are missing', () => {
  const root = mkdtempSync(join(tmpdir(), 'lint-config-'));
  writeFileSync(join(root, 'modalias.config.json'), '{"version": 1, "rules": []}');
  const path = join(root, 'below', 'modalias.config.json');
  mkdirSync(path, { recursive: true });
  const refusal = (what: string) =>
    expect.objectContaining({
      code: 'not-a-file',
      place: { file: path },
      message: `${path}: found ${what}, expected lint's configuration; remove it, or use --config (PATH or none)`,
    });
  expect(() => findLintConfig(join(root, 'below'))).toThrow(refusal('a directory'));
  rmSync(path, { recursive: true });
  symlinkSync('nowhere', path);
  expect(() => findLintConfig(join(root, 'below'))).toThrow(refusal('a broken symbolic link'));
  rmSync(path);
  symlinkSync('/dev/null', path);
  expect(() => findLintConfig(join(root, 'below'))).toThrow(refusal('a special file'));
  rmSync(path);
  symlinkSync('../modalias.config.json', path);
  expect(findLintConfig(join(root, 'below'))).toBe(path);
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
