import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diffSides } from '../../../src/packaging/diff/diff.ts';
import { readSide } from '../../../src/packaging/diff/read-side.ts';
import { verifyModulesDirectory } from '../../../src/packaging/verify/verify.ts';
import { putFiles } from '../../support/modules-tree.ts';
import { debOf, has, RELEASE, rpmOf, tarOf } from '../../support/packages.ts';
import { pciAlias, pciModule } from '../../support/pci-module.ts';
import { type RpmFile, rpm6 } from '../../support/rpm-writer.ts';

const scratch = mkdtempSync(join(tmpdir(), 'formats-'));
const root = join(scratch, 'root');
const directory = join(root, 'lib/modules', RELEASE);
const before = join(scratch, 'before', RELEASE);
afterAll(() => rmSync(scratch, { recursive: true }));

const facts = { release: RELEASE };
const row = (device: number) => [0x8086, device] as const;
const kernel = {
  'kernel/good.ko': pciModule([row(1), row(2)], undefined, facts),
  'kernel/bad.ko': pciModule([row(3)], [pciAlias(0x8086, 4)], facts),
  'kernel/packed.ko.xz': execFileSync('xz', ['-c'], { input: pciModule([row(5)], [], facts) }),
  'kernel/zipped.ko.gz': gzipSync(pciModule([row(6)], undefined, facts)),
  'kernel/old.ko': pciModule([row(7)], undefined, { release: '6.8.0' }),
  'kernel/deep/good.ko': pciModule([row(8)], undefined, facts),
  'kernel/broken.ko': 'not a module',
};

beforeAll(() => {
  putFiles(directory, { ...kernel, 'modules.order': 'kernel/good.ko\nkernel/bad.ko\n' });
  putFiles(root, { 'boot/vmlinuz': 'image' });
  symlinkSync('good.ko', join(directory, 'kernel/link.ko'));
  symlinkSync('/usr/src/linux', join(directory, 'build'));
  putFiles(before, { 'modules.alias': `alias ${pciAlias(0x8086, 9)} gone\nalias ${pciAlias(0x8086, 1)} good\n` });
});

/** The tree as the files of an rpm package. */
function rpmFiles(): RpmFile[] {
  const at = `/lib/modules/${RELEASE}`;
  const below = ['kernel', 'kernel/deep'].flatMap((folder) =>
    readdirSync(join(directory, folder), { withFileTypes: true }).map((entry) => ({
      path: `${folder}/${entry.name}`,
      entry,
    })),
  );
  const files = below.map(({ path, entry }): RpmFile => {
    if (entry.isDirectory()) return { path: `${at}/${path}`, mode: 0o040755 };
    if (entry.isSymbolicLink()) return { path: `${at}/${path}`, mode: 0o120777, data: 'good.ko' };
    return { path: `${at}/${path}`, mode: 0o100644, data: readFileSync(join(directory, path), 'latin1') };
  });
  const order = {
    path: `${at}/modules.order`,
    mode: 0o100644,
    data: readFileSync(join(directory, 'modules.order'), 'latin1'),
  };
  return [{ path: `${at}/kernel`, mode: 0o040755 }, ...files, order].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const put = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(scratch, name), bytes);
  return join(scratch, name);
};

/** Ways to pack the tree; what makes a format may be missing here. */
const FORMATS: readonly (readonly [name: string, needs: string, make: () => string])[] = [
  ['.deb of xz', 'dpkg-deb', () => debOf(root, 'xz')],
  ['.deb of zstd', 'dpkg-deb', () => debOf(root, 'zstd')],
  ['.rpm v4', 'rpmbuild', () => rpmOf(root, 'w6.xzdio')],
  ['.rpm v6', 'tar', () => put('six.rpm', rpm6(rpmFiles(), gzipSync))],
  ['tar, GNU', 'tar', () => tarOf(root, 'gnu')],
  ['tar, pax, gzip', 'tar', () => tarOf(root, 'pax', 'gzip')],
];

/** Findings and notes with what the file is named left to its path in the kernel's directory. */
async function verdict(input: string): Promise<unknown> {
  const result = await verifyModulesDirectory(input, { depmodConfig: 'none' });
  const text = JSON.stringify(result).replaceAll(`${root}/`, '');
  return JSON.parse(input === directory ? text : text.split(`${input}(`).map(withoutParenthesis).join(''));
}

const withoutParenthesis = (part: string, i: number) => (i === 0 ? part : part.replace(')', ''));

async function changes(input: string): Promise<unknown> {
  const read = (path: string) => readSide([path], { diagnose: () => {} });
  const { changes: found, ...others } = diffSides(await read(before), await read(input));
  return { ...others, changes: found.map(({ package: _name, ...change }) => change) };
}

describe('verifyModulesDirectory: the same tree in every format', () => {
  test.each(FORMATS.filter(([, needs]) => has(needs)))(
    'has the same findings and changes: %s',
    async (_name, _needs, make) => {
      const packed = make();
      const tar = tarOf(root, 'ustar');
      expect(await verdict(packed)).toEqual(await verdict(tar));
      expect(await changes(packed)).toEqual(await changes(tar));
    },
  );

  test('has the findings of the directory, but for what another package may have', async () => {
    const tar = tarOf(root, 'ustar');
    const [packed, onDisk] = (await Promise.all([verdict(tar), verdict(directory)])) as {
      findings: { rule: string }[];
    }[];
    const rules = packed!.findings.map(({ rule }) => rule);
    expect(rules).toEqual(expect.arrayContaining(['missing-in-modinfo', 'unreadable-module', 'shadowed-aliases']));
    expect(packed!.findings).toEqual(onDisk!.findings.filter(({ rule }) => rule !== 'missing-list'));
  });
});
