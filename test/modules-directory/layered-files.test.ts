import { expect, test } from 'vitest';
import { type LayerEntry, LayeredFiles } from '../../src/modules-directory/layered-files.ts';
import { chooseRelease } from '../../src/modules-directory/layers.ts';

test('LayeredFiles follows 40 links in one path, as the kernel does', () => {
  const files = new LayeredFiles<never>('/x/6.1', '6.1', () => undefined);
  const links = Array.from({ length: 41 }, (_, i): [string, LayerEntry<never>] => [
    `${i + 1}`,
    { kind: 'symlink', target: `${i}` },
  ]);
  files.lay([['0', { kind: 'file', file: '0' }], ...links]);
  expect(files.follow('/x/6.1/40')).toBe('file');
  expect(() => files.follow('/x/6.1/41')).toThrow('ELOOP');
});

const file = (name: string) => ({ kind: 'file', file: name }) as const;
const directory = { kind: 'directory' } as const;

test('LayeredFiles lays a directory over a directory, and what is none over it with all that is in it', () => {
  const files = new LayeredFiles<never>('/x/6.1', '6.1', () => undefined);
  files.lay([
    ['a', directory],
    ['a/one', file('one')],
    ['b', directory],
    ['b/two', file('two')],
  ]);
  files.lay([
    ['a', directory],
    ['a/three', file('three')],
    ['b', file('b')],
  ]);
  expect(files.entries('/x/6.1/a').map(({ name }) => name)).toEqual(['one', 'three']);
  expect(files.follow('/x/6.1/b')).toBe('file');
  expect(() => files.follow('/x/6.1/b/two')).toThrow('ENOTDIR');
});

test('LayeredFiles forgets what was in a directory that another layer replaces, also where it is made again', () => {
  const files = new LayeredFiles<never>('/x/6.1', '6.1', () => undefined);
  const layer = (name: string): [string, LayerEntry<never>][] => [
    ['b', directory],
    [`b/${name}`, file(name)],
    ['bc', directory],
    ['bc/kept', file('kept')],
  ];
  files.lay(layer('two'));
  files.lay([['b', file('b')]]);
  files.lay(layer('three'));
  expect(files.entries('/x/6.1/b').map(({ name }) => name)).toEqual(['three']);
  expect(() => files.follow('/x/6.1/b/two')).toThrow('ENOENT');
  expect(files.entries('/x/6.1/bc').map(({ name }) => name)).toEqual(['kept']);
});

test('LayeredFiles follows an absolute link as on a machine on which nothing else is', () => {
  const files = new LayeredFiles<never>('/x/6.1', '6.1', () => undefined);
  const link = (target: string) => ({ kind: 'symlink', target }) as const;
  files.lay([
    ['a', directory],
    ['a/one', file('one')],
    ['a/absolute', link('/lib/modules/6.1/a/one')],
    ['a/usr', link('/usr/lib/modules/6.1/a/one')],
    ['a/relative', link('../../6.1/a/one')],
    ['a/etc', link('/etc/passwd')],
  ]);
  for (const name of ['absolute', 'usr', 'relative']) expect(files.fileAt(`/x/6.1/a/${name}`)).toEqual(file('one'));
  expect(() => files.follow('/x/6.1/a/etc')).toThrow('ENOENT');
});

test('chooseRelease takes the name of the last directory, and refuses two that are named for releases', () => {
  const layers = (...names: readonly string[]) => names.map((name) => ({ name, entries: [] }));
  expect(chooseRelease(['a', 'b'], layers('6.1', 'copy'), undefined)).toBe('copy');
  expect(chooseRelease(['a', 'b'], layers('6.1', '6.1'), '6.1')).toBe('6.1');
  expect(() => chooseRelease(['a', 'b'], layers('6.1', '6.2'), undefined)).toThrow(
    /are of several kernels \(6\.1, 6\.2\)/,
  );
  expect(() => chooseRelease(['a', 'b'], layers('6.1', 'copy'), '6.1')).toThrow(/is the modules directory of copy/);
});
