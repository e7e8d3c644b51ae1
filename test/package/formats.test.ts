import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { isPackage } from '../../src/package/open-package.ts';
import {
  debOf,
  directoryListing,
  has,
  kernelRoot,
  packageListing,
  RELEASE,
  rpmOf,
  tarOf,
} from '../support/packages.ts';
import { type RpmFile, rpm6 } from '../support/rpm-writer.ts';

const roots: string[] = [];
const rootOf = (modules?: string) => {
  const root = kernelRoot(modules);
  roots.push(root);
  return root;
};
const root = rootOf();
const scratch = mkdtempSync(join(tmpdir(), 'package-'));
afterAll(() => {
  for (const directory of roots) execFileSync('sh', ['-c', `rm -rf "$0" "$0"-*`, directory]);
  rmSync(scratch, { recursive: true });
});
const rpms = new Map<string, string>();
/** The root as an .rpm; rpmbuild runs once a payload. */
const rpm = (payload: string) => {
  if (!rpms.has(payload)) rpms.set(payload, rpmOf(root, payload));
  return rpms.get(payload)!;
};
const file = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(join(scratch, name), bytes);
  return join(scratch, name);
};

describe.skipIf(!has('dpkg-deb'))('readPackageTrees: a .deb', () => {
  test.each(['none', 'gzip', 'xz', 'zstd'])(
    'has the files that dpkg-deb -x unpacks, data.tar compressed with %s',
    async (compression) => {
      const deb = debOf(root, compression);
      const unpacked = join(scratch, `deb-${compression}`);
      execFileSync('dpkg-deb', ['-x', deb, unpacked]);
      expect(await packageListing(deb)).toEqual(directoryListing(unpacked));
      expect(directoryListing(unpacked).length).toBeGreaterThan(15);
    },
  );

  test('may have its modules below usr/lib/modules', async () => {
    const usr = rootOf('usr/lib/modules');
    expect(await packageListing(debOf(usr, 'xz'))).toEqual(directoryListing(root));
  });

  test('refuses what is compressed with bzip2, and says with what to compress', async () => {
    const parts = ['debian-binary', 'control.tar', 'data.tar.bz2'];
    const contents = ['2.0\n', '', execFileSync('sh', ['-c', 'printf x | bzip2 -c || printf BZh9'])];
    const ar = parts.map((name, i) => {
      const data = Buffer.from(contents[i]!);
      const header = `${`${name}/`.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(data.length).padEnd(10)}\`\n`;
      return Buffer.concat([Buffer.from(header), data, Buffer.from(data.length % 2 ? '\n' : '')]);
    });
    const path = file('bz2.deb', Buffer.concat([Buffer.from('!<arch>\n'), ...ar]));
    await expect(packageListing(path)).rejects.toMatchObject({
      code: 'unsupported-compression',
      message: expect.stringMatching(/bz2\.deb: data\.tar\.bz2 is compressed with bzip2; expected xz, zstd/),
    });
  });

  test('refuses an archive of ar that is not a .deb, and one whose part reaches beyond the end', async () => {
    const ar = file('x.a', '!<arch>\nx.o/            0           0     0     644     0         `\n');
    await expect(packageListing(ar)).rejects.toMatchObject({
      code: 'bad-package',
      message: /its first part is 'x\.o'/,
    });
    const cut =
      '!<arch>\ndebian-binary   0           0     0     644     4         `\n2.0\ndata.tar        0           0     0     644     9999      `\n';
    await expect(packageListing(file('cut.deb', cut))).rejects.toMatchObject({
      code: 'bad-package',
      message: /data\.tar needs 9999 bytes/,
    });
  });
});

describe('readPackageTrees: a tar archive', () => {
  const programs = ['tar', ...(has('bsdtar') ? ['bsdtar'] : [])];
  const formats = programs.flatMap((program) =>
    (program === 'tar' ? ['gnu', 'pax', 'posix', 'oldgnu'] : ['pax', 'gnutar']).map((format) => [program, format]),
  );
  test.each(formats)('has the files that went in: %s --format=%s', async (program, format) => {
    expect(await packageListing(tarOf(root, format!, 'cat', program))).toEqual(directoryListing(root));
  });

  test.each(['gzip', 'xz', 'xz --block-size=100000', 'zstd'])('may be compressed: %s', async (compress) => {
    expect(await packageListing(tarOf(root, 'gnu', compress))).toEqual(directoryListing(root));
  });

  test('may be several xz streams one after the other, with zeros between them', async () => {
    const tar = readFileSync(tarOf(root, 'gnu'));
    const half = tar.length >> 1;
    const xz = (input: Uint8Array) => execFileSync('xz', ['-c'], { input });
    const streams = [xz(tar.subarray(0, half)), Buffer.alloc(8), xz(tar.subarray(half))];
    expect(await packageListing(file('streams.tar.xz', Buffer.concat(streams)))).toEqual(directoryListing(root));
  });

  test.each(['gnu', 'pax'])('is refused where it holds a sparse file, which names the member: %s', async (format) => {
    const sparse = join(scratch, `sparse-${format}`);
    mkdirSync(join(sparse, 'lib/modules/6.1'), { recursive: true });
    truncateSync(file(`sparse-${format}/lib/modules/6.1/hole.ko`, 'x'), 1 << 20);
    const archive = join(scratch, `sparse-${format}.tar`);
    execFileSync('tar', ['--sparse', `--format=${format}`, '-C', sparse, '-cf', archive, '.']);
    await expect(packageListing(archive)).rejects.toMatchObject({
      code: 'bad-package',
      message: expect.stringContaining('is stored as a sparse file'),
      place: { file: `${archive}(./lib/modules/6.1/hole.ko)` },
    });
  });

  test.each(['ustar', 'v7'])('has short names in %s', async (format) => {
    const path = join(scratch, `${format}.tar`);
    const short = `./lib/modules/${RELEASE}/kernel/drivers`;
    execFileSync('tar', [`--format=${format}`, '-C', root, '-cf', path, short]);
    expect(await packageListing(path)).toEqual(
      directoryListing(root).filter((line) => /^[^ ]*\/kernel( |\/drivers)/.test(line)),
    );
  });
});

describe.skipIf(!has('rpmbuild') || !has('rpm2archive'))('readPackageTrees: an .rpm', () => {
  test.each(['w.ufdio', 'w9.gzdio', 'w6.xzdio', 'w3.zstdio'])(
    'version 4 has the files that rpm2archive unpacks, payload %s',
    async (payload) => {
      const path = rpm(payload);
      const unpacked = mkdtempSync(join(scratch, 'rpm-'));
      execFileSync('sh', ['-c', 'rpm2archive - < "$0" | tar -xzf - -C "$1"', path, unpacked]);
      expect(await packageListing(path)).toEqual(directoryListing(unpacked));
      expect(directoryListing(unpacked)).toEqual(directoryListing(root));
    },
  );

  test.each([
    ['the mode', 14, '0000ffff'],
    ['the number of names', 38, '00000007'],
    ['the size', 54, '00ffffff'],
  ])('takes from the header what the archive gets wrong, as rpm2archive does: %s', async (_, field, wrong) => {
    const bytes = readFileSync(rpm('w.ufdio'));
    const name = bytes.indexOf(`./lib/modules/${RELEASE}/modules.order\0`, bytes.indexOf('070701'), 'latin1');
    const start = bytes.lastIndexOf('070701', name);
    expect(name - start).toBe(110);
    expect(bytes.toString('latin1', start + field, start + field + 8)).not.toBe(wrong);
    bytes.write(wrong, start + field, 'latin1');
    const path = file('wrong.rpm', bytes);
    const unpacked = mkdtempSync(join(scratch, 'rpm-'));
    execFileSync('sh', ['-c', 'rpm2archive - < "$0" | tar -xzf - -C "$1"', path, unpacked]);
    expect(directoryListing(unpacked)).toEqual(directoryListing(root));
    expect(await packageListing(path)).toEqual(directoryListing(root));
  });
});

describe.skipIf(!has('rpmbuild') || !has('rpm2archive'))(
  'readPackageTrees: an .rpm whose header and archive disagree',
  () => {
    const at = `./lib/modules/${RELEASE}/kernel`;
    /** The archive from a member, and that member's own bytes. */
    const cut = (bytes: Buffer, path: string) => {
      const first = bytes.indexOf('070701');
      const start = bytes.lastIndexOf('070701', bytes.indexOf(`${path}\0`, first, 'latin1'));
      const size = Number.parseInt(bytes.toString('latin1', start + 54, start + 62), 16);
      const data = start + 110 + path.length + 1;
      const aligned = (offset: number) => offset + (-(offset - first) & 3);
      return [bytes.subarray(0, start), bytes.subarray(aligned(aligned(data) + size))] as const;
    };

    test.each([
      [
        'lacks a file',
        (bytes: Buffer) => Buffer.concat(cut(bytes, `${at}/a.ko`)),
        /a\.ko\): the cpio archive lacks this file/,
      ],
      [
        'ends too early',
        (bytes: Buffer) =>
          Buffer.concat([cut(bytes, `${at}/a.ko`)[0], bytes.subarray(bytes.indexOf('TRAILER!!!') - 110)]),
        /a\.ko\): the cpio archive lacks this file/,
      ],
      [
        'has a file more',
        (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(`${at}/a.ko\0`, `${at}/z.ko\0`), 'latin1'),
        /z\.ko\): the cpio archive has this file, which the package's header lacks/,
      ],
    ])('is refused, as by rpm2archive: the archive %s', async (_, edit, message) => {
      const path = file('disagree.rpm', edit(readFileSync(rpm('w.ufdio'))));
      expect(spawnSync('sh', ['-c', 'rpm2archive - < "$0" > "$0.tgz"', path]).status).not.toBe(0);
      await expect(packageListing(path)).rejects.toMatchObject({
        code: 'bad-package',
        message: expect.stringMatching(message),
      });
    });
  },
);

describe('readPackageTrees: an .rpm of version 6', () => {
  const at = `/usr/lib/modules/${RELEASE}/`;
  const files: RpmFile[] = [
    { path: `${at}kernel`, mode: 0o040755 },
    { path: `${at}kernel/a.ko`, mode: 0o100644, data: 'abcde' },
    { path: `${at}kernel/link.ko`, mode: 0o120777, data: 'a.ko' },
    { path: `${at}kernel/one.ko`, mode: 0o100644, data: 'of three', inode: 7 },
    { path: `${at}kernel/three.ko`, mode: 0o100644, data: 'of three', inode: 7 },
    { path: `${at}kernel/two.ko`, mode: 0o100644, data: 'of three', inode: 7 },
    { path: `${at}modules.dep`, mode: 0o100644, data: 'not in the payload', ghost: true },
    { path: `${at}modules.order`, mode: 0o100644, data: 'kernel/a.ko\n' },
  ];
  const same = rpm6(files.map((f) => (f.inode === undefined ? f : { ...f, inode: f.path.length + 100 })));

  test('takes names, sizes and links from the header, and no %ghost', async () => {
    const lines = await packageListing(file('v6.rpm', rpm6(files)));
    expect(lines.map((line) => line.replace(/ file .*/, ''))).toEqual([
      `${RELEASE}/kernel directory `,
      `${RELEASE}/kernel/a.ko`,
      `${RELEASE}/kernel/link.ko symlink a.ko`,
      `${RELEASE}/kernel/one.ko`,
      `${RELEASE}/kernel/three.ko`,
      `${RELEASE}/kernel/two.ko`,
      `${RELEASE}/modules.order`,
    ]);
    expect(lines).toEqual(await packageListing(file('v6-single.rpm', same)));
    expect(lines).toEqual(await packageListing(file('v6-gz.rpm', rpm6(files, gzipSync))));
  });

  test('refuses a number that the header does not have, and a header without sizes', async () => {
    const bad = Buffer.from(rpm6(files).toString('latin1').replace('07070X00000001', '07070X000000ff'), 'latin1');
    await expect(packageListing(file('number.rpm', bad))).rejects.toMatchObject({
      code: 'bad-package',
      message: expect.stringMatching(/number\.rpm.*file number 255, of 8 in the package's header/),
    });
    const none = rpm6(files);
    none.writeUInt32BE(5009, none.indexOf(Buffer.from('00001390', 'hex')));
    await expect(packageListing(file('sizes.rpm', none))).rejects.toMatchObject({ code: 'bad-package' });
  });
});

test('isPackage: goes by what is in a file, not by its name', async () => {
  const tar = tarOf(root, 'gnu', 'xz');
  expect(await isPackage(file('modules.alias', execFileSync('cat', [tar], { maxBuffer: 1 << 28 })))).toBe(true);
  expect(await isPackage(file('v6', rpm6([])))).toBe(true);
  expect(await isPackage(root)).toBe(false);
  for (const text of ['# Aliases extracted from modules themselves.\n'.repeat(20), '', 'x'])
    expect(await isPackage(file('x.deb', text))).toBe(false);
  expect(await isPackage(file('x.tar.gz', gzipSync(Buffer.alloc(5000, 'x'))))).toBe(false);
  expect(await isPackage(file('cut.tar.xz', Buffer.from('fd377a585a00', 'hex')))).toBe(false);
  await expect(isPackage(join(scratch, 'missing'))).rejects.toMatchObject({ code: 'unreadable' });
});
