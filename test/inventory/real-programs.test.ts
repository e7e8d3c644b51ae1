import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { DeviceLines } from '../../src/inventory/device-lines.ts';
import { readInventory } from '../../src/inventory/read-inventory.ts';
import { fnmatch } from '../../src/pattern/fnmatch.ts';

const has = (program: string) => spawnSync(program, ['--version']).status === 0;

/** The devices that a program of this machine prints. */
function printed(program: string, ...args: readonly string[]) {
  const devices = new Set<string>();
  const unread: unknown[] = [];
  const lines = new DeviceLines({
    device: ({ modalias }) => devices.add(modalias),
    unread: (line) => unread.push(line),
  });
  const { stdout } = spawnSync(program, args, { encoding: 'latin1' });
  for (const line of stdout.split('\n')) lines.add(line);
  lines.finish();
  expect(unread).toEqual([]);
  return [...devices];
}

const ofThisMachine = async () => (await readInventory('/sys')).devices.map(({ modalias }) => modalias);

test.skipIf(!has('udevadm'))('readInventory: /sys and udevadm info -e have the same devices', async () => {
  expect(printed('udevadm', 'info', '-e').sort()).toEqual([...(await ofThisMachine())].sort());
});

test.skipIf(!has('lspci'))('DeviceLines: what lspci prints in each form matches the modaliases of /sys', async () => {
  const real = (await ofThisMachine()).filter((modalias) => modalias.startsWith('pci:'));
  for (const form of ['-vmmn', '-vmmnn', '-nmm', '-nmmk', '-n', '-nn', '-nnk']) {
    const patterns = printed('lspci', form);
    const matched = real.filter((modalias) => patterns.some((pattern) => fnmatch(pattern, modalias)));
    expect([form, matched]).toEqual([form, real]);
  }
});
