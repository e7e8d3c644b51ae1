import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { modulesTree, removeTree } from '../support/modules-tree.ts';
import { pciModule } from '../support/pci-module.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'modalias-package-'));
  const tree = modulesTree({ 'kernel/a.ko': pciModule([[1, 2]]) });
  spawnSync('tar', ['-cf', join(folder, 'a.tar'), '-C', tree, '.']);
  cpSync(join(tree, 'kernel/a.ko'), join(folder, 'module.tar'));
  removeTree(tree);
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['build', 'extract'])('%s refuses a package, says how to unpack it, and writes nothing', (command) => {
  const run = cli([command, join(folder, 'a.tar')]);
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr).toMatch(/a\.tar: is a package; unpack it \(tar -xf\) and name the lib\/modules\/RELEASE in it/);
  expect(readdirSync(folder).sort()).toEqual(['a.tar', 'module.tar']);
});

test('extract reads a module whatever its name', () => {
  expect(cli(['extract', join(folder, 'module.tar')])).toMatchObject({ status: 0 });
});
