import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { putFiles, removeTree } from '../../support/modules-tree.ts';
import { aliasOf, kernelModule, soundTree, verified } from './sound-tree.ts';

let root: string;
beforeEach(async () => {
  root = await soundTree();
});
afterEach(() => removeTree(root));

describe('verifySameNames', () => {
  const config = () => ({ depmodConfig: join(root, 'conf') });
  beforeEach(() => putFiles(root, { 'conf/a.conf': 'search updates built-in\n' }));

  test('verifySameNames finds aliases that are lost by the choice, and names both files', async () => {
    putFiles(root, { 'updates/m3.ko': kernelModule('m3', [300]) });
    const [kernel, updates] = [join(root, 'kernel/m3.ko'), join(root, 'updates/m3.ko')];
    const finding = (await verified(root, config())).findings.find((f) => f.rule === 'shadowed-aliases');
    expect(finding).toMatchObject({ severity: 'warning', module: 'm3', alias: aliasOf(3), file: kernel, count: 1 });
    expect(finding!.message).toContain(`depmod uses ${updates}, not ${kernel}; only ${kernel} has this alias`);
  });

  test('verifySameNames holds either way where nothing decides', async () => {
    putFiles(root, { 'extra/m3.ko': kernelModule('m3', [3, 300]) });
    const { findings } = await verified(root);
    expect(findings).toMatchObject([
      { rule: 'shadowed-aliases', alias: aliasOf(300), file: join(root, 'extra/m3.ko') },
    ]);
    expect(findings[0]!.message).toContain('add a search or override line to depmod.d to decide');
  });

  test('withOrigins gives shadowed aliases the table and the row of the file that has them', async () => {
    putFiles(root, { 'extra/m3.ko': kernelModule('m3', [301, 300]) });
    const { findings } = await verified(root, { all: true });
    const origin = ({ alias, file, table, row }: (typeof findings)[number]) => [alias, file, table, row];
    expect(findings.filter(({ rule }) => rule === 'shadowed-aliases').map(origin)).toEqual([
      [aliasOf(3), join(root, 'kernel/m3.ko'), 'ids', 0],
      [aliasOf(301), join(root, 'extra/m3.ko'), 'ids', 0],
      [aliasOf(300), join(root, 'extra/m3.ko'), 'ids', 1],
    ]);
  });

  test('verifySameNames counts for each file the aliases that only it has where nothing decides', async () => {
    putFiles(root, { 'extra/m3.ko': kernelModule('m3', [300, 301]) });
    const [finding] = (await verified(root)).findings.filter((f) => f.rule === 'shadowed-aliases');
    const [extra, kernel] = [join(root, 'extra/m3.ko'), join(root, 'kernel/m3.ko')];
    expect(finding).toMatchObject({ module: 'm3', count: 3 });
    expect(finding!.message).toContain(`; 1 alias is only in ${kernel}, 2 aliases are only in ${extra}; add a search`);
  });

  test('verifySameNames only notes two files with the same aliases, and names both', async () => {
    putFiles(root, { 'extra/m3.ko': kernelModule('m3', [3]) });
    const { rules, notes } = await verified(root);
    expect(rules).toEqual([]);
    const example = notes['shadowed-module']!.examples[0]!;
    for (const path of ['extra/m3.ko', 'kernel/m3.ko']) expect(example).toContain(join(root, path));
  });
});
