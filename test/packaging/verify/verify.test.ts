import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openModulesDirectory } from '../../../src/modules-directory/modules-directory.ts';
import { buildIndexFiles, writeIndexFiles } from '../../../src/packaging/build.ts';
import { verifyModulesDirectory } from '../../../src/packaging/verify/verify.ts';
import { modulesTree, putFiles, removeTree } from '../../support/modules-tree.ts';
import { pciAlias, pciModule } from '../../support/pci-module.ts';

const ID = pciAlias(0x8086, 0x1533);
let root: string;
const index = async (layout: 'pre' | 'post' = 'post') =>
  writeIndexFiles(await buildIndexFiles(openModulesDirectory(root, { depmodConfig: 'none' }), { layout }), root);
const verify = async () => {
  const { findings, summary } = await verifyModulesDirectory(root, { depmodConfig: 'none' });
  return { findings, summary, rules: findings.map((f) => f.rule), notes: summary.notes.map((n) => n.rule) };
};
const change = (name: string, edit: (text: string) => string) =>
  writeFileSync(join(root, name), edit(readFileSync(join(root, name), 'latin1')), 'latin1');
const many = Object.fromEntries(
  Array.from({ length: 30 }, (_, i) => [
    `kernel/m${i}.ko`,
    pciModule([
      [0x10de, i],
      [0x10de, 0x100 + i],
    ]),
  ]),
);

beforeEach(async () => {
  root = modulesTree({
    'kernel/igb.ko': pciModule(
      [
        [0x8086, 0x1533],
        [0x8086, 0x1536],
      ],
      [pciAlias(0x8086, 0x1536), ID, 'char-major-10-200', 'pci:by-hand'],
    ),
    'kernel/e1000e.ko': pciModule([
      [0x8086, 0x10d3],
      [0x8086, 0x1533],
    ]),
    'kernel/none.ko': pciModule([]),
    'modules.order': 'kernel/igb.ko\nkernel/e1000e.ko\nkernel/none.ko\n',
    'modules.builtin': 'kernel/fs/ext4/ext4.ko\n',
    'modules.builtin.modinfo': `ext4.alias=fs-ext4\0ext4.license=GPL\0pcieport.alias=${ID}\0`,
    ...many,
  });
  await index();
});
afterEach(() => removeTree(root));

describe('verifyModulesDirectory', () => {
  test('verifyModulesDirectory is silent on a good tree and sums it up by bus', async () => {
    const { findings, summary, notes } = await verify();
    expect(findings).toEqual([]);
    expect(summary).toMatchObject({
      release: '6.1',
      modules: 33,
      tables: 33,
      rows: 64,
      aliases: 66,
      handWritten: 2,
      builtinAliases: 2,
    });
    expect(summary.buses).toEqual([
      { bus: 'pci', modules: 33, tables: 33, rows: 64, aliases: 64, handWritten: 1 },
      { bus: 'other', modules: 0, tables: 0, rows: 0, aliases: 0, handWritten: 1 },
    ]);
    expect(notes).toEqual(['hand-written-like-table', 'shared-alias', 'hidden-builtin']);
  });

  test('verifyModulesDirectory is silent on an index of kmod 34', async () => {
    await index('pre');
    expect((await verify()).findings).toEqual([]);
  });

  test('verifyModulesDirectory tells a changed id from a hand-written alias', async () => {
    const wrong = pciAlias(0x8086, 0x9999);
    putFiles(root, {
      'kernel/igb.ko': pciModule(
        [
          [0x8086, 0x1533],
          [0x8086, 0x9999],
        ],
        [pciAlias(0x8086, 0x1536), ID, 'char-major-10-200', 'pci:by-hand'],
      ),
    });
    expect((await verify()).findings).toMatchObject([
      {
        rule: 'missing-in-modinfo',
        severity: 'error',
        module: 'igb',
        table: 'ids',
        row: 1,
        alias: wrong,
        file: join(root, 'kernel/igb.ko'),
      },
      { rule: 'extra-in-modinfo', module: 'igb', table: null, row: null, alias: pciAlias(0x8086, 0x1536) },
    ]);
  });

  test('verifyModulesDirectory gives one finding for a module without its aliases', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => [1, i] as const);
    putFiles(root, { 'kernel/none.ko': pciModule(rows, []) });
    const { findings } = await verify();
    expect(findings).toMatchObject([{ rule: 'missing-in-modinfo', module: 'none', row: 0 }]);
    expect(findings[0]!.message).toContain('and 49 more');
  });

  test('verifyModulesDirectory names a line that modules.alias lost, once', async () => {
    change('modules.alias', (text) => text.replace(`alias ${ID} igb\n`, ''));
    expect((await verify()).findings).toMatchObject([
      { rule: 'missing-in-text', module: 'igb', alias: ID, file: join(root, 'modules.alias') },
    ]);
  });

  test('verifyModulesDirectory names a line of a module that is not here', async () => {
    change('modules.alias', (text) => `${text}alias pci:v0000DEAD* nonesuch\n`);
    const { findings } = await verify();
    expect(findings).toMatchObject([{ rule: 'extra-in-text', module: 'nonesuch', alias: 'pci:v0000DEAD*' }]);
    expect(findings[0]!.message).toContain('no such module');
  });

  test('verifyModulesDirectory names an index that disagrees with modules and text', async () => {
    const text = readFileSync(join(root, 'modules.alias'));
    putFiles(root, { 'kernel/igb.ko': pciModule([[0x8086, 0x1533]]) });
    await index();
    putFiles(root, {
      'kernel/igb.ko': pciModule(
        [
          [0x8086, 0x1533],
          [0x8086, 0x1536],
        ],
        [pciAlias(0x8086, 0x1536), ID, 'char-major-10-200', 'pci:by-hand'],
      ),
      'modules.alias': text,
    });
    expect((await verify()).findings).toMatchObject([
      {
        rule: 'missing-in-index',
        module: 'igb',
        file: join(root, 'modules.alias.bin'),
        message: expect.stringContaining('and 2 more'),
      },
    ]);
  });

  test('verifyModulesDirectory tells once what text and index both lack', async () => {
    putFiles(root, {
      'kernel/igb.ko': pciModule(
        [
          [0x8086, 0x1533],
          [0x8086, 0x1536],
          [0x8086, 0x1537],
        ],
        [pciAlias(0x8086, 0x1537), pciAlias(0x8086, 0x1536), ID, 'char-major-10-200', 'pci:by-hand'],
      ),
    });
    expect((await verify()).findings).toMatchObject([
      { rule: 'missing-in-text', module: 'igb', alias: pciAlias(0x8086, 0x1537) },
    ]);
  });

  test('verifyModulesDirectory calls a file stale where many modules differ', async () => {
    for (const name of Object.keys(many)) putFiles(root, { [name]: pciModule([[0x10df, 1]]) });
    const { findings } = await verify();
    expect(findings).toMatchObject([{ rule: 'stale-index', file: join(root, 'modules.alias') }]);
    expect(findings[0]!.message).toContain('30 modules differ from the modules (30 aliases missing, 60 too many)');
  });

  test('verifyModulesDirectory finds an index that is not ranked by modules.order', async () => {
    putFiles(root, { 'modules.order': 'kernel/e1000e.ko\nkernel/igb.ko\n' });
    expect((await verify()).findings).toMatchObject([
      { rule: 'stale-order', severity: 'warning', alias: ID, message: expect.stringContaining('ranks igb, e1000e') },
    ]);
  });

  test.each([
    ['cut short', (text: string) => text.slice(0, text.length / 2), 'unreadable-index'],
    ['of nonsense', () => 'nonsense, nonsense', 'unreadable-index'],
    ['empty', () => '', 'missing-file'],
  ])('verifyModulesDirectory has one finding for an index %s', async (_what, edit, rule) => {
    change('modules.alias.bin', edit);
    const { findings } = await verify();
    expect(findings).toMatchObject([{ rule, file: join(root, 'modules.alias.bin') }]);
  });

  test('verifyModulesDirectory wants modules.alias.bin where there is a modules.alias, and no text where there is an index', async () => {
    rmSync(join(root, 'modules.alias.bin'));
    expect((await verify()).rules).toEqual(['missing-file']);
    await index();
    rmSync(join(root, 'modules.alias'));
    expect(await verify()).toMatchObject({ rules: [], notes: expect.arrayContaining(['no-text']) });
  });

  test('verifyModulesDirectory checks the modules alone where depmod has not been yet', async () => {
    for (const name of ['modules.alias', 'modules.alias.bin', 'modules.builtin.alias.bin', 'modules.builtin.modinfo'])
      rmSync(join(root, name));
    expect(await verify()).toMatchObject({
      rules: [],
      notes: expect.arrayContaining(['not-indexed', 'no-builtin-modinfo']),
    });
  });

  test('verifyModulesDirectory asks for a built-in index only where depmod has been', async () => {
    rmSync(join(root, 'modules.builtin.alias.bin'));
    expect((await verify()).findings).toMatchObject([
      { rule: 'missing-file', file: join(root, 'modules.builtin.alias.bin') },
    ]);
    for (const name of ['modules.alias', 'modules.alias.bin']) rmSync(join(root, name));
    expect((await verify()).rules).toEqual([]);
    change('modules.builtin.modinfo', () => 'ext4.license=GPL\0');
    await index();
    rmSync(join(root, 'modules.builtin.alias.bin'));
    expect((await verify()).rules).toEqual([]);
  });

  test('verifyModulesDirectory does not note what is a finding: that modules.builtin.modinfo is missing', async () => {
    rmSync(join(root, 'modules.builtin.modinfo'));
    const { rules, notes } = await verify();
    expect(rules).toEqual(['missing-list']);
    expect(notes).not.toContain('no-builtin-modinfo');
  });

  test('verifyModulesDirectory counts as notes what is noted and findings of that severity', async () => {
    change('modules.alias', (text) => text.replace(`alias ${ID} igb\n`, `alias ${ID} igb\n`.repeat(2)));
    const severities = { 'repeated-line': 'note' } as const;
    const { summary } = await verifyModulesDirectory(root, { depmodConfig: 'none', severities });
    expect(summary.severities).toEqual({ error: 0, warning: 0, note: 4 });
    expect(summary.notes.map(({ count }) => count)).toEqual([1, 1, 1]);
  });

  test('verifyModulesDirectory does not speak of ranks where modules.order is damaged or empty', async () => {
    const orders = [
      ['igb', 'e1000e'],
      ['e1000e', 'igb'],
    ].map((names) => names.map((name) => `kernel/${name}.ko\n`).join(''));
    for (const [i, order] of orders.entries()) {
      change('modules.order', () => order);
      await index();
      const other = orders[1 - i]!;
      for (const damaged of [`${other}kernel/no`, '\n', other.replaceAll('\n', '\r\n')]) {
        change('modules.order', () => damaged);
        const { rules } = await verify();
        expect(rules).toHaveLength(1);
        expect(rules).not.toContain('stale-order');
      }
    }
  });

  test('verifyModulesDirectory names an index with a stale text only where it says the same', async () => {
    const [text, order] = ['modules.alias', 'kernel/m20.ko'].map((name) => readFileSync(join(root, name)));
    putFiles(root, { 'kernel/m20.ko': pciModule([[0x10de, 0x999]]) });
    await index();
    const kept = text!.toString().replace(/^alias .* m[0-8]\n/gm, '');
    putFiles(root, { 'kernel/m20.ko': order!, 'modules.alias': kept });
    const { findings } = await verify();
    expect(findings.map(({ rule, module }) => [rule, module])).toEqual([
      ['stale-index', findings[0]!.module],
      ['missing-in-index', 'm20'],
      ['extra-in-index', 'm20'],
    ]);
    expect(findings[0]!.message).toMatch(/^modules\.alias looks like that of another kernel/);
  });

  test('verifyModulesDirectory holds the built-in index against modules.builtin.modinfo', async () => {
    change('modules.builtin.modinfo', (text) => `${text}vfat.alias=fs-vfat\0ext4.alias=br[ok\0`);
    expect((await verify()).findings).toMatchObject([
      { rule: 'unmatched-bracket', module: 'ext4', alias: 'br[ok', file: join(root, 'modules.builtin.modinfo') },
      { rule: 'missing-in-index', module: 'vfat', alias: 'fs_vfat', file: join(root, 'modules.builtin.alias.bin') },
    ]);
  });

  test('verifyModulesDirectory finds aliases that no index can hold', async () => {
    putFiles(root, { 'kernel/none.ko': pciModule([], ['x[y', 'caf\u00e9', 'z'.repeat(4096)]) });
    await index();
    expect((await verify()).findings).toMatchObject([
      { rule: 'unmatched-bracket', module: 'none', alias: 'x[y' },
      { rule: 'alias-not-indexable', alias: 'caf\u00e9' },
      { rule: 'alias-not-indexable', alias: 'z'.repeat(4096) },
    ]);
  });

  test('verifyModulesDirectory finds files that are no modules', async () => {
    putFiles(root, { 'kernel/none.ko': 'nothing' });
    expect((await verify()).findings).toMatchObject([
      { rule: 'unreadable-module', module: 'none', file: join(root, 'kernel/none.ko') },
    ]);
  });

  test('verifyModulesDirectory throws for a directory that is not there', async () => {
    await expect(verifyModulesDirectory(join(root, 'nowhere'))).rejects.toThrow(/cannot search/);
  });
});
