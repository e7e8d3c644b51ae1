import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { InitramfsImage } from '../../../src/boot/initramfs/image.ts';
import { type ReadImageOptions, readInitramfs } from '../../../src/boot/initramfs/read-image.ts';
import { type CpioEntry, cpioArchive } from '../../support/cpio-writer.ts';

function read(bytes: Uint8Array, options: ReadImageOptions = { keep: () => true }): Promise<InitramfsImage> {
  const directory = mkdtempSync(join(tmpdir(), 'initramfs-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'initrd.img');
  writeFileSync(file, bytes);
  return readInitramfs(file, options);
}

const text = (image: InitramfsImage, path: string) => {
  const entry = image.entries.get(path);
  return entry?.kind === 'file' ? entry.bytes?.toString('latin1') : entry?.kind;
};

const MAIN: Record<string, CpioEntry> = {
  '.': null,
  etc: null,
  'etc/a': 'A',
  'etc/b': { link: 'a' },
  init: '#!/bin/sh\n',
};

test('readInitramfs: reads archives one after the other, zeros between them, the last one compressed', async () => {
  const early = cpioArchive({ 'kernel/x86/microcode/GenuineIntel.bin': 'code' });
  const image = await read(Buffer.concat([early, Buffer.alloc(512), gzipSync(cpioArchive(MAIN))]));
  expect(image.problems).toEqual([]);
  expect(image.archives).toEqual([
    { offset: 0, packing: 'plain', members: 1 },
    { offset: early.length + 512, packing: 'gzip', members: 5 },
  ]);
  expect([text(image, 'etc/a'), image.entries.get('etc/b')]).toEqual(['A', { kind: 'symlink', target: 'a' }]);
});

test('readInitramfs: reads an archive that was appended to a compressed one', async () => {
  const image = await read(
    Buffer.concat([gzipSync(cpioArchive(MAIN)), cpioArchive({ 'etc/a': 'appended', last: '1' })]),
  );
  expect([text(image, 'etc/a'), text(image, 'last'), image.problems]).toEqual(['appended', '1', []]);
  expect(image.archives.map(({ packing }) => packing)).toEqual(['gzip', 'plain']);
  // Data that is stored as it is has headers in it, which are not appended.
  const stored = await read(gzipSync(cpioArchive(MAIN), { level: 0 }));
  expect(stored.archives).toMatchObject([{ packing: 'gzip', members: 5 }]);
  const both = await read(Buffer.concat([gzipSync(cpioArchive(MAIN), { level: 0 }), cpioArchive({ last: '1' })]));
  expect(both.archives).toMatchObject([{ packing: 'gzip' }, { packing: 'plain', members: 1 }]);
});

/** An archive, stored in gzip, with headers in it, and another behind it: whether that is found. */
async function findsAppended(headers: Buffer): Promise<boolean> {
  const stored = gzipSync(cpioArchive({ headers }), { level: 0 });
  return text(await read(Buffer.concat([stored, cpioArchive({ last: '1' })])), 'last') === '1';
}

test('readInitramfs: unpacks gzip data four times at most to see whether it ends before what looks like a header', async () => {
  const header = Buffer.from(`070701${'0'.repeat(104)}`);
  // Before each stands a size that data could unpack to; so it does before the first member of what is stored.
  const likely = Buffer.concat([Buffer.from([0, 0, 0, 0x40]), header]);
  expect(await findsAppended(Buffer.concat([likely, likely]))).toBe(true);
  expect(await findsAppended(Buffer.concat([likely, likely, likely]))).toBe(false);
});

test('readInitramfs: looks at 10,000 headers in compressed data, and takes what follows for data too', async () => {
  // Before the next one stands a size that no archive has. Where a block of stored data ends, one is cut in two.
  const unlikely = Buffer.from(`070701${'0'.repeat(100)}1000`);
  expect(await findsAppended(Buffer.alloc(10_050 * unlikely.length, unlikely))).toBe(false);
});

test('readInitramfs: later members lie over earlier ones, through links of directories, whatever their magic', async () => {
  const first = cpioArchive({ 'usr/lib': null, lib: { link: 'usr/lib' }, 'usr/lib/x': 'old' });
  const second = cpioArchive({ 'lib/x': 'new', '/abs': '1' }, '070702');
  const image = await read(Buffer.concat([first, second]));
  expect([text(image, 'usr/lib/x'), text(image, 'abs'), image.problems]).toEqual(['new', '1', []]);
  // A directory takes the place of a link (init/initramfs.c:clean_path).
  const third = await read(Buffer.concat([first, cpioArchive({ './lib': null, 'lib/x': 'new' })]));
  expect([text(third, 'usr/lib/x'), text(third, 'lib'), text(third, 'lib/x')]).toEqual(['old', 'directory', 'new']);
});

test('readInitramfs: keeps only the bytes that are asked for', async () => {
  const image = await read(cpioArchive(MAIN), { keep: (path) => path === 'init' });
  expect([text(image, 'etc/a'), text(image, 'init')]).toEqual([undefined, '#!/bin/sh\n']);
  expect(image.entries.get('etc/a')).toMatchObject({ kind: 'file', size: 1 });
});

test.each([
  [Buffer.from('02214c18', 'hex'), 'lz4'],
  [Buffer.from('5d00008000', 'hex'), 'lzma'],
  [Buffer.from('BZh9'), 'bzip2'],
  [Buffer.from('894c5a4f', 'hex'), 'lzo'],
])('readInitramfs: names a compression that it cannot read (%#)', async (start, name) => {
  const early = cpioArchive({ early: '1' });
  const image = await read(Buffer.concat([early, start, Buffer.alloc(64)]));
  expect(image.problems).toMatchObject([{ code: 'unsupported-compression', message: expect.stringContaining(name) }]);
  expect(text(image, 'early')).toBe('1');
});

test('readInitramfs: gives what comes before the damage, and says where it is', async () => {
  const whole = cpioArchive({ a: 'first', b: 'x'.repeat(1000), c: 'last' });
  const packed = gzipSync(whole);
  const cut = await read(whole.subarray(0, 700));
  expect([text(cut, 'a'), cut.entries.has('c'), cut.problems.length]).toEqual(['first', false, 1]);
  for (const bytes of [packed.subarray(0, packed.length / 2), Buffer.from(packed).fill(0xff, 40, 60)]) {
    const image = await read(bytes);
    expect([image.entries.has('c'), image.problems.length]).toEqual([false, 1]);
  }
  expect((await read(Buffer.from('neither'))).problems).toMatchObject([{ code: 'bad-initramfs' }]);
  expect(await read(Buffer.alloc(0))).toMatchObject({ archives: [], problems: [] });
  expect(await read(Buffer.alloc(4096))).toMatchObject({ archives: [], problems: [] });
});

test('readInitramfs: stops at its limits, in a bomb as in an archive of too many members', async () => {
  const bomb = gzipSync(cpioArchive({ a: '1', zeros: Buffer.alloc(20 << 20), b: '2' }));
  const small = await read(bomb, { limits: { unpacked: 1 << 20 } });
  expect([small.problems[0]?.code, small.entries.has('b')]).toEqual(['too-big', false]);
  const many = cpioArchive(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, ''])));
  expect((await read(many, { limits: { members: 20 } })).problems).toMatchObject([{ code: 'too-many-members' }]);
  const kept = await read(cpioArchive({ big: 'x'.repeat(5000), ok: '1' }), {
    keep: () => true,
    limits: { file: 1000 },
  });
  expect([text(kept, 'big'), text(kept, 'ok'), kept.problems[0]?.code]).toEqual([undefined, '1', 'too-big']);
});

test('readInitramfs: links in a circle and names that lead out of the image end in nothing', async () => {
  const image = await read(
    cpioArchive({ x: { link: 'y' }, y: { link: 'x' }, 'x/file': 'lost', '../../up': '1', 'a/../b': '2' }),
  );
  expect([...image.entries.keys()].sort()).toEqual(['b', 'up', 'x', 'y']);
  expect(image.problems).toEqual([]);
});

test('readInitramfs: refuses what is not a regular file', async () => {
  await expect(readInitramfs('/dev/null')).rejects.toMatchObject({ code: 'not-a-file' });
  await expect(readInitramfs('/nowhere/initrd')).rejects.toMatchObject({ code: 'unreadable' });
});
