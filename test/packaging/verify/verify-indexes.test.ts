import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasDepmod } from '../../support/depmod.ts';
import { modulesTree, putFiles, removeTree } from '../../support/modules-tree.ts';
import { aliasOf, change, index, indexByDepmod, kernelModule, soundTree, verified } from './sound-tree.ts';

let root: string;
let foreign: string;
beforeEach(async () => {
  root = await soundTree();
  foreign = modulesTree({
    // Of m4 to m19 an id more; n0 and n1 are not here; m4 has its first twice, so that its line is repeated.
    ...Object.fromEntries(
      Array.from({ length: 16 }, (_, i) => [`kernel/m${i + 4}.ko`, kernelModule(`m${i + 4}`, [i + 4, 100 + i])]),
    ),
    'kernel/m4.ko': kernelModule('m4', [4, 4, 100]),
    'kernel/n0.ko': kernelModule('n0', [200, 1]),
    'kernel/n1.ko': kernelModule('n1', [200]),
    'modules.builtin': 'kernel/fs/ext4/ext4.ko\n',
    'modules.builtin.modinfo': Array.from({ length: 9 }, (_, i) => `b${i}.alias=built-in-${i}\0`).join(''),
  });
});
afterEach(() => {
  removeTree(root);
  removeTree(foreign);
});
const copy = (...names: string[]) => {
  for (const name of names) copyFileSync(join(foreign, name), join(root, name));
};

const makers: [string, () => void | Promise<void>][] = [['modalias', () => index(foreign)]];
if (hasDepmod) makers.push(['depmod', () => indexByDepmod(foreign)]);

test.each(makers)(
  'compareIndex has one finding for text and index of another kernel, as %s makes them',
  async (_by, make) => {
    await make();
    copy('modules.alias', 'modules.alias.bin');
    const { findings } = await verified(root);
    expect(findings).toMatchObject([{ rule: 'stale-index', severity: 'error', file: join(root, 'modules.alias') }]);
    expect(findings[0]!.message).toMatch(
      /^modules\.alias and modules\.alias\.bin look like those of another kernel or of older modules: 22 modules differ from the modules \(4 aliases missing, 19 too many\): .*; run depmod or modalias build$/,
    );
    expect(findings[0]!.count).toBe(23);
  },
);

test('compareIndex has one finding for all three files of another kernel, with the counts of each', async () => {
  await index(foreign);
  copy('modules.alias', 'modules.alias.bin', 'modules.builtin.alias.bin');
  const { findings } = await verified(root);
  expect(findings).toMatchObject([{ rule: 'stale-index', file: join(root, 'modules.alias'), count: 33 }]);
  expect(findings[0]!.message).toMatch(
    /^modules\.alias, modules\.alias\.bin and modules\.builtin\.alias\.bin look like those of another kernel/,
  );
  expect(findings[0]!.message).toMatch(
    /; in modules\.builtin\.alias\.bin, 10 modules differ from \S+ \(1 aliases missing, 9 too many\)/,
  );
});

test.each(['modules.alias', 'modules.alias.bin'])(
  'compareIndex names %s alone where only that is of another kernel',
  async (name) => {
    await index(foreign);
    copy(name);
    const { findings } = await verified(root);
    expect(findings).toMatchObject([{ rule: 'stale-index', file: join(root, name) }]);
    expect(findings[0]!.message).toMatch(
      `${name} looks like that of another kernel or of older modules: 22 modules differ`,
    );
  },
);

test('compareIndex calls a file stale in which every module of a small directory differs, and not one in which some do', async () => {
  const small = modulesTree(
    Object.fromEntries([0, 1, 2, 3].map((i) => [`kernel/m${i}.ko`, kernelModule(`m${i}`, [i])])),
  );
  await index(small);
  const changed = (n: number) =>
    Object.fromEntries([0, 1, 2, 3].slice(0, n).map((i) => [`kernel/m${i}.ko`, kernelModule(`m${i}`, [i + 50])]));
  putFiles(small, changed(3));
  const rules = async () => (await verified(small)).rules.filter((rule) => rule !== 'missing-list');
  expect(new Set(await rules())).toEqual(new Set(['missing-in-text', 'extra-in-text']));
  putFiles(small, changed(4));
  expect(await rules()).toEqual(['stale-index']);
  removeTree(small);
});

test('compareIndex still reports garbage in a text of another kernel', async () => {
  await index(foreign);
  copy('modules.alias');
  rmSync(join(root, 'modules.alias.bin'));
  change(root, 'modules.alias', (text) => `${text}%$#\n`);
  expect((await verified(root)).rules).toEqual(['malformed-line', 'stale-index', 'missing-file']);
});

test('verifyLines reports many repeated lines, not of another kernel', async () => {
  change(root, 'modules.alias', (text) => text.replaceAll(/^alias .*\n/gm, '$&$&'));
  expect((await verified(root)).findings).toMatchObject([
    { rule: 'repeated-line', module: 'm0', alias: aliasOf(0), count: 20 },
  ]);
});
