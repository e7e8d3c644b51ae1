import { copyFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { putFiles, removeTree } from '../../support/modules-tree.ts';
import { index, kernelModule, soundTree, verified } from './sound-tree.ts';

let root: string;
beforeEach(async () => {
  root = await soundTree();
});
afterEach(() => removeTree(root));

describe('verifyNames', () => {
  test('verifyNames finds a module that was copied over another, though depmod has run since', async () => {
    copyFileSync(join(root, 'kernel/m1.ko'), join(root, 'kernel/m2.ko'));
    await index(root);
    const { findings } = await verified(root);
    expect(findings).toMatchObject([{ rule: 'wrong-name', module: 'm2', file: join(root, 'kernel/m2.ko') }]);
    expect(findings[0]!.message).toContain(
      'the file is named m2, but the module in it m1 according to its .modinfo (name=m1)',
    );
  });

  test('verifyNames uses the name in struct module as well', async () => {
    putFiles(root, { 'kernel/m2.ko': kernelModule('m2', [2], { structName: 'm9' }) });
    const { findings } = await verified(root);
    expect(findings).toMatchObject([{ rule: 'wrong-name', module: 'm2' }]);
    expect(findings[0]!.message).toContain('m9 according to its .gnu.linkonce.this_module (m9)');
  });

  test('verifyNames takes dashes for underscores, and a module without names as it is', async () => {
    putFiles(root, {
      'kernel/snd-a.ko': kernelModule('snd_a', []),
      'kernel/b.ko': kernelModule('b', [], { name: undefined as never, structName: '' }),
    });
    expect((await verified(root)).rules).toEqual([]);
  });

  test.each([
    ['outside kernel/', 'updates/nv-current.ko', true],
    ["of no kernel's tree", 'kernel/nv-current.ko', false],
  ])('verifyNames only notes a renamed module %s', async (_what, path, intree) => {
    putFiles(root, { [path]: kernelModule('nv', [], { intree }) });
    expect(await verified(root)).toMatchObject({
      rules: [],
      notes: { 'renamed-module': { count: 1, examples: [`${join(root, path)} (nv)`] } },
    });
  });
});

describe('verifyReleases', () => {
  const other = (release: string, intree = true) => kernelModule('m2', [2], { release, intree });

  test('verifyReleases finds a module of another release than the directory', async () => {
    putFiles(root, { 'kernel/m2.ko': other('6.1.99') });
    const { findings } = await verified(root);
    expect(findings).toMatchObject([{ rule: 'other-release', severity: 'error', module: 'm2' }]);
    expect(findings[0]!.message).toBe('built for 6.1.99 (vermagic), but the directory is for 6.1');
  });

  test('verifyReleases has one finding for many modules of another release', async () => {
    for (const i of [1, 2, 3, 4, 5])
      putFiles(root, { [`kernel/m${i}.ko`]: kernelModule(`m${i}`, [i], { release: '5.15.0' }) });
    const { findings } = await verified(root);
    expect(findings).toMatchObject([{ rule: 'other-release', module: 'm1', count: 5 }]);
    expect(findings[0]!.message).toContain('(and 4 more such modules)');
  });

  test('verifyReleases only notes modules outside kernel/ and those that are not of the tree', async () => {
    putFiles(root, {
      'kernel/m2.ko': other('6.1.99', false),
      'updates/x.ko': kernelModule('x', [], { release: '6.1.98' }),
    });
    expect(await verified(root)).toMatchObject({ rules: [], notes: { 'foreign-release': { count: 2 } } });
  });

  test('verifyReleases compares with most modules, and says so, in a directory that is not called as a release', async () => {
    const copy = join(dirname(root), 'copy');
    renameSync(root, copy);
    root = copy;
    expect((await verified(root)).rules).toEqual([]);
    putFiles(root, { 'kernel/m2.ko': other('6.1.99') });
    const { findings } = await verified(root);
    expect(findings).toMatchObject([{ rule: 'other-release', module: 'm2' }]);
    expect(findings[0]!.message).toContain(
      "but most modules here are for 6.1 (the directory's name, copy, is not the release of any)",
    );
  });

  test('verifyReleases finds a directory that is called as another release than all of its modules', async () => {
    const moved = join(dirname(root), '6.1.0-2-amd64');
    renameSync(root, moved);
    root = moved;
    const { findings } = await verified(root);
    expect(findings).toMatchObject([{ rule: 'other-directory', severity: 'warning', file: root, module: null }]);
    expect(findings[0]!.message).toContain(
      '20 of 20 modules are built for 6.1, but the directory is named 6.1.0-2-amd64',
    );
  });
});
