import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ModaliasError } from '../../src/errors.ts';
import { readIndex } from '../../src/index-file/index-reader.ts';
import { needsFolder, openKernelFolder, openUnindexed, pathOfRelease } from '../../src/packaging/kernel-folder.ts';
import { putFiles } from '../support/modules-tree.ts';
import { pciAlias, pciModule } from '../support/pci-module.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kernel-folder-'));
});
afterEach(() => rmSync(dir, { recursive: true }));
const tree = (name: string, files: Readonly<Record<string, string | Uint8Array>>) => {
  putFiles(join(dir, name, '6.1'), files);
  return join(dir, name, '6.1');
};
const one = () => tree('one', { 'kernel/a.ko': pciModule([[1, 2]]), 'modules.builtin': '' });
const two = () =>
  tree('two', {
    'kernel/b.ko': pciModule([[3, 4]], [pciAlias(3, 4), 'x[']),
    'modules.order': 'kernel/a.ko\nkernel/b.ko\n',
  });

test('openKernelFolder: directories laid over each other have the lists that depmod would make', async () => {
  const said: string[] = [];
  const folder = await openKernelFolder([one(), two()], { diagnose: ({ code }) => said.push(code) });
  expect(folder).toMatchObject({ release: '6.1', onDisk: false, tellsBuiltin: true, packages: [] });
  expect(folder.packageOf('a')).toBeUndefined();
  expect(readIndex(folder.read('modules.alias.bin')!).map(({ key, value }) => `${key} ${value}`)).toEqual([
    `${pciAlias(1, 2)} a`,
    `${pciAlias(3, 4)} b`,
  ]);
  expect(folder.read('modules.dep')!.toString()).toBe('kernel/a.ko:\nkernel/b.ko:\n');
  expect(folder.read('modules.builtin')!.length).toBe(0);
  // Those of a directory know its own modules only.
  tree('one', { 'modules.alias': 'alias x a\n', 'modules.dep.bin': 'x', 'modules.builtin.bin': 'x' });
  for (const name of ['modules.alias', 'modules.dep.bin', 'modules.builtin.bin', 'modules.symbols'])
    expect(folder.read(name)).toBeUndefined();
  // What build says of an index that is written does not matter here.
  expect(said).toEqual([]);
});

test('openKernelFolder: one directory that is indexed is read as it is, and no other', async () => {
  const alias = { 'modules.alias': 'alias x a\n' };
  tree('one', alias);
  const folder = await openKernelFolder([one()]);
  expect(folder.read('modules.alias')!.toString()).toBe('alias x a\n');
  expect((await openKernelFolder([one(), two()])).read('modules.alias')).toBeUndefined();
});

test('openKernelFolder: knows what is built in by modules.builtin or its index', async () => {
  const tells = async (files: Readonly<Record<string, string>>) => {
    rmSync(join(dir, 'two'), { recursive: true, force: true });
    two();
    return (await openKernelFolder([tree('two', files)])).tellsBuiltin;
  };
  expect([await tells({}), await tells({ 'modules.builtin': '' }), await tells({ 'modules.builtin.bin': '' })]).toEqual(
    [false, true, true],
  );
});

test('openKernelFolder: refuses what has no modules, under the names of all inputs', async () => {
  const [a, b] = [tree('a', { 'modules.order': '' }), tree('b', { 'modules.order': '' })];
  await expect(openKernelFolder([a, b])).rejects.toMatchObject({ code: 'no-modules', place: { file: `${a}, ${b}` } });
});

test('openUnindexed: answers with the modules where there is no index, and says so; other errors stay', async () => {
  const unindexed = new ModaliasError('no-index', 'none');
  const said: string[] = [];
  const diagnose = ({ code, severity }: { code: string; severity: string }) => said.push(`${severity} ${code}`);
  expect((await openUnindexed(one(), unindexed, { diagnose })).read('modules.alias.bin')).toBeDefined();
  expect(said).toEqual(['note no-index']);
  await expect(openUnindexed(tree('a', { 'modules.order': '' }), unindexed)).rejects.toBe(unindexed);
  const other = new ModaliasError('bad-index', 'bad');
  await expect(openUnindexed(one(), other)).rejects.toBe(other);
  writeFileSync(join(dir, 'file'), '');
  await expect(openUnindexed(join(dir, 'file'), unindexed)).rejects.not.toBe(unindexed);
});

test('needsFolder: for several inputs and none, but not for one directory or text', async () => {
  writeFileSync(join(dir, 'text'), 'alias x a\n');
  const needs = [[one()], [join(dir, 'text')], [join(dir, 'gone')], [one(), two()], []].map(needsFolder);
  expect(await Promise.all(needs)).toEqual([false, false, false, true, true]);
});

test('pathOfRelease: a file has no release, a directory its own', () => {
  writeFileSync(join(dir, 'text'), '');
  expect([pathOfRelease(join(dir, 'text'), undefined), pathOfRelease(one(), undefined)]).toEqual([
    join(dir, 'text'),
    one(),
  ]);
  expect(() => pathOfRelease(join(dir, 'text'), '6.1')).toThrow('--release: expected packages or a modules directory');
  expect(pathOfRelease(one(), '6.1')).toMatchObject({ release: '6.1' });
  expect(() => pathOfRelease(one(), '6.2')).toThrow(expect.objectContaining({ code: 'no-such-kernel' }));
});
