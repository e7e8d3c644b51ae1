import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cause } from '../../../src/packaging/finding.ts';
import { NoteBook } from '../../../src/packaging/notes.ts';
import { emptyLists, type KernelLists, noteLists, tellsOfModules } from '../../../src/packaging/verify/verify-lists.ts';
import { putFiles, removeTree } from '../../support/modules-tree.ts';
import { change, index, kernelModule, soundTree, verified } from './sound-tree.ts';

let root: string;
beforeEach(async () => {
  root = await soundTree();
});
afterEach(() => removeTree(root));
const remove = (...names: string[]) => {
  for (const name of names) rmSync(join(root, name));
};

describe('missingLists', () => {
  test.each(['modules.order', 'modules.builtin', 'modules.builtin.modinfo'])(
    'missingLists finds that %s is missing, and says which package has it',
    async (name) => {
      remove(name);
      await index(root);
      const { findings } = await verified(root);
      expect(findings).toMatchObject([{ rule: 'missing-list', severity: 'warning', file: join(root, name), count: 1 }]);
      expect(findings[0]!.message).toMatch(`${name} is missing: `);
      expect(findings[0]!.message).toContain('Debian from 7.2 on has them in linux-base-RELEASE');
    },
  );

  test('missingLists is one finding for the lists of another package, each with --all', async () => {
    remove('modules.order', 'modules.builtin', 'modules.builtin.modinfo');
    await index(root);
    expect((await verified(root)).findings).toMatchObject([{ rule: 'missing-list', count: 3 }]);
    const all = (await verified(root, { all: true })).findings;
    expect(all.map((f) => f.file)).toEqual(
      ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'].map((name) => join(root, name)),
    );
    expect(new Set(all.map((f) => f.fingerprint)).size).toBe(3);
  });

  test('missingLists only notes that modules.builtin.modinfo is missing where nothing is indexed', async () => {
    remove(
      'modules.builtin.modinfo',
      'modules.builtin.alias.bin',
      'modules.builtin.bin',
      'modules.alias',
      'modules.alias.bin',
    );
    expect(await verified(root)).toMatchObject({ rules: [], notes: { 'no-builtin-modinfo': { count: 1 } } });
  });
});

describe('verifyModulesDirectory: absent modules', () => {
  test('absentModules finds the lines of modules.order whose modules are not there, as one', async () => {
    change(root, 'modules.order', (text) => `kernel/gone.ko\n${text}kernel/lost.ko\n`);
    const { findings } = await verified(root);
    expect(findings).toMatchObject([
      { rule: 'listed-but-absent', severity: 'warning', file: join(root, 'modules.order'), line: 1, count: 2 },
    ]);
    expect(findings[0]!.message).toContain('kernel/gone.ko is listed, but does not exist (and 1 more such line)');
    expect((await verified(root, { all: true })).findings.map((f) => f.line)).toEqual([1, 22]);
  });

  test('absentModules takes compressed modules, and those that depmod.d excludes, for those listed', async () => {
    putFiles(root, { 'conf/a.conf': 'exclude m3.ko\n' });
    expect((await verified(root, { depmodConfig: join(root, 'conf') })).rules).not.toContain('listed-but-absent');
  });
});

test('verifyModulesDirectory finds a modules.order that is cut short', async () => {
  change(root, 'modules.order', (text) => text.slice(0, -5));
  expect((await verified(root)).findings).toMatchObject([
    { rule: 'damaged-order', severity: 'warning', file: join(root, 'modules.order'), line: 20 },
  ]);
});

test('verifyModulesDirectory does not speak of a modules.order that is not there when it judges the order', async () => {
  putFiles(root, { 'kernel/m0.ko': kernelModule('m0', [0, 1]) });
  await index(root);
  remove('modules.order');
  const order = (await verified(root)).findings.find((f) => f.rule === 'stale-order');
  const message = order?.message ?? (await reversed());
  expect(message).toMatch(/but without a modules\.order, by the hash of the names, it is m\d, m\d/);
  expect(message).not.toContain('by modules.order');
});

/**
 * The message where the hash happens to rank as modules.order did: with the lines of the two modules the other way
 * round.
 */
async function reversed(): Promise<string> {
  putFiles(root, { 'modules.order': 'kernel/m1.ko\nkernel/m0.ko\n' });
  await index(root);
  remove('modules.order');
  return (await verified(root)).findings.find((f) => f.rule === 'stale-order')!.message;
}

test('verifyModulesDirectory finds links that lead nowhere, as depmod reports them', async () => {
  symlinkSync('nowhere', join(root, 'kernel/dangling.ko'));
  expect((await verified(root)).findings).toMatchObject([
    { rule: 'dangling-link', severity: 'error', file: join(root, 'kernel/dangling.ko') },
  ]);
});

test.each<[what: string, lists: Partial<KernelLists>, inTree: boolean, empty: readonly string[]]>([
  ['an empty modules.order where modules are of the tree', { order: '\n' }, true, ['modules.order']],
  ['no modules.order that has nothing to list', { order: '' }, false, []],
  [
    'an empty modules.builtin where others list modules',
    { builtin: ' \n', someBuiltin: () => true },
    true,
    ['modules.builtin'],
  ],
  ['no modules.builtin of a kernel without built-in modules', { builtin: '', someBuiltin: () => false }, true, []],
  ['an empty modules.builtin.modinfo', { modinfo: '' }, false, ['modules.builtin.modinfo']],
  ['no list that is missing', { order: undefined, builtin: undefined, modinfo: undefined }, true, []],
])('emptyLists finds %s', (_what, lists, inTree, empty) => {
  const all = { order: 'x', builtin: 'x', modinfo: 'x', someBuiltin: () => true, hasBuiltinIndex: true, ...lists };
  const found = emptyLists(all, inTree, (name) => name);
  expect(found.map(({ items }) => items[0]!.file)).toEqual(empty);
});

test('tellsOfModules: files, licences and aliases are of modules; parameters may be of other code', () => {
  const tells = ['a.file=x', 'x.parm=y\0a.license=GPL', 'a.alias=x'];
  expect(tells.map(tellsOfModules)).toEqual([true, true, true]);
  expect(['', 'a.parm=x', 'a.b.file=x', 'alias=x'].map(tellsOfModules)).toEqual([false, false, false, false]);
});

test('noteLists: in packages what another may have is noted with its name, and no finding', () => {
  const notes = new NoteBook();
  const causes = [
    cause('missing-list', 'modules.order is missing: so it is', { file: 'a' }),
    cause('cr-lf', 'the line ends in CR LF', { file: 'b' }),
    cause('listed-but-absent', 'kernel/x.ko is listed, but does not exist', { file: 'c' }),
  ];
  expect(noteLists(notes, causes)).toEqual([causes[1]]);
  expect(notes.notes().map(({ rule, count, examples }) => [rule, count, ...examples])).toEqual([
    ['list-elsewhere', 1, 'modules.order'],
    ['module-elsewhere', 1, 'kernel/x.ko'],
  ]);
});
