import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { afterAll, describe, expect, test } from 'vitest';
import { readPackageTrees } from '../../src/package/tree.ts';
import { packageListing, RELEASE } from '../support/packages.ts';
import { rpm6 } from '../support/rpm-writer.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tree-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const at = `lib/modules/${RELEASE}`;
let count = 0;

/** A tar archive whose members need not make sense. */
async function tar(members: readonly (Partial<Header> & { name: string; data?: string })[]): Promise<string> {
  const archive = pack();
  for (const { data, ...header } of members) archive.entry({ type: 'file', ...header }, data ?? '');
  archive.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of archive) parts.push(part as Uint8Array);
  const path = join(scratch, `${count++}.tar`);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

describe('readPackageTrees: paths', () => {
  test('./ and / before a path, and usr/, mean nothing; what is elsewhere is left out', async () => {
    const path = await tar([
      { name: `./${at}/one.ko` },
      { name: `/${at}//two.ko` },
      { name: `./usr/${at}/./three.ko` },
      { name: `opt/${at}/four.ko` },
      { name: 'lib/modules/file-not-a-release' },
    ]);
    const lines = await packageListing(path);
    expect(lines.map((line) => line.replace(/ .*/, ''))).toEqual(
      ['one.ko', 'three.ko', 'two.ko'].map((n) => `${RELEASE}/${n}`),
    );
  });

  test.each([`${at}/../../../etc/x.ko`, '../x', `./${at}/..`])(
    '%s is refused, with the package and the member',
    async (name) => {
      const path = await tar([{ name: `${at}/a.ko` }, { name }]);
      await expect(packageListing(path)).rejects.toMatchObject({
        code: 'bad-package',
        message: expect.stringContaining(`${path}(${name}): its path leaves the package`),
      });
    },
  );

  test('a path of 4,095 bytes is the longest, as on Linux', async () => {
    const path = join(scratch, 'long.rpm');
    const listing = (bytes: number) => {
      const start = `./${at}/${'x/'.repeat(2000)}`;
      writeFileSync(path, rpm6([{ path: (start + 'a'.repeat(bytes - start.length)).slice(1), mode: 0o100644 }]));
      return packageListing(path);
    };
    expect((await listing(4095)).at(-1)).toMatch(/\/x\/aa* file /);
    await expect(listing(4096)).rejects.toMatchObject({
      code: 'bad-package',
      message: /not one of Linux \(4096 bytes\)/,
    });
  });

  test('a file below a file or below a link is refused: nothing is looked up through the package', async () => {
    const below = [
      { name: `${at}/kernel`, type: 'symlink' as const, linkname: '/etc' },
      { name: `${at}/kernel/passwd.ko` },
    ];
    await expect(packageListing(await tar(below))).rejects.toMatchObject({
      code: 'bad-package',
      message: /lies below kernel/,
    });
  });

  test('a later member of the same path replaces the earlier one', async () => {
    const once = await packageListing(await tar([{ name: `${at}/a.ko`, data: 'new' }]));
    expect(
      await packageListing(
        await tar([
          { name: `${at}/a.ko`, data: 'old' },
          { name: `${at}/a.ko`, data: 'new' },
        ]),
      ),
    ).toEqual(once);
  });

  test('another name of a file that is not there is refused', async () => {
    const path = await tar([{ name: `${at}/a.ko`, type: 'link', linkname: `${at}/b.ko` }]);
    await expect(packageListing(path)).rejects.toMatchObject({
      message: /is another name of lib\/modules\/6\.9\.0-t\/b\.ko/,
    });
  });

  test('devices and pipes are reported and not read', async () => {
    const lines = await packageListing(
      await tar([
        { name: `${at}/a.ko`, type: 'fifo' },
        { name: `${at}/b.ko`, type: 'character-device' },
      ]),
    );
    expect(lines).toEqual([`${RELEASE}/a.ko other `, `${RELEASE}/b.ko other `]);
  });

  test('every release of a package has a tree', async () => {
    const names = ['6.1.0', '6.12.0-rt'].map((release) => ({ name: `lib/modules/${release}/a.ko` }));
    const trees = await readPackageTrees(await tar(names), { wants: () => false, visit: () => 1, jobs: 1, limit: 1 });
    expect([...trees.keys()]).toEqual(['6.1.0', '6.12.0-rt']);
    expect(trees.get('6.1.0')!.get('a.ko')).toMatchObject({ kind: 'file', value: undefined });
  });
});

describe('readPackageTrees: limits', () => {
  test('a package may have as many members as the limits say, and as many of them below lib/modules', async () => {
    const path = await tar(['etc/a', 'etc/b', `${at}/a.ko`, `${at}/b.ko`].map((name) => ({ name })));
    expect(await packageListing(path, { members: 4, moduleFiles: 2 })).toHaveLength(2);
    await expect(packageListing(path, { members: 3 })).rejects.toMatchObject({
      code: 'too-many-members',
      message: expect.stringContaining('more than 3 members, far more'),
    });
    await expect(packageListing(path, { moduleFiles: 1 })).rejects.toMatchObject({
      code: 'too-many-members',
      message: expect.stringContaining('more than 1 members below lib/modules'),
    });
  });

  test('a package that unpacks to more than the limit is refused as soon as that shows', async () => {
    const bomb = join(scratch, 'bomb.tar.gz');
    execFileSync('sh', [
      '-c',
      `mkdir -p "$0/b/${at}" && truncate -s 30M "$0/b/${at}/a.ko" && tar -C "$0/b" -c . | gzip -1 > "$1"`,
      scratch,
      bomb,
    ]);
    await expect(packageListing(bomb, { unpacked: 10 << 20 })).rejects.toMatchObject({
      code: 'too-big',
      message: /any kernel package has/,
    });
    await expect(
      readPackageTrees(bomb, { wants: () => true, visit: () => 1, jobs: 1, limit: 1 << 20 }),
    ).rejects.toMatchObject({
      code: 'too-big',
      message: expect.stringContaining(`bomb.tar.gz(${at}/a.ko): has 31457280 bytes`),
    });
  });

  test('a member that claims far more than comes takes no memory for it', async () => {
    const path = await tar([{ name: `${at}/a.ko`, data: 'x'.repeat(2000) }]);
    const bytes = execFileSync('cat', [path]);
    bytes.write('03777777777', 124);
    let sum = 256;
    for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += bytes[i]!;
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const claims = join(scratch, 'claims.tar');
    writeFileSync(claims, bytes);
    const before = process.memoryUsage().arrayBuffers;
    await expect(packageListing(claims)).rejects.toMatchObject({
      code: 'bad-package',
      message: /claims\.tar\(lib\/modules.*Unexpected end/,
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
  });

  test('a visit that fails ends the reading with its error, at once or later', async () => {
    const path = await tar(['a', 'b', 'c'].map((name) => ({ name: `${at}/${name}.ko`, data: name })));
    for (const visit of [
      () => {
        throw new RangeError('no');
      },
      async () => {
        throw new RangeError('no');
      },
    ])
      await expect(readPackageTrees(path, { wants: () => true, visit, jobs: 2, limit: 99 })).rejects.toThrow('no');
  });

  test('so many visits are under way at a time, each with bytes of its own', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `m${i}`);
    const path = await tar(names.map((name) => ({ name: `${at}/${name}.ko`, data: name.repeat(50) })));
    let now = 0;
    let most = 0;
    const visit = async (bytes: Uint8Array) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, Number(bytes.length % 3)));
      now--;
      return Buffer.from(bytes).toString();
    };
    const trees = await readPackageTrees(path, { wants: () => true, visit, jobs: 3, limit: 999 });
    expect(most).toBe(3);
    for (const name of names) expect(trees.get(RELEASE)!.get(`${name}.ko`)).toMatchObject({ value: name.repeat(50) });
  });
});

test('readPackageTrees: what follows the end of a tar archive means nothing, and a lone block of zeros is such an end', async () => {
  const path = await tar([{ name: `${at}/a.ko`, data: 'x' }]);
  const bytes = execFileSync('cat', [path]);
  const listing = await packageListing(path);
  const variants = [
    Buffer.concat([bytes, Buffer.from('garbage')]),
    Buffer.concat([bytes.subarray(0, 1024), Buffer.alloc(512), Buffer.alloc(512, 1)]),
    bytes.subarray(0, 1024),
    bytes.subarray(0, 1324),
  ];
  for (const [i, variant] of variants.entries()) {
    writeFileSync(path, variant);
    expect(await packageListing(path), `variant ${i}`).toEqual(listing);
    writeFileSync(path, gzipSync(variant));
    expect(await packageListing(path), `variant ${i}, packed`).toEqual(listing);
  }
});
