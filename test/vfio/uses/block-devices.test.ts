import { expect, test } from 'vitest';
import { readMountedDevices } from '../../../src/vfio/uses/block-devices.ts';
import { readMounts } from '../../../src/vfio/uses/mounts.ts';
import type { MachineDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

const DISK = 'pci0000:00/0000:00:17.0/ata1/host0/block/sda';
const OTHER = 'pci0000:00/0000:00:18.0/ata2/host1/block/sdb';

/** What is mounted, by sysfs path, on a machine with two disks and whatever stands on them. */
function mounted(line: string, rest: Partial<MachineDescription>): string[] {
  const disk = (path: string) => ({ path, bus: 'class/block', attributes: {} });
  const { roots } = machineRoot({
    version: 1,
    name: 'disks',
    release: '6.12.0',
    drivers: {},
    proc: { '1/mountinfo': `${line}\n` },
    ...rest,
    devices: [disk(DISK), disk(OTHER), ...(rest.devices ?? [])],
  });
  return readMountedDevices(roots, readMounts(roots.proc)).map(({ path, text }) => `${path}: ${text}`);
}

const crypt = {
  devices: [{ path: 'virtual/block/dm-0', bus: 'class/block', attributes: { 'dm/name': 'vg--a-root' } }],
  sysfsLinks: { 'devices/virtual/block/dm-0/slaves/sda': `../../../../${DISK}` },
};

test.each(['/dev/mapper/vg--a-root', '/dev/vg-a/root'])(
  'readMountedDevices finds the disk below %s, which sysfs knows as dm-0, where btrfs has its own number',
  (source) => {
    expect(mounted(`22 1 0:31 / / rw - btrfs ${source} rw`, crypt)).toEqual([`devices/${DISK}: dm-0 is mounted on /`]);
  },
);

test('readMountedDevices finds a disk with a slash in its name, which is ! in sysfs', () => {
  const at = 'pci0000:00/0000:00:19.0/cciss0/block/cciss!c0d0';
  const disk = { devices: [{ path: at, bus: 'class/block', attributes: {} }] };
  expect(mounted('22 1 0:31 / / rw - btrfs /dev/cciss/c0d0 rw', disk)).toEqual([
    `devices/${at}: cciss!c0d0 is mounted on /`,
  ]);
});

test('readMountedDevices finds every disk of a btrfs file system', () => {
  const sysfsLinks = {
    'fs/btrfs/1c3f/devices/sda': `../../../../devices/${DISK}`,
    'fs/btrfs/1c3f/devices/sdb': `../../../../devices/${OTHER}`,
  };
  expect(mounted('22 1 0:31 / /srv rw - btrfs /dev/sdb rw', { sysfsLinks })).toEqual([
    `devices/${OTHER}: sdb is mounted on /srv`,
    `devices/${DISK}: sda is mounted on /srv`,
  ]);
});

test('readMountedDevices finds the disks below a partition of an array', () => {
  const found = mounted('22 1 259:3 / / rw - ext4 /dev/md0p1 rw', {
    devices: [{ path: 'virtual/block/md0/md0p1', bus: 'class/block', attributes: { partition: '1' } }],
    sysfsLinks: {
      'dev/block/259:3': '../../devices/virtual/block/md0/md0p1',
      'devices/virtual/block/md0/slaves/sda': `../../../../${DISK}`,
      'devices/virtual/block/md0/slaves/sdb': `../../../../${OTHER}`,
    },
  });
  expect(found).toEqual([`devices/${DISK}: md0p1 is mounted on /`, `devices/${OTHER}: md0p1 is mounted on /`]);
});

test('readMountedDevices finds the controllers of an NVMe namespace that may have several', () => {
  const subsystem = 'virtual/nvme-subsystem/nvme-subsys0';
  const controller = 'devices/pci0000:00/0000:01:00.0/nvme/nvme0';
  const found = mounted('22 1 259:2 / / rw - ext4 /dev/nvme0n1p2 rw', {
    devices: [
      { path: `${subsystem}/nvme0n1/nvme0n1p2`, bus: 'class/block', attributes: { partition: '2' } },
      { path: controller.slice(8), bus: 'class/nvme', attributes: {} },
    ],
    sysfsLinks: {
      'dev/block/259:2': `../../devices/${subsystem}/nvme0n1/nvme0n1p2`,
      [`devices/${subsystem}/nvme0`]: `../../../../${controller}`,
    },
  });
  expect(found).toEqual([
    `devices/${subsystem}/nvme0n1/nvme0n1p2: nvme0n1p2 is mounted on /`,
    `${controller}: nvme0n1p2 is mounted on /`,
  ]);
});
