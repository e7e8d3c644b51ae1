import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasDepmod } from '../../support/depmod.ts';
import { putFiles, removeTree } from '../../support/modules-tree.ts';
import { index, indexByDepmod, kernelModule, soundTree, verified } from './sound-tree.ts';

let root: string;
beforeEach(async () => {
  root = await soundTree();
  rmSync(join(root, 'kernel/m3.ko'));
});
afterEach(() => removeTree(root));
const elf = kernelModule('m3', [3]);
const gzip = gzipSync(elf);

test.each<[string, Uint8Array, string]>([
  ['m3.ko.xz', gzip, 'the data is compressed with gzip, but the file name says compressed with xz'],
  ['m3.ko.zst', gzip, 'the data is compressed with gzip, but the file name says compressed with zstd'],
  ['m3.ko', gzip, 'the data is compressed with gzip, but the file name says not compressed'],
  ['m3.ko.gz', elf, 'the data is not compressed, but the file name says compressed with gzip'],
])(
  'oddlyPacked finds that %s is not compressed as its name says, and does not blame depmod',
  async (name, data, message) => {
    putFiles(root, { [`kernel/${name}`]: data });
    for (const again of [() => index(root), ...(hasDepmod ? [() => indexByDepmod(root)] : [])]) {
      await again();
      const { findings } = await verified(root);
      expect(findings).toMatchObject([
        { rule: 'wrong-compression', severity: 'error', module: 'm3', file: join(root, 'kernel', name), count: 1 },
      ]);
      expect(findings[0]!.message).toContain(message);
      expect(findings[0]!.message).not.toContain('run depmod');
    }
  },
);

test('oddlyPacked takes data as its name says', async () => {
  putFiles(root, { 'kernel/m3.ko.gz': gzip });
  expect((await verified(root)).rules).toEqual([]);
});
