import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseDepmodConfig } from '../../src/config/depmod-config.ts';
import { rawPath } from '../../src/files/raw-path.ts';
import type { TreeFiles } from '../../src/modules-directory/tree-files.ts';
import { scanTree } from '../../src/modules-directory/tree-scan.ts';
import { modulesTree, putFiles, removeTree } from '../support/modules-tree.ts';

let root: string;
const scan = (text = '', ...rest: [(readonly ('gz' | 'xz' | 'zst')[])?]) => {
  const { config } = parseDepmodConfig([{ path: 'a.conf', text }], '6.1');
  return scanTree(rawPath(root), config, ...rest);
};
const found = (...args: Parameters<typeof scan>) => scan(...args).modules.map((m) => m.relative ?? m.path);

beforeEach(() => {
  root = modulesTree({ 'kernel/b.ko': '', 'kernel/a.ko': '' });
});
afterEach(() => removeTree(root));

describe('scanTree', () => {
  test('scanTree finds .ko and its compressed forms, in the order of bytes', () => {
    putFiles(root, {
      'kernel/c.ko.xz': '',
      'kernel/c.ko.zst': '',
      'B.ko.gz': '',
      'x.txt': '',
      '.ko': '',
      '.y.ko': '',
      'z.ko.bz2': '',
      'A.KO': '',
    });
    expect(found()).toEqual(['.y.ko', 'B.ko.gz', 'kernel/a.ko', 'kernel/b.ko', 'kernel/c.ko.xz', 'kernel/c.ko.zst']);
    expect(found('', ['xz'])).toEqual(['.y.ko', 'kernel/a.ko', 'kernel/b.ko', 'kernel/c.ko.xz']);
  });

  test('scanTree skips build, source and what is excluded, at any depth, and enters hidden directories', () => {
    putFiles(root, {
      'build/x.ko': '',
      'kernel/source/x.ko': '',
      '.hidden/h.ko': '',
      'no/x.ko': '',
      'kernel/no/x.ko': '',
      'kernel/builds/x.ko': '',
    });
    expect(found('exclude no b.ko')).toEqual(['.hidden/h.ko', 'kernel/a.ko', 'kernel/builds/x.ko']);
  });

  test('scanTree follows links to files and directories, but not to those that it is in', () => {
    const outside = join(root, '../outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'o.ko'), '');
    symlinkSync(outside, join(root, 'kernel/more'));
    symlinkSync('a.ko', join(root, 'kernel/other.ko'));
    symlinkSync('..', join(root, 'kernel/up'));
    symlinkSync('.', join(outside, 'here'));
    symlinkSync('nowhere', join(root, 'kernel/dangling.ko'));
    expect(found()).toEqual(['kernel/a.ko', 'kernel/b.ko', 'kernel/more/o.ko', 'kernel/other.ko']);
    expect(scan().diagnostics.map((d) => [d.code, d.file])).toEqual([
      ['dangling-link', join(root, 'kernel/dangling.ko')],
      ['link-circle', join(root, 'kernel/more/here')],
      ['link-circle', join(root, 'kernel/up')],
    ]);
  });

  test('scanTree enters a link to a directory whose name only begins like that of one around it', () => {
    putFiles(root, { 'kernel-more/m.ko': '', 'kern/n.ko': '' });
    symlinkSync('../kern', join(root, 'kernel-more/link'));
    expect(scan().diagnostics).toEqual([]);
    expect(found()).toContain('kernel-more/link/n.ko');
    symlinkSync('/', join(root, 'kernel/top'));
    expect(scan().diagnostics).toMatchObject([{ code: 'link-circle', file: join(root, 'kernel/top') }]);
  });

  test.each([
    ['directories', 'directory', 49_999, /more than 50000 directories/],
    ['links to directories', 'symlink', 2000, /more than 2000 links to directories/],
  ] as const)('scanTree enters as many %s as it may, and not one more', (_what, kind, most, error) => {
    const scanOf = (count: number) => {
      const files: TreeFiles = {
        entries: (at) =>
          at === '/root'
            ? Array.from({ length: count }, (_, i) => ({ name: `d${i}`, kind }))
            : [{ name: 'm.ko', kind: 'file' }],
        follow: () => 'directory',
        isFile: () => true,
        real: (at) => `/real${at}`,
        read: () => undefined,
        shown: (at) => at,
      };
      return scanTree('/root', parseDepmodConfig([], '6.1').config, undefined, files).modules.length;
    };
    expect(scanOf(most)).toBe(most);
    expect(() => scanOf(most + 1)).toThrow(error);
  });

  test('scanTree takes no directory beside the root for one below it, whatever its name begins with', () => {
    const beside = `${root}-extra`;
    mkdirSync(beside);
    writeFileSync(join(beside, 'c.ko'), '');
    try {
      expect(scan(`external * ${beside}`).modules.map(({ name, relative }) => [name, relative])).toEqual([
        ['a', 'kernel/a.ko'],
        ['b', 'kernel/b.ko'],
        ['c', undefined],
      ]);
    } finally {
      removeTree(beside);
    }
  });

  test('scanTree searches external directories after the root, absent ones silently', () => {
    const outside = join(root, '../outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'o.ko'), '');
    const { modules, diagnostics } = scan(`external * ${outside}\nexternal * /nonexistent`);
    expect(modules.map((m) => m.relative ?? m.path)).toEqual(['kernel/a.ko', 'kernel/b.ko', join(outside, 'o.ko')]);
    expect(diagnostics).toEqual([]);
  });

  test('scanTree keeps names that are not UTF-8', () => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/m`), Buffer.from([0xe9]), Buffer.from('.ko')]), '');
    expect(scan().modules.map((m) => m.name)).toEqual(['a', 'b', 'm\u00e9']);
  });

  test('scanTree gives up where links to directories multiply', () => {
    for (let i = 0; i < 20; i++) {
      mkdirSync(join(root, `d${i}`));
      for (const name of ['x', 'y']) symlinkSync(`../d${i + 1}`, join(root, `d${i}`, name));
    }
    mkdirSync(join(root, 'd20'));
    expect(() => scan()).toThrow(/more than 2000 links to directories/);
  });
});
