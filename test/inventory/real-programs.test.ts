import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { InventoryLines } from '../../src/inventory/inventory-lines.ts';
import { readInventory } from '../../src/inventory/read-inventory.ts';
import { fnmatch } from '../../src/pattern/fnmatch.ts';

const has = (program: string) => spawnSync(program, ['--version']).status === 0;

/** The devices that a program of this machine prints. */
function printed(program: string, ...args: readonly string[]) {
  const lines = new InventoryLines();
  const { stdout } = spawnSync(program, args, { encoding: 'latin1' });
  for (const line of stdout.split('\n')) lines.add(line);
  const { devices, unread } = lines.finish();
  expect(unread).toEqual([]);
  return devices.map(({ modalias }) => modalias);
}

const ofThisMachine = async () => (await readInventory('/sys')).devices.map(({ modalias }) => modalias);

test.skipIf(!has('udevadm'))('readInventory: /sys and udevadm info -e have the same devices', async () => {
  expect(printed('udevadm', 'info', '-e').sort()).toEqual([...(await ofThisMachine())].sort());
});

test.skipIf(!has('lspci'))(
  'InventoryLines: what lspci prints in each form matches the modaliases of /sys',
  async () => {
    const real = (await ofThisMachine()).filter((modalias) => modalias.startsWith('pci:'));
    for (const form of ['-vmmn', '-vmmnn', '-nmm', '-nmmk', '-n', '-nn', '-nnk']) {
      const patterns = printed('lspci', form);
      const matched = real.filter((modalias) => patterns.some((pattern) => fnmatch(pattern, modalias)));
      expect([form, matched]).toEqual([form, real]);
    }
  },
);
