import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readInventory } from '../../src/inventory/read-inventory.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'inventory-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function put(name: string, text: string): string {
  const file = join(dir, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text, 'latin1');
  return file;
}

const modaliases = async (path: string) => (await readInventory(path)).devices.map(({ modalias }) => modalias);

test('readInventory: finds every modalias of a sysfs root, in uevent too, and follows no link', async () => {
  put('root/sys/devices/pci0/0000:00:03.0/modalias', 'pci:one\n');
  put('root/sys/devices/pci0/0000:00:03.0/uevent', 'MODALIAS=pci:not-this\n');
  put('root/sys/devices/pci0/0000:00:03.0/phy/uevent', 'DEVTYPE=PHY\nMODALIAS=mdio:00000000001000100001010101000011\n');
  put('root/sys/devices/virtual/dmi/id/modalias', 'dmi:bvnAcme:\n');
  put('root/outside/modalias', 'acpi:OUTSIDE:\n');
  mkdirSync(join(dir, 'root/sys/bus/pci/devices'), { recursive: true });
  symlinkSync('../../../devices/pci0/0000:00:03.0', join(dir, 'root/sys/bus/pci/devices/0000:00:03.0'));
  symlinkSync('../../..', join(dir, 'root/sys/devices/pci0/loop'));
  symlinkSync('../../outside', join(dir, 'root/sys/devices/outside'));
  for (const root of ['root', 'root/sys'])
    expect(await modaliases(join(dir, root))).toEqual([
      'pci:one',
      'mdio:00000000001000100001010101000011',
      'dmi:bvnAcme:',
    ]);
});

test('readInventory: a copy that holds devices below bus instead of links is read', async () => {
  put('copy/bus/pci/devices/0000:00:03.0/modalias', 'pci:one\n');
  expect(await modaliases(join(dir, 'copy'))).toEqual(['pci:one']);
});

test('readInventory: what cannot be read is a warning at its line', async () => {
  const { devices, diagnostics } = await readInventory(put('mixed', 'pci:one\nwhat\u0007 is\nthis\n'));
  expect(devices).toHaveLength(1);
  expect(diagnostics).toEqual([
    {
      code: 'unread-line',
      severity: 'warning',
      message: expect.stringMatching(
        /^'what\? is' does not identify a device \(nor does 1 other\); expected modaliases, lspci/,
      ),
      file: join(dir, 'mixed'),
      line: 2,
    },
  ]);
});

test.each([
  ['', /empty; expected modaliases/],
  ['Class: Host bridge\n', /1: 'Class: Host bridge' does not identify a device/],
  [`${'x'.repeat(500)}\n`, /'x{60}\.\.\.' does not identify a device/],
])('readInventory: a file without a device is an error', async (text, message) => {
  await expect(readInventory(put('none', text))).rejects.toMatchObject({ code: 'no-devices', message });
});

test('readInventory: a directory without a device, a missing file, and a line without end are errors', async () => {
  mkdirSync(join(dir, 'empty'));
  await expect(readInventory(join(dir, 'empty'))).rejects.toMatchObject({ code: 'no-devices' });
  await expect(readInventory(join(dir, 'missing'))).rejects.toMatchObject({ code: 'unreadable' });
  await expect(readInventory('/dev/zero')).rejects.toMatchObject({ code: 'line-too-long' });
});

test('readInventory: a directory of inventories is all of them: files, roots, recorded machines, not what is hidden', async () => {
  put('fleet/a.txt', 'pci:a\n');
  put('fleet/b/sys/devices/x/modalias', 'pci:b\n');
  put('fleet/c.json', JSON.stringify({ version: 1, name: 'c', devices: [{ attributes: { modalias: 'pci:c' } }] }));
  put('fleet/.hidden', 'pci:hidden\n');
  put('fleet/notes/readme', 'pci:deeper\n');
  put('fleet/empty', '');
  const { devices, diagnostics } = await readInventory(join(dir, 'fleet'));
  expect(devices.map(({ modalias }) => modalias)).toEqual(['pci:a', 'pci:b', 'pci:c']);
  expect(diagnostics).toMatchObject([{ code: 'no-devices', severity: 'warning', file: join(dir, 'fleet/empty') }]);
});

test('readInventory: of a directory, each kind of warning comes once', async () => {
  for (const name of ['a', 'b', 'c']) put(`warned/${name}`, 'pci:a\nwhat?\n');
  const { diagnostics } = await readInventory(join(dir, 'warned'));
  expect(diagnostics).toMatchObject([
    { code: 'unread-line', message: expect.stringMatching(/; so it is with 2 other files$/) },
  ]);
});

test('readInventory: of a directory, warnings of other causes stand beside each other', async () => {
  put('causes/a', 'pci:a\nwhat?\n');
  put('causes/b', '');
  put('causes/c', 'hello\n');
  put('causes/d', '{}\n');
  put('causes/e', '');
  const { diagnostics } = await readInventory(join(dir, 'causes'));
  expect(diagnostics.map(({ file, message }) => [file!.slice(-1), message.split(';').at(-1)])).toEqual([
    ['a', expect.stringContaining(' expected modaliases')],
    ['b', ' so it is with 1 other file'],
    ['c', expect.stringContaining(' expected modaliases')],
    ['d', expect.stringContaining('--key')],
  ]);
});

test('readInventory: of a directory, a file with a line without end is named, and the others are read', async () => {
  put('long/a', 'pci:a\n');
  put('long/b', 'x'.repeat(1100 * 1024));
  put('long/c', 'pci:c\n');
  const { devices, diagnostics } = await readInventory(join(dir, 'long'));
  expect(devices.map(({ modalias }) => modalias)).toEqual(['pci:a', 'pci:c']);
  expect(diagnostics).toMatchObject([{ code: 'line-too-long', severity: 'warning', file: join(dir, 'long/b') }]);
  rmSync(join(dir, 'long/a'));
  rmSync(join(dir, 'long/c'));
  await expect(readInventory(join(dir, 'long'))).rejects.toMatchObject({ code: 'line-too-long' });
});

test('readInventory: a recorded machine has the modaliases of its devices and files', async () => {
  const machine = {
    version: 1,
    devices: [
      { attributes: { modalias: 'pci:one\n' } },
      { attributes: { uevent: 'A=b\nMODALIAS=pci:two\n' } },
      {},
      null,
    ],
    sysfs: { 'devices/x/modalias': 'pci:three', 'devices/y/uevent': 'MODALIAS=pci:four', 'devices/z/name': 'pci:five' },
  };
  expect(await modaliases(put('machine.json', JSON.stringify(machine, null, 2)))).toEqual([
    'pci:one',
    'pci:two',
    'pci:three',
    'pci:four',
  ]);
});

test.each([
  ['{"modalias": "pci:x"}', /is JSON, but not a recorded machine; for NDJSON name the member with --key/],
  ['{"modalias": "pci:x"}\n{"modalias": "pci:x"}', /not a recorded machine/],
  ['{', /not a recorded machine/],
  ['{"devices": 7}', /not a recorded machine/],
  ['{"devices": [{"attributes": {"modalias": 7}}], "sysfs": ["x/modalias"]}', /empty/],
])('readInventory: %s is no machine', async (text, message) => {
  await expect(readInventory(put('odd.json', text))).rejects.toMatchObject({ code: 'no-devices', message });
});
