import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeIndex } from '../../../src/index-file/index-writer.ts';
import { moduleUsesVfio } from '../../../src/vfio/resolve/driver-name.ts';

const directory = mkdtempSync(join(tmpdir(), 'modalias-driver-name-'));
afterAll(() => rmSync(directory, { recursive: true }));
const uses = (module: string) => moduleUsesVfio(directory, module);

test('moduleUsesVfio asks the index of modules.dep first, as libkmod does, and the text for what that lacks', () => {
  const VFIO = 'kernel/vfio-pci-core.ko.xz kernel/vfio.ko.xz';
  writeFileSync(join(directory, 'modules.dep'), `kernel/one.ko: ${VFIO}\nkernel/a-b.ko.xz: kernel/vfio.ko\n`);
  expect([uses('one'), uses('a_b'), uses('none')]).toEqual([true, true, null]);
  // What a module is called itself, and where it lies, says nothing of what it needs.
  writeFileSync(join(directory, 'modules.dep'), 'kernel/drivers/vfio/vfio.ko:\nkernel/vfio/a.ko: kernel/xvfio.ko\n');
  expect([uses('vfio'), uses('a')]).toEqual([false, false]);
  writeFileSync(join(directory, 'modules.dep'), `kernel/one.ko: ${VFIO}\nkernel/a-b.ko.xz: kernel/vfio.ko\n`);
  const entry = { key: 'one', value: 'kernel/one.ko:', priority: 0 };
  writeFileSync(join(directory, 'modules.dep.bin'), writeIndex([entry], 'pre'));
  expect([uses('one'), uses('a_b'), uses('none')]).toEqual([false, true, null]);
});
