import { expect, test } from 'vitest';
import { ByteStream } from '../../src/package/byte-stream.ts';
import { cpioMembers } from '../../src/package/cpio.ts';
import type { Member } from '../../src/package/member.ts';
import { tarMembers } from '../../src/package/tar.ts';
import { cpioArchive } from '../support/cpio-writer.ts';
import { tarHeader } from '../support/tar-header.ts';

async function* pieces(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield Buffer.concat(parts);
}

/** `kind path target data` of each member. */
async function told(members: AsyncIterable<Member>): Promise<string[]> {
  const found: string[] = [];
  for await (const { kind, path, target, body } of members) {
    const data: Uint8Array[] = [];
    for await (const part of body) data.push(Uint8Array.from(part));
    found.push([kind, path, target, Buffer.concat(data).toString()].filter(Boolean).join(' '));
  }
  return found;
}

const padded = (text: string) => Buffer.from(text.padEnd(text.length + (-text.length & 511), '\0'));
/** A member, with a pax header (`x`), a long name or any other type. */
const member = (name: string, type = '0', data = '', target = '') =>
  Buffer.concat([tarHeader(name, type, data.length, target), padded(data)]);
const pax = (key: string, value: string) => {
  const rest = ` ${key}=${value}\n`;
  return `${rest.length + 2}${rest}`;
};

test('tarMembers: a name with a slash at its end is a directory, a hard link has no data whatever its size is', async () => {
  const link = tarHeader('c', '1', 512, 'b');
  expect(
    await told(tarMembers(pieces(member('a/'), member('b', '0', 'data'), link, member('d', '5')), 'x.tar')),
  ).toEqual(['directory a/', 'file b data', 'link c b', 'directory d']);
});

test('tarMembers: what stands before a member is of that member only, and counts more than what is for all', async () => {
  const archive = [
    member('@', 'g', pax('path', 'all')),
    member('@', 'x', pax('path', 'one')),
    member('a'),
    member('b'),
    member('@', 'L', 'long\0'),
    member('c'),
  ];
  expect(await told(tarMembers(pieces(...archive), 'x.tar'))).toEqual(['file one', 'file all', 'file long']);
});

test('cpioMembers: of several names of one file one has the data, and the others are links to it', async () => {
  const inode = (archive: Buffer) => archive.fill('00000007', 6, 14);
  const name = (path: string, data = '') =>
    inode(cpioArchive({ [path]: { names: 3, data } })).subarray(0, 112 + (data === '' ? 0 : 4));
  const last = cpioArchive({});
  const names = await told(
    cpioMembers(new ByteStream(pieces(name('a'), name('b'), name('c', 'data'), name('d'), last)), 'a.rpm'),
  );
  expect(names).toEqual(['file c data', 'link a c', 'link b c', 'link d c']);
  expect(await told(cpioMembers(new ByteStream(pieces(name('a'), name('b'), last)), 'a.rpm'))).toEqual([
    'file a',
    'link b a',
  ]);
});
