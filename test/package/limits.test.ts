import { describe, expect, test } from 'vitest';
import { memorySource } from '../../src/binary/source.ts';
import { ByteStream } from '../../src/package/byte-stream.ts';
import { cpioMembers } from '../../src/package/cpio.ts';
import type { Member } from '../../src/package/member.ts';
import { readRpmHeader } from '../../src/package/rpm-header.ts';
import { tarMembers } from '../../src/package/tar.ts';
import { cpioArchive } from '../support/cpio-writer.ts';
import { rpmSection } from '../support/rpm-writer.ts';
import { tarHeader } from '../support/tar-header.ts';

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function all(members: AsyncIterable<Member>): Promise<Member[]> {
  const found: Member[] = [];
  for await (const member of members) found.push(member);
  return found;
}

describe('cpioMembers', () => {
  const read = (...args: Parameters<typeof cpioArchive>) =>
    all(cpioMembers(new ByteStream(pieces(cpioArchive(...args))), 'a.rpm'));

  test('cpioMembers reads names and targets of links of 4,096 bytes, and no longer ones', async () => {
    // A name has a NUL at its end.
    const name = 'n'.repeat(4095);
    expect((await read({ [name]: 'data' }))[0]!.path).toBe(name);
    await expect(read({ [`${name}n`]: 'data' })).rejects.toThrow(/a name of 4097 bytes at offset/);
    expect((await read({ a: { link: `${name}n` } }))[0]!.target).toBe(`${name}n`);
    await expect(read({ a: { link: `${name}nn` } })).rejects.toThrow(/a symbolic link of 4097 bytes/);
  });

  test('cpioMembers lets 10,000 names wait for the one that has the data', async () => {
    const [waiting, one] = ['a', 'b'].map((name) => cpioArchive({ [name]: { names: 2 } }).subarray(0, 112));
    const archive = Buffer.concat([...Array.from({ length: 10_000 }, () => waiting!), one!]);
    await expect(all(cpioMembers(new ByteStream(pieces(archive)), 'a.rpm'))).rejects.toThrow(
      /a\.rpm\(b\): more than 10000 names without data/,
    );
  });
});

test.each(['L', 'K', 'x'])('tarMembers reads an extension of type %s of 1 MiB, and no longer one', async (type) => {
  const read = (size: number) => {
    const data = Buffer.alloc(size + (-size & 511), type === 'x' ? '\n' : 'n');
    if (type === 'x') data.write(`${size} path=`, 0);
    const archive = [tarHeader('@', type, size), data, tarHeader('a', '0', 0), Buffer.alloc(512)];
    return all(tarMembers(pieces(Buffer.concat(archive)), 'a.tar'));
  };
  expect(await read(1_048_576)).toHaveLength(1);
  await expect(read(1_048_577)).rejects.toThrow(/a name or pax header of 1048577 bytes/);
});

describe('readRpmHeader', () => {
  const claiming = (entries: number, size: number) => {
    const bytes = rpmSection([]);
    bytes.writeUInt32BE(entries, 8);
    bytes.writeUInt32BE(size, 12);
    return () => readRpmHeader(memorySource(bytes, 'a.rpm'), 0, 'the header');
  };

  test('readRpmHeader takes 65,535 entries and 256 MiB less one byte for possible, as rpm does', () => {
    const truncated = expect.objectContaining({ code: 'truncated' });
    expect(claiming(0xffff, 0)).toThrow(truncated);
    expect(claiming(0x10000, 0)).toThrow(/claims 65536 entries and 0 bytes, more than rpm allows/);
    expect(claiming(0, 0x0fffffff)).toThrow(truncated);
    expect(claiming(0, 0x10000000)).toThrow(/claims 0 entries and 268435456 bytes, more than rpm allows/);
  });

  test('readRpmHeader reads a million values of a tag, and no more', () => {
    const bytes = Buffer.concat([rpmSection([{ tag: 1, type: 3, values: [0] }]), Buffer.alloc(2_000_000)]);
    const header = (type: number, count: number) => {
      bytes.writeUInt32BE(2_000_002, 12);
      bytes.writeUInt32BE(type, 20);
      bytes.writeUInt32BE(count, 28);
      return readRpmHeader(memorySource(bytes, 'a.rpm'), 0, 'the header');
    };
    expect(header(3, 1_000_000).numbers(1)).toHaveLength(1_000_000);
    expect(() => header(3, 1_000_001).numbers(1)).toThrow(/tag 1 of the header does not lie within it/);
    expect(() => header(8, 1_000_001).texts(1)).toThrow(/tag 1 of the header does not lie within it/);
    const exact = rpmSection([{ tag: 1, type: 3, values: [7, 8] }]);
    expect(readRpmHeader(memorySource(exact, 'a.rpm'), 0, 'the header').numbers(1)).toEqual([7, 8]);
  });
});
