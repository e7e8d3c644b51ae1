import { expect, test } from 'vitest';
import { readIndex } from '../../src/index-file/index-reader.ts';
import { openModulesDirectory } from '../../src/modules-directory/modules-directory.ts';
import { buildIndexFiles } from '../../src/packaging/build.ts';
import { makeIndexFiles } from '../../src/packaging/index-files.ts';
import { modulesTree, removeTree } from '../support/modules-tree.ts';
import { pciAlias, pciModule } from '../support/pci-module.ts';

const modules = [
  { module: 'one', aliases: ['a-b', 'x['] },
  { module: 'none', aliases: [] },
  { module: 'two', aliases: ['a_b', 'c'] },
];
const entries = (bytes: Uint8Array) =>
  readIndex(bytes).map(({ key, value, priority }) => `${key} ${value} ${priority}`);

test('makeIndexFiles: the text has aliases as they stand, the index their keys with the places of the modules', () => {
  const files = makeIndexFiles(modules, 'm.alias=d-e\0m.alias=f]\0n.alias=g\0', 'post');
  expect(files.aliasText.split('\n').slice(1)).toEqual([
    'alias a-b one',
    'alias x[ one',
    'alias a_b two',
    'alias c two',
    '',
  ]);
  expect(entries(files.aliasIndex)).toEqual(['a_b one 0', 'a_b two 2', 'c two 2']);
  expect(entries(files.builtinIndex)).toEqual(['d_e m 0', 'g n 0']);
  expect(files.diagnostics.map(({ code, module, severity }) => `${severity} ${code} ${module}`)).toEqual([
    'warning unmatched-bracket one',
    'warning unmatched-bracket m',
  ]);
});

test('makeIndexFiles: without modules.builtin.modinfo its index is an empty file, as with depmod; an empty one has an index', () => {
  const files = makeIndexFiles([], undefined, 'post');
  expect([files.builtinIndex.length, files.diagnostics.map(({ code }) => code)]).toEqual([0, ['no-builtin-modinfo']]);
  expect(entries(files.aliasIndex)).toEqual([]);
  const empty = makeIndexFiles([], '', 'pre');
  expect([entries(empty.builtinIndex), empty.diagnostics]).toEqual([[], []]);
});

test('buildIndexFiles: a module that cannot be read is a warning, has no aliases, and keeps the places of the others', async () => {
  const elf = pciModule([[1, 2]]);
  const root = modulesTree({
    ...{ 'kernel/a.ko': 'nothing', 'kernel/b.ko': elf, 'modules.builtin.modinfo': '' },
    'modules.order': 'kernel/a.ko\nkernel/b.ko\n',
  });
  let read = 0;
  const directory = openModulesDirectory(root, { depmodConfig: 'none' });
  const files = await buildIndexFiles(directory, { layout: 'post', onModule: () => read++ });
  removeTree(root);
  expect(files.diagnostics.map(({ severity, module }) => `${severity} ${module}`)).toEqual(['warning a']);
  expect([entries(files.aliasIndex), read]).toEqual([[`${pciAlias(1, 2)} b 1`], 2]);
});
