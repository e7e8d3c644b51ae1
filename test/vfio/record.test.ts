import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { readStatus } from '../../src/vfio/change/status.ts';
import { readGroups } from '../../src/vfio/sysfs/groups.ts';
import type { MachineDescription } from '../fake-root.ts';
import { machineRoot, type TestRoot } from './machine-root.ts';

const record = (root: TestRoot): string =>
  execFileSync('scripts/record-sysfs', ['copy', root.sysfs, root.proc], { encoding: 'utf8' });

test.each(['intel-desktop', 'sriov-server', 's390x'])(
  'scripts/record-sysfs describes %s so that a root made of it reads the same',
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

test('scripts/record-sysfs leaves out addresses, serial numbers, UUIDs and the names of mount points', () => {
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
