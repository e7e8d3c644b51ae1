import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageProgress } from '../../src/commands/package-inputs.ts';
import { readSide } from '../../src/packaging/diff/read-side.ts';
import { verifyModulesDirectory } from '../../src/packaging/verify/verify.ts';
import { putFiles } from '../support/modules-tree.ts';
import { tarOf } from '../support/packages.ts';
import { pciModule } from '../support/pci-module.ts';

const MIB = 1024 * 1024;
let folder: string;
let tar: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'progress-'));
  putFiles(join(folder, 'root/lib/modules/6.1'), { 'kernel/a.ko': pciModule([[1, 2]]) });
  writeFileSync(join(folder, 'root/lib/modules/6.1/kernel/firmware'), Buffer.alloc(3 * MIB, 'x'));
  tar = tarOf(join(folder, 'root'), 'gnu');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('packageProgress: shows MiB while packages are read, on a terminal only, and goes away at the end', () => {
  for (const isTTY of [true, false]) {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
    const { onRead } = packageProgress(stream as unknown as NodeJS.WriteStream);
    for (const bytes of [0.5, 1.5, 4]) onRead(bytes * MIB, 4 * MIB);
    const shown = /^\r\x1b\[Kreading packages \(MiB\) \[#{6}\.{18}\] 1\/4, .*\r\x1b\[K$/;
    expect(String(stream.read() ?? '')).toMatch(isTTY ? shown : /^$/);
  }
});

test('verifyModulesDirectory and readSide tell how many bytes of all packages were read', async () => {
  const reads: (readonly [number, number])[] = [];
  const onRead = (bytes: number, total: number) => void reads.push([bytes, total]);
  await verifyModulesDirectory([tar], { onRead, depmodConfig: 'none' });
  const bytes = reads.map(([done]) => done);
  expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
  expect(reads.at(-1)![0]).toBe(reads[0]![1]);
  expect(bytes.length).toBeGreaterThan(3);
  reads.length = 0;
  await readSide([tar, tar], { onRead, diagnose: () => {} });
  expect(reads.at(-1)).toEqual([reads[0]![1], reads[0]![1]]);
});
