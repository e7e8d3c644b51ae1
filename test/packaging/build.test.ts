import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openModulesDirectory } from '../../src/modules-directory/modules-directory.ts';
import { buildIndexFiles } from '../../src/packaging/build.ts';
import { cli } from '../support/cli.ts';
import { modulesTree, putFiles, removeTree } from '../support/modules-tree.ts';
import { pciAlias, pciModule } from '../support/pci-module.ts';

let root: string;
const NAMES = ['modules.alias', 'modules.alias.bin', 'modules.builtin.alias.bin'];
const built = (directory: string, ...args: string[]) => {
  const out = join(root, '../out', String(Math.random()));
  const run = cli(['build', directory, '-o', out, '--depmod-config', 'none', ...args]);
  expect(run).toMatchObject({ status: 0 });
  return NAMES.map((name) => readFileSync(join(out, name), 'latin1'));
};

beforeEach(() => {
  const modules = Array.from({ length: 40 }, (_, i) => {
    const bytes = pciModule(
      [
        [0x8086, i],
        [0x8086, i >> 1],
      ],
      [pciAlias(0x8086, i), 'a-b[c-d]-e', `x[${i}`],
    );
    return [`kernel/m${i % 7}/name-${i}.ko${i % 3 ? '' : '.gz'}`, i % 3 ? bytes : gzipSync(bytes)] as const;
  });
  root = modulesTree({
    ...Object.fromEntries(modules),
    'modules.order': 'kernel/m3/name-3.ko\nkernel/m1/name-1.ko\n',
    'modules.builtin.modinfo': 'ext4.alias=fs-ext4\0',
  });
});
afterEach(() => removeTree(root));

describe('build', () => {
  test('build gives the same bytes again, with any number of workers, in another locale, on a copy', () => {
    const first = built(root);
    expect(built(root)).toEqual(first);
    expect(built(root, '--workers', '1')).toEqual(first);
    expect(built(root, '--workers', '4')).toEqual(first);
    const out = join(root, '../tr');
    cli(['build', root, '-o', out, '--depmod-config', 'none'], {
      env: { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', TZ: 'Asia/Tokyo' },
    });
    expect(NAMES.map((name) => readFileSync(join(out, name), 'latin1'))).toEqual(first);
    const copy = join(root, '../copy/6.1');
    mkdirSync(copy, { recursive: true });
    for (const name of readdirSync(root).reverse()) cpSync(join(root, name), join(copy, name), { recursive: true });
    expect(built(copy)).toEqual(first);
  });

  test('build writes aliases with unpaired brackets into the text only, and says so', () => {
    const run = cli(['build', root, '--depmod-config', 'none']);
    expect(run).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("'x[7' has an unpaired bracket"),
    });
    expect(readFileSync(join(root, 'modules.alias'), 'latin1')).toContain('alias x[7 name_7\n');
    expect(readFileSync(join(root, 'modules.alias.bin'), 'latin1')).not.toContain('x[');
    expect(cli(['build', root, '--depmod-config', 'none', '--werror']).status).toBe(1);
  });

  test('build leaves modules.builtin.alias.bin empty without modules.builtin.modinfo, and warns', async () => {
    const bare = modulesTree({ 'a.ko': pciModule([[1, 2]]) });
    const files = await buildIndexFiles(openModulesDirectory(bare, { depmodConfig: 'none' }), { layout: 'pre' });
    expect(files.builtinIndex).toHaveLength(0);
    expect(files.diagnostics).toMatchObject([{ code: 'no-builtin-modinfo', severity: 'warning' }]);
    removeTree(bare);
  });

  test('build keeps the place of a file that is not a module, and warns', () => {
    const [, sound] = built(root);
    putFiles(root, { 'kernel/m1/name-1.ko': 'nothing' });
    const run = cli(['build', root, '--depmod-config', 'none', '--json']);
    expect(run).toMatchObject({ status: 0, stderr: expect.stringContaining('name-1.ko') });
    expect(JSON.parse(run.stdout)).toMatchObject({ version: 1, release: '6.1', modules: 40 });
    const index = readFileSync(join(root, 'modules.alias.bin'), 'latin1');
    expect(index).not.toContain('\x01name_1\0');
    for (const text of [sound, index]) expect(text).toContain('\x02name_');
  });

  test('build replaces all three files or none', () => {
    const blocked = join(root, '../blocked');
    mkdirSync(join(blocked, 'modules.builtin.alias.bin'), { recursive: true });
    putFiles(blocked, { 'modules.alias': 'old\n' });
    const run = cli(['build', root, '-o', blocked, '--depmod-config', 'none']);
    expect(run).toMatchObject({ status: 2, stderr: expect.stringContaining('modules.builtin.alias.bin') });
    expect(readFileSync(join(blocked, 'modules.alias'), 'latin1')).toBe('old\n');
    expect(readdirSync(blocked).sort()).toEqual(['modules.alias', 'modules.builtin.alias.bin']);
  });

  test('build writes nothing where an alias cannot be indexed', () => {
    putFiles(root, { 'kernel/odd.ko': pciModule([], ['caf\u00e9']) });
    const run = cli(['build', root, '--depmod-config', 'none', '--index-layout', 'pre']);
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toMatch(/of odd contains a byte above 127/);
    expect(readdirSync(root)).not.toContain('modules.alias');
  });

  test('build names both files where depmod could take either', () => {
    putFiles(root, { 'extra/name-1.ko': pciModule([[1, 1]]) });
    const run = cli(['build', root, '--depmod-config', 'none']);
    expect(run.stderr).toMatch(/extra\/name-1\.ko.*kernel\/m1\/name-1\.ko/);
  });

  test('build makes empty indexes of a directory without modules, with a warning', () => {
    const empty = modulesTree({ 'modules.builtin.modinfo': '' });
    expect(cli(['build', empty, '--depmod-config', 'none'])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('it contains no kernel modules'),
    });
    expect(NAMES.map((name) => readFileSync(join(empty, name)).length)).toEqual([45, 12, 12]);
    removeTree(empty);
  });

  test('build refuses a directory with neither modules nor lists, such as /etc, and writes nothing', () => {
    const other = modulesTree({ 'kernel/install.d/a.sh': '', 'modules-load.d/b.conf': '' });
    const run = cli(['build', other, '--depmod-config', 'none']);
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toContain(`${other}: contains neither kernel modules nor modules.order; expected a directory`);
    expect(readdirSync(other).sort()).toEqual(['kernel', 'modules-load.d']);
    removeTree(other);
  });

  test('build goes round no circle of links', () => {
    symlinkSync('..', join(root, 'kernel/up'));
    expect(cli(['build', root, '--depmod-config', 'none']).stderr).toContain('links to a directory that contains it');
  });

  test.each([
    [['build', '/nonexistent'], /\/nonexistent: cannot search/],
    [['build'], /DIR is missing/],
    [['build', '/tmp', '--workers', '0'], /--workers: found 0, expected a whole number from 1 to 64/],
    [['build', '/tmp', '--index-layout', 'in'], /--index-layout is one of pre, post/],
    [['build', '/tmp', '--depmod-config', '/nonexistent'], /\/nonexistent: cannot read/],
  ])('build refuses %j with exit status 2', (args, message) => {
    expect(cli(args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
  });
});
