import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findModuleInputs } from '../../src/modules-directory/module-inputs.ts';
import { openModulesDirectory } from '../../src/modules-directory/modules-directory.ts';
import { partError } from '../../src/modules-directory/wrong-directory.ts';
import { putFiles } from '../support/modules-tree.ts';
import { pciModule } from '../support/pci-module.ts';

let base: string;
const module = pciModule([[1, 2]]);
const lists = (release: string) => ({
  [`lib/modules/${release}/modules.order`]: 'kernel/a.ko\n',
  [`lib/modules/${release}/modules.builtin`]: '',
  [`lib/modules/${release}/modules.builtin.modinfo`]: '',
});
const open = (path: string) =>
  openModulesDirectory(join(base, path), { depmodConfig: 'none' }).modules.map((m) => m.name);

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'modules-'));
  putFiles(base, { 'lib/modules/6.1.0-1/kernel/a.ko': module, ...lists('6.1.0-1') });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

describe('openModulesDirectory', () => {
  test.each(['', 'lib', 'lib/modules', 'lib/modules/'])(
    'openModulesDirectory refuses "%s" and names the directory below it',
    (path) => {
      const wanted = join(base, 'lib/modules/6.1.0-1');
      expect(() => open(path)).toThrow(`is not a modules directory; below it is ${wanted}, did you mean that?`);
    },
  );

  test('openModulesDirectory lists several directories below, by name', () => {
    putFiles(base, { 'lib/modules/6.12.1/extra/b.ko': module });
    expect(() => open('lib/modules')).toThrow(/below it are \S+\/6\.1\.0-1, \S+\/6\.12\.1: name one of them$/);
    for (let i = 2; i < 5; i++) putFiles(base, { [`lib/modules/6.12.${i}/extra/b.ko`]: module });
    expect(() => open('lib/modules')).toThrow(/6\.12\.3, \S+\/6\.12\.4: name one of them$/);
    for (let i = 5; i < 9; i++) putFiles(base, { [`lib/modules/6.12.${i}/extra/b.ko`]: module });
    expect(() => open('lib/modules')).toThrow(/6\.12\.4 and 4 more: name one of them$/);
  });

  test.each(['kernel', 'kernel/drivers', 'updates'])(
    'openModulesDirectory refuses %s of a modules directory',
    (part) => {
      putFiles(base, { 'lib/modules/6.1.0-1/kernel/drivers/c.ko': module, 'lib/modules/6.1.0-1/updates/d.ko': module });
      expect(() => open(`lib/modules/6.1.0-1/${part}`)).toThrow(
        `is a part of the modules directory ${join(base, 'lib/modules/6.1.0-1')}; did you mean that?`,
      );
    },
  );

  test('openModulesDirectory knows kernel/ of a copied tree by what depmod left, or by its name and lists', () => {
    putFiles(base, { 'copy/kernel/a.ko': module, '6.1.0/kernel/a.ko': module });
    expect(open('copy/kernel')).toEqual(['a']);
    expect(open('6.1.0/kernel')).toEqual(['a']);
    putFiles(base, { 'copy/modules.dep': '', '6.1.0/modules.order': '' });
    expect(() => open('copy/kernel')).toThrow(/is a part of/);
    expect(() => open('6.1.0/kernel')).toThrow(/is a part of/);
  });

  test.each<[string, Record<string, string | Uint8Array>, string[]]>([
    ['without lists and of any name', { 'my-copy/kernel/a.ko': module }, ['a']],
    ['with modules at its top', { 'my-copy/a.ko': module, 'my-copy/updates/dkms/b.ko': module }, ['a', 'b']],
    ['of one more kernel in a folder of its own', { 'my-copy/kernel/6.2.0/kernel/a.ko': module }, ['a']],
    ['with lists and other trees below', { 'my-copy/modules.order': '', 'my-copy/6.2.0/kernel/a.ko': module }, ['a']],
    [
      'which is a build tree',
      { 'my-copy/modules.order': 'fs/a.o\n', 'my-copy/fs/a.ko': module, 'my-copy/modules.builtin': '' },
      ['a'],
    ],
  ])('openModulesDirectory takes a directory %s', (_what, files, names) => {
    putFiles(base, files);
    expect(open('my-copy').toSorted()).toEqual(names);
  });

  test('openModulesDirectory takes a folder of a build tree', () => {
    putFiles(base, { 'linux/modules.order': 'fs/a.o\n', 'linux/modules.builtin': '', 'linux/fs/a.ko': module });
    expect(open('linux/fs')).toEqual(['a']);
  });

  test('openModulesDirectory does not take alias files for a sign: an older modalias may have written them to lib/modules', () => {
    putFiles(base, { 'lib/modules/modules.alias': '', 'lib/modules/modules.alias.bin': '' });
    expect(() => open('lib/modules')).toThrow(/is not a modules directory/);
  });
});

test('findModuleInputs refuses what holds modules directories, and kernel/, but takes any other folder of modules', () => {
  putFiles(base, { 'lib/modules/6.1.0-1/kernel/drivers/net/c.ko': module });
  const find = (path: string) => findModuleInputs([join(base, path)]).inputs.length;
  expect(() => find('lib/modules')).toThrow(/did you mean that/);
  expect(() => find('lib/modules/6.1.0-1/kernel')).toThrow(/is a part of/);
  expect(find('lib/modules/6.1.0-1')).toBe(2);
  expect(find('lib/modules/6.1.0-1/kernel/drivers')).toBe(1);
});

test('partError takes what is below build/ and source/ of a modules directory for a tree of its own', () => {
  const directory = join(base, 'lib/modules/6.1.0-1');
  expect(
    ['build/drivers', 'source', 'kernel/drivers', 'buildings'].map((part) => partError(`${directory}/${part}`, part)),
  ).toEqual([
    undefined,
    undefined,
    expect.objectContaining({ code: 'not-a-modules-directory' }),
    expect.objectContaining({ code: 'not-a-modules-directory' }),
  ]);
});
