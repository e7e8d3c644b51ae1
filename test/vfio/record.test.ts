import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { kernelState } from '../../src/model/machines/kernel-state.ts';
import { readStatus } from '../../src/vfio/change/status.ts';
import { readGroups } from '../../src/vfio/sysfs/groups.ts';
import type { MachineDescription } from '../fake-root.ts';
import { machineRoot, type TestRoot } from './machine-root.ts';
import { vfio } from './vfio-command.ts';

const record = (root: TestRoot, ...args: string[]): string => vfio(root, 'record', 'copy', ...args).stdout;

test.each(['intel-desktop', 'sriov-server', 's390x'])(
  'vfio record describes %s so that a root made of it reads the same',
  (name) => {
    const original = machineRoot(name);
    const copy = machineRoot(JSON.parse(record(original)) as MachineDescription);
    expect(readGroups(copy.roots).groups).toEqual(readGroups(original.roots).groups);
    // Processes are not recorded.
    const devices = (root: TestRoot) =>
      readStatus(root.roots, '/nonexistent').bound.map((device) => ({ ...device, heldBy: [] }));
    expect(devices(copy)).toEqual(devices(original));
  },
);

test('vfio record leaves out addresses, serial numbers, UUIDs and the names of mount points', () => {
  const text = record(
    machineRoot({
      version: 1,
      name: 'secrets',
      release: '6.12.0',
      cmdline: 'root=UUID=0b1c2d3e-0001-0002-0003-0123456789ab intel_iommu=on secret=hunter2',
      drivers: { pci: { igc: 'igc' } },
      devices: [
        {
          path: 'pci0000:00/0000:00:01.0',
          bus: 'pci',
          driver: 'igc',
          attributes: {
            class: '0x020000',
            modalias: 'pci:v00008086d000015F3sv0sd0bc02sc00i00',
            serial_number: 'SN-4711',
            uevent: 'PCI_ID=1\nSERIAL=SN-4711',
          },
        },
        {
          path: 'pci0000:00/0000:00:01.0/net/enx0a1b2c3d4e5f',
          bus: 'class/net',
          attributes: { address: '0a:1b:2c:3d:4e:5f', uevent: 'INTERFACE=enx0a1b2c3d4e5f' },
        },
      ],
      proc: {
        'self/mountinfo':
          '1 0 8:1 / /home/jane.doe rw - ext4 /dev/disk/by-uuid/0b1c2d3e-0001-0002-0003-0123456789ab rw\n',
        'self/net/route': 'Iface\nenx0a1b2c3d4e5f\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\n',
      },
    }),
  );
  expect(text).not.toMatch(/SN-4711|0a1b2c3d4e5f|0a:1b:2c|0b1c2d3e|jane|hunter2|0101A8C0/i);
  expect(text).toContain('intel_iommu=on');
});

test('vfio record --keep records what identifies a machine, each kind on its own', () => {
  const root = machineRoot({
    version: 1,
    name: 'secrets',
    release: '6.12.0',
    drivers: {},
    devices: [
      {
        path: 'pci0000:00/0000:00:02.0',
        bus: 'pci',
        attributes: { class: '0x010802', serial: 'SN-4711' },
      },
      {
        path: 'pci0000:00/0000:00:01.0/net/enx0a1b2c3d4e5f',
        bus: 'class/net',
        attributes: { address: '0a:1b:2c:3d:4e:5f' },
      },
    ],
    proc: { 'sys/kernel/hostname': 'janes-laptop\n' },
  });
  const found = (...args: string[]) =>
    [.../SN-4711|0a:1b:2c:3d:4e:5f|enx0a1b2c3d4e5f|janes-laptop/g[Symbol.matchAll](record(root, ...args))].map(
      ([m]) => m,
    );
  expect(found()).toEqual([]);
  expect(found('--keep', 'serials')).toEqual(['SN-4711']);
  expect(found('--keep', 'addresses')).toEqual(['enx0a1b2c3d4e5f', '0a:1b:2c:3d:4e:5f']);
  expect(found('--keep', 'host-name')).toEqual(['janes-laptop']);
  const wrong = vfio(root, 'record', '--keep', 'serial');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("found 'serial', expected serials, addresses, host-name; did you mean 'serials'?");
});

test('vfio record lists the modules of drivers that are part of the kernel: they have no initstate', () => {
  const root = machineRoot({
    version: 1,
    name: 'one',
    release: '6.12.0',
    drivers: { pci: { pcieport: 'pcieportdrv', igc: 'igc', mine: null } },
    devices: [{ path: 'pci0000:00/0000:00:01.0', bus: 'pci', driver: 'pcieport' }],
  });
  fs.rmSync(path.join(root.directory, 'sys/module/pcieportdrv/initstate'));
  const machine = JSON.parse(record(root)) as MachineDescription;
  expect(machine.builtIn).toEqual(['pcieportdrv']);
  const { modules } = kernelState(machine);
  expect(modules.find(({ name }) => name === 'pcieportdrv')).toMatchObject({ loaded: true, drivers: [] });
  expect(modules.find(({ name }) => name === 'igc')?.drivers.map(({ name }) => name)).toEqual(['igc']);
});

test('vfio record -m records the modules that the kernel names for each modalias', () => {
  const root = machineRoot({
    version: 1,
    name: 'one',
    release: '6.12.0',
    drivers: {},
    devices: [
      {
        path: 'pci0000:00/0000:00:01.0',
        bus: 'pci',
        attributes: { modalias: 'pci:v00008086d000010D3sv00000000sd00000000bc02sc00i00' },
      },
    ],
  });
  vfio(root, 'plan', '0000:00:01.0');
  const { aliases } = JSON.parse(record(root, '-m', path.join(root.directory, 'modules', 'modules.alias')));
  expect(aliases).toEqual({ 'pci:v00008086d000010D3sv00000000sd00000000bc02sc00i00': ['e1000e'] });
});
