import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasDepmod } from '../../support/depmod.ts';
import { putFiles, removeTree } from '../../support/modules-tree.ts';
import { change, inBase, index, indexByDepmod, kernelModule, soundTree, verified } from './sound-tree.ts';

let root: string;
beforeEach(async () => {
  root = await soundTree();
});
afterEach(() => removeTree(root));
const toCrLf = (text: string) => text.replaceAll('\n', '\r\n');

/** Indexes as in every test, and by the machine's own depmod: findings must not depend on who did it, or when. */
const indexed: [string, () => void | Promise<void>][] = [
  ['indexed before', () => {}],
  ['indexed since', () => index(root)],
  ...(hasDepmod ? [['indexed by depmod since', () => indexByDepmod(root)] as [string, () => void]] : []),
];

describe.each(indexed)('verifyModulesDirectory: a directory %s', (_when, again) => {
  test('verifyListLines finds a module that modules.builtin lists though it is loadable, with the line', async () => {
    change(root, 'modules.builtin', (text) => `${text}kernel/m3.ko\n`);
    await again();
    const { findings } = await verified(root);
    expect(findings).toMatchObject([
      {
        rule: 'built-in-and-loadable',
        severity: 'error',
        module: 'm3',
        file: join(root, 'modules.builtin'),
        line: 2,
        count: 1,
      },
    ]);
    expect(findings[0]!.message).toContain(
      `kernel/m3.ko is listed as built in, but ${join(root, 'kernel/m3.ko')} is loadable: modprobe considers m3 built in and never loads it`,
    );
  });

  test('verifyListLines finds modules that only one of modules.builtin and modules.builtin.modinfo names', async () => {
    const file = join(root, 'modules.builtin');
    const only = [{ rule: 'unlike-builtin', severity: 'warning', file, count: 1 }];
    change(root, 'modules.builtin', (text) => `${text}kernel/lib/other.ko\n`);
    await again();
    let { findings } = await verified(root);
    expect(findings).toMatchObject([{ ...only[0], module: 'other', line: 2 }]);
    expect(findings[0]!.message).toMatch(
      /^kernel\/lib\/other\.ko is listed as built in, but modules\.builtin\.modinfo does not name it; install both/,
    );
    change(root, 'modules.builtin.modinfo', (text) => `${text}other.file=lib/other\0more.file=lib/more lib/most\0`);
    await again();
    ({ findings } = await verified(root));
    expect(findings).toMatchObject([{ ...only[0], count: 2, line: null }]);
    expect(findings[0]!.message).toContain(
      'kernel/lib/more.ko is not listed, but modules.builtin.modinfo names it: modprobe does not find it (and 1 more such module)',
    );
  });

  test('verifyListLines tells CR LF in modules.order and modules.builtin as what it is, each once', async () => {
    change(root, 'modules.order', toCrLf);
    change(root, 'modules.builtin', toCrLf);
    await again();
    const { findings } = await verified(root);
    expect(findings).toMatchObject([
      { rule: 'cr-lf', file: join(root, 'modules.order'), line: 1, count: 20 },
      { rule: 'cr-lf', file: join(root, 'modules.builtin'), line: 1, count: 1 },
    ]);
    expect(findings[0]!.message).toMatch(/^every line ends in CR LF: .* counts as not listed \(20 lines\); remove the/);
    expect(findings[1]!.message).toMatch(/^the line ends in CR LF: depmod drops the CR/);
    const all = (await verified(root, { all: true })).findings;
    expect(all.map(({ line }) => line)).toEqual([...Array.from({ length: 20 }, (_, i) => i + 1), 1]);
  });

  test.each(['modules.order', 'modules.builtin', 'modules.builtin.modinfo'])(
    'emptyLists finds that %s was emptied, and nothing else',
    async (name) => {
      // Two modules of one alias, so that the order matters.
      putFiles(root, { 'kernel/m0.ko': kernelModule('m0', [0, 1]), 'kernel/m2.ko': kernelModule('m2', [2, 1]) });
      await index(root);
      change(root, name, () => '');
      await again();
      const { findings } = await verified(root);
      expect(findings).toMatchObject([
        { rule: 'empty-list', severity: 'warning', module: null, file: join(root, name), line: 1, count: 1 },
      ]);
      expect(findings[0]!.message).toMatch(`${name} is empty: `);
    },
  );
});

test('verifyListLines says in which lines of many CR LF is', async () => {
  change(root, 'modules.order', (text) => text.replace('m4.ko\n', 'm4.ko\r\n').replace('m7.ko\n', 'm7.ko\r\n'));
  const { findings } = await verified(root);
  expect(findings).toMatchObject([{ rule: 'cr-lf', file: join(root, 'modules.order'), line: 5, count: 2 }]);
  expect(findings[0]!.message).toContain('(and 1 more such line)');
});

test('verifyListLines takes dashes for underscores, and does not take a part of a name for a module', async () => {
  putFiles(root, { 'kernel/snd-a.ko': kernelModule('snd_a', []) });
  change(root, 'modules.order', (text) => `${text}kernel/snd-a.ko\n`);
  change(root, 'modules.builtin', (text) => `${text}kernel/m.ko\nkernel/snd-a-b.ko\nkernel/m19x.ko\n`);
  change(root, 'modules.builtin.modinfo', (text) => `${text}m.file=m\0snd_a_b.file=snd-a-b\0m19x.file=m19x\0`);
  expect((await verified(root)).rules).toEqual([]);
  change(root, 'modules.builtin', (text) => `${text}kernel/sound/snd_a.ko\n`);
  expect((await verified(root)).findings).toMatchObject([{ rule: 'built-in-and-loadable', module: 'snd_a', line: 5 }]);
});

test.skipIf(!hasDepmod)(
  'verifyModulesDirectory: modprobe does not load a module that modules.builtin lists',
  async () => {
    const load = () => {
      indexByDepmod(root);
      return inBase(root, (base, none) =>
        spawnSync('modprobe', ['-d', base, '-C', none, '-S', '6.1', '-n', '-v', 'm3'], { encoding: 'utf8' }),
      );
    };
    expect(load()).toMatchObject({ status: 0, stdout: expect.stringContaining('m3.ko') });
    change(root, 'modules.builtin', (text) => `${text}kernel/m3.ko\n`);
    expect(load()).toMatchObject({ status: 0, stdout: '' });
  },
);

test('emptyLists takes an empty modules.order for right where no module is of the kernel, and a modules.builtin of a kernel without built-in modules', async () => {
  rmSync(join(root, 'kernel'), { recursive: true });
  putFiles(root, {
    'updates/x.ko': kernelModule('x', [1]),
    'modules.order': '',
    'modules.builtin': '',
    'modules.builtin.modinfo': 'printk.parm=time:bool\0',
  });
  await index(root);
  expect((await verified(root)).rules).toEqual([]);
});
