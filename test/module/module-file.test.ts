import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { moduleMemory, withModule } from '../../src/module/module-file.ts';
import { pciModule } from '../support/pci-module.ts';

test('withModule refuses a compressed module that is larger than 512 MiB before it reads it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-module-'));
  const file = join(folder, 'a.ko.gz');
  writeFileSync(file, Buffer.from([0x1f, 0x8b]));
  truncateSync(file, 536_870_913);
  expect(() => withModule(file, moduleMemory(), () => 0)).toThrow(/unpacks to more than 536870912 bytes/);
  rmSync(folder, { recursive: true });
});

test('withModule takes a compressed module of as many bytes as are allowed, and none of more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-module-'));
  const file = join(folder, 'a.ko.gz');
  const plain = pciModule([[0x8086, 1]]);
  const packed = gzipSync(plain, { level: 0 });
  expect(packed.length).toBeGreaterThan(plain.length);
  writeFileSync(file, packed);
  const read = async (limit: number) => withModule(file, moduleMemory(limit), (elf, packing) => [elf.type, packing]);
  expect(await read(packed.length)).toEqual([1, 'gzip']);
  await expect(read(packed.length - 1)).rejects.toMatchObject({ code: 'too-big' });
  rmSync(folder, { recursive: true });
});
