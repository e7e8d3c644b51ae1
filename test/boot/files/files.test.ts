import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Files, type Layer } from '../../../src/boot/files/files.ts';
import { diskLayer, imageLayer, memoryLayer } from '../../../src/boot/files/layers.ts';
import { type ImageEntry, ImageTree } from '../../../src/boot/initramfs/image.ts';

const file = (text: string): ImageEntry => ({ kind: 'file', size: text.length, bytes: Buffer.from(text) });
const link = (target: string): ImageEntry => ({ kind: 'symlink', target });

function image(entries: Record<string, ImageEntry>): Layer {
  return imageLayer({ file: 'x.img', entries: new Map(Object.entries(entries)), archives: [], problems: [] });
}

test('Files: links are followed as after chroot, and none leads out of the root', () => {
  const files = new Files([
    image({
      lib: link('usr/lib'),
      'usr/lib/a': file('A'),
      'etc/absolute': link('/usr/lib/a'),
      'etc/above': link('../../../../usr/lib/a'),
      'etc/masked': link('/dev/null'),
      'etc/round': link('round'),
      'etc/x': link('y'),
      'etc/y': link('x'),
    }),
  ]);
  expect(files.text('lib/a')).toBe('A');
  expect(files.text('/etc/absolute')).toBe('A');
  expect(files.text('etc/above')).toBe('A');
  expect([files.text('etc/masked'), files.isMasked('etc/masked')]).toEqual(['', true]);
  expect([files.real('etc/round'), files.real('etc/x')]).toEqual([undefined, undefined]);
  expect(files.list('lib')).toEqual(['a']);
  expect([files.link('lib'), files.link('etc/x'), files.link('usr/lib/a')]).toEqual(['usr/lib', 'y', undefined]);
});

test('Files: 40 links are followed in one path, as by the kernel', () => {
  const links = Array.from({ length: 41 }, (_, i) => [`${i + 1}`, link(`${i}`)]);
  const files = new Files([image({ 0: file('a'), ...Object.fromEntries(links) })]);
  expect([files.text('40'), files.text('41')]).toEqual(['a', undefined]);
  const tree = new ImageTree();
  for (const [path, entry] of Object.entries({ 0: { kind: 'directory' } as const, ...Object.fromEntries(links) }))
    tree.add(path, entry as ImageEntry);
  tree.add('0/a', file('a'));
  expect([tree.get('40/a')?.kind, tree.get('41/a')]).toEqual(['file', undefined]);
});

test('Files: the first layer that has a path decides, and a directory has the names of all', () => {
  const added = memoryLayer(new Map([['etc/b', { bytes: Buffer.from('new'), label: 'b.conf' }]]));
  const files = new Files([added, image({ 'etc/b': file('old'), 'etc/a': file('a') })]);
  expect([files.text('etc/b'), files.label('etc/b'), files.label('etc/a')]).toEqual(['new', 'b.conf', 'x.img(etc/a)']);
  expect(files.list('etc')).toEqual(['a', 'b']);
  expect([files.isDirectory('etc'), files.isDirectory('etc/a'), files.isDirectory('')]).toEqual([true, false, true]);
});

test('Files.dropIns: a name counts once, in the first directory that has it, in the order of the names', () => {
  const files = new Files([
    image({
      'etc/d/20.conf': file('etc 20'),
      'etc/d/30.conf': link('/dev/null'),
      'usr/d/10.conf': file('usr 10'),
      'usr/d/20.conf': file('usr 20'),
      'usr/d/30.conf': file('usr 30'),
      'usr/d/notes': file(''),
    }),
  ]);
  expect(files.dropIns(['etc/d', 'run/d', 'usr/d'], '.conf').map(({ path, text }) => `${path} ${text}`)).toEqual([
    'usr/d/10.conf usr 10',
    'etc/d/20.conf etc 20',
    'etc/d/30.conf ',
  ]);
});

test('diskLayer does not read a file of more than 64 MiB, and says so', () => {
  const root = mkdtempSync(join(tmpdir(), 'modalias-layer-'));
  writeFileSync(join(root, 'a'), '');
  truncateSync(join(root, 'a'), 67_108_865);
  const unread: string[] = [];
  const entry = diskLayer(root, (path) => unread.push(path)).entry('a');
  expect([entry?.kind === 'file' && entry.read(), unread]).toEqual([undefined, ['a']]);
  rmSync(root, { recursive: true });
});
