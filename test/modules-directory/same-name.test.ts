import { describe, expect, test } from 'vitest';
import { parseDepmodConfig } from '../../src/config/depmod-config.ts';
import { chooseWinners } from '../../src/modules-directory/same-name.ts';
import type { FoundModule } from '../../src/modules-directory/tree-scan.ts';

const root = '/lib/modules/6.1';
const at = (path: string): FoundModule => {
  const full = path.startsWith('/') ? path : `${root}/${path}`;
  return { name: 'foo', path: full, scanned: full };
};
const winner = (text: string, ...paths: string[]) => {
  const { config } = parseDepmodConfig([{ path: 'a.conf', text }], '6.1');
  const { module, rival } = chooseWinners(config, root, paths.map(at)).get('foo')!;
  return { path: module.path.replace(`${root}/`, ''), open: rival !== undefined };
};
const copies = ['kernel/foo.ko', 'updates/foo.ko', 'extra/foo.ko', 'weak-updates/foo.ko'];

describe('chooseWinners', () => {
  test.each([
    ['', 'updates/foo.ko'],
    ['search kernel updates', 'kernel/foo.ko'],
    ['search extra updates built-in', 'extra/foo.ko'],
    ['search extra\nsearch updates built-in', 'extra/foo.ko'],
    ['override foo * extra', 'extra/foo.ko'],
    ['override foo * nowhere', 'updates/foo.ko'],
    ['override foo * updates\noverride foo * extra', 'extra/foo.ko'],
  ])('chooseWinners with %j takes %s, in whatever order they are found', (config, expected) => {
    for (const order of [copies, copies.toReversed()])
      expect(winner(config, ...order)).toEqual({ path: expected, open: false });
  });

  test('chooseWinners takes the first of two that nothing tells apart, and says that it is open', () => {
    expect(winner('', 'extra/foo.ko', 'kernel/foo.ko')).toEqual({ path: 'extra/foo.ko', open: true });
    expect(winner('', 'kernel/foo.ko', 'extra/foo.ko')).toEqual({ path: 'kernel/foo.ko', open: true });
    expect(winner('search built-in updates', 'kernel/foo.ko', 'extra/foo.ko', 'updates/foo.ko').open).toBe(true);
  });

  test('chooseWinners takes the last of two below one searched directory, and says that it is open', () => {
    expect(winner('', 'updates/aa/foo.ko', 'updates/bb/foo.ko')).toEqual({ path: 'updates/bb/foo.ko', open: true });
    const both = ['extra/foo.ko', 'extra/foo.ko.xz'];
    expect(winner('override foo * extra', ...both)).toEqual({ path: both[1], open: true });
  });

  test('chooseWinners compares whole components of a path', () => {
    expect(winner('', 'kernel/foo.ko', 'updates-x/foo.ko')).toEqual({ path: 'kernel/foo.ko', open: true });
    expect(winner('search upd kernel', 'updates/foo.ko', 'kernel/foo.ko')).toEqual({
      path: 'kernel/foo.ko',
      open: false,
    });
  });

  test('chooseWinners ranks external directories where the word external stands', () => {
    const external = (search: string) => winner(`external * /x\nsearch ${search}`, 'kernel/foo.ko', '/x/foo.ko').path;
    expect(external('external built-in')).toBe('/x/foo.ko');
    expect(external('built-in external')).toBe('kernel/foo.ko');
  });

  test('chooseWinners ranks the external directories among themselves by their lines, the first one highest', () => {
    const text = 'external * /x\nexternal * /y\nsearch external updates';
    for (const order of [
      ['/x/foo.ko', '/y/foo.ko', 'updates/foo.ko'],
      ['updates/foo.ko', '/y/foo.ko', '/x/foo.ko'],
    ])
      expect(winner(text, ...order)).toEqual({ path: '/x/foo.ko', open: false });
    expect(winner(text, 'updates/foo.ko', '/y/foo.ko')).toEqual({ path: '/y/foo.ko', open: false });
    expect(winner(`${text} external`.replace('external updates', 'updates'), 'updates/foo.ko', '/y/foo.ko').path).toBe(
      'updates/foo.ko',
    );
  });

  test('chooseWinners takes 65,534 names, as many as depmod can number, and not one more', () => {
    const { config } = parseDepmodConfig([], '6.1');
    const files = Array.from({ length: 65_535 }, (_, i) => ({ ...at(`${i}.ko`), name: `${i}` }));
    expect(chooseWinners(config, root, files.slice(1)).size).toBe(65_534);
    expect(chooseWinners(config, root, [...files.slice(1), files[1]!]).size).toBe(65_534);
    const message = '/lib/modules/6.1: 65535 modules; depmod can number 65534';
    expect(() => chooseWinners(config, root, files)).toThrow(
      expect.objectContaining({ code: 'too-many-modules', message }),
    );
  });

  test('chooseWinners compares an override with the name as the file has it', () => {
    const { config } = parseDepmodConfig([{ path: 'a', text: 'override a-b * extra' }], '6.1');
    const files = ['kernel/a_b.ko', 'extra/a-b.ko.xz'].map((p) => ({
      name: 'a_b',
      path: `${root}/${p}`,
      scanned: `${root}/${p}`,
    }));
    expect(chooseWinners(config, root, files).get('a_b')!.module.path).toBe(`${root}/extra/a-b.ko.xz`);
  });
});
