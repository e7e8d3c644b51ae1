import { expect, test } from 'vitest';
import { readMachine } from '../../../src/vfio/plan/machine.ts';
import { planBind } from '../../../src/vfio/plan/plan.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import type { DeviceDescription, MachineDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

const CARD = '0000:00:17.0';
const AT = `pci0000:00/${CARD}`;
/** From a link `devices/virtual/KIND/NAME/slaves/X` to a path below devices. */
const UP = '../../../..';

/** What a plan for a card says of its use, on a machine that has more than the card. */
function uses(rest: Partial<MachineDescription> & { readonly devices?: readonly DeviceDescription[] }): string[] {
  const { roots } = machineRoot({
    version: 1,
    name: 'uses',
    release: '6.12.0',
    drivers: { pci: { 'vfio-pci': 'vfio_pci', native: 'native' } },
    groups: { 1: {} },
    ...rest,
    devices: [
      {
        path: AT,
        bus: 'pci',
        driver: 'native',
        group: '1',
        attributes: { modalias: 'pci:v00008086d00000001sv00000000sd00000000bc01sc06i01', class: '0x010601' },
      },
      ...(rest.devices ?? []),
    ],
  });
  const { device } = findDevice(roots.sysfs, CARD);
  const plan = planBind(readMachine(roots, [device]), [{ path: device.path, driver: 'vfio-pci', module: null }]);
  expect(plan.runnable).toBe(!plan.warnings.some(({ blocks }) => blocks === 'in-use'));
  return plan.warnings.flatMap(({ code, message, blocks }) => (blocks === 'in-use' ? `${code}: ${message}` : []));
}

const disk = (path: string, attributes: Record<string, string> = {}): DeviceDescription => ({
  path,
  bus: 'class/block',
  attributes: { uevent: `DEVNAME=${path.slice(path.lastIndexOf('/') + 1)}`, ...attributes },
});
const SDA = `${AT}/ata1/host0/target0:0:0/0:0:0:0/block/sda`;
const disks = [disk(SDA), disk(`${SDA}/sda1`, { partition: '1' }), disk(`${SDA}/sda2`, { partition: '2' })];
const mounts = (...lines: string[]) => ({ '1/mountinfo': lines.map((line) => `${line}\n`).join('') });

test('readUses finds nothing on a card with a disk that nobody uses', () => {
  expect(uses({ devices: disks })).toEqual([]);
});

test('readUses takes a disk for one of the innermost device that it is below, which goes away with the outer one', () => {
  const inner = `${AT}/0000:05:00.0`;
  const below = `${inner}/nvme/nvme0/nvme0n1`;
  const found = uses({
    devices: [
      { path: inner, bus: 'pci', driver: 'native', group: '1', attributes: { class: '0x010802' } },
      disk(below, { dev: '259:0' }),
    ],
    sysfsLinks: { 'dev/block/259:0': `../../devices/${below}` },
    proc: mounts('36 35 259:0 / /mnt rw - ext4 /dev/nvme0n1 rw'),
  });
  expect(found).toEqual(['mounted: nvme0n1 is mounted on /mnt, on 0000:05:00.0, which goes away with it']);
});

test('readMachine does not take what is below a bridge of the group for used by the bridge', () => {
  const bridge = 'pci0000:00/0000:00:1c.0';
  const below = `${bridge}/0000:06:00.0/nvme/nvme0/nvme0n1`;
  const card = (path: string, cls: string): DeviceDescription => ({
    path,
    bus: 'pci',
    group: '1',
    attributes: { class: cls },
  });
  const usesBelow = (cls: string) => {
    const { roots } = machineRoot({
      version: 1,
      name: 'bridge',
      release: '6.12.0',
      drivers: {},
      groups: { 1: {} },
      devices: [card(AT, '0x010601'), card(bridge, cls), disk(below, { dev: '259:0' })],
      sysfsLinks: { 'dev/block/259:0': `../../devices/${below}` },
      proc: mounts('36 35 259:0 / /mnt rw - ext4 /dev/nvme0n1 rw'),
    });
    return readMachine(roots, [findDevice(roots.sysfs, CARD).device]).uses.map(
      ({ device, text }) => `${device}: ${text}`,
    );
  };
  expect(usesBelow('0x060400')).toEqual([]);
  expect(usesBelow('0x010802')).toEqual(['0000:00:1c.0: nvme0n1 is mounted on /mnt']);
});

test('readUses finds a volume on an encrypted disk in an array, through every layer', () => {
  const layer = (name: string, attributes: Record<string, string> = {}) => disk(`virtual/block/${name}`, attributes);
  const found = uses({
    devices: [
      ...disks,
      layer('md0'),
      layer('dm-0', { 'dm/name': 'crypt' }),
      layer('dm-1', { 'dm/name': 'vg-root' }),
      layer('dm-2', { 'dm/name': 'vg-swap' }),
    ],
    sysfsLinks: {
      'devices/virtual/block/md0/slaves/sda2': `${UP}/${SDA}/sda2`,
      'devices/virtual/block/dm-0/slaves/md0': '../../md0',
      'devices/virtual/block/dm-1/slaves/dm-0': '../../dm-0',
      'devices/virtual/block/dm-2/slaves/dm-0': '../../dm-0',
      [`devices/${SDA}/sda2/holders/md0`]: '../../../../../../../../../../virtual/block/md0',
      'devices/virtual/block/md0/holders/dm-0': '../../dm-0',
      'devices/virtual/block/dm-0/holders/dm-1': '../../dm-1',
      'dev/block/254:1': '../../devices/virtual/block/dm-1',
    },
    proc: {
      ...mounts('22 1 254:1 / / rw - ext4 /dev/mapper/vg-root rw'),
      swaps: 'Filename Type Size Used Priority\n/dev/dm-2 partition 1 0 -2\n',
    },
  });
  expect(found).toEqual(['mounted: dm-1 is mounted on /', 'swap: dm-2 is used for swap']);
});

test('readUses finds what a disk is a part of, though nothing of it is mounted', () => {
  const found = uses({
    devices: [...disks, disk('virtual/block/dm-0', { 'dm/name': 'vg-guest' })],
    sysfsLinks: { [`devices/${SDA}/sda2/holders/dm-0`]: '../../../../../../../../../../virtual/block/dm-0' },
  });
  expect(found).toEqual(['stacked: sda2 is a part of dm-0 (vg-guest)']);
});

test.each([
  ['mounted', mounts('30 1 0:40 / /tank rw - zfs tank/data rw', '31 1 0:41 / /home rw - zfs tank/home rw')],
  ['imported', { 'spl/kstat/zfs/tank/state': 'ONLINE\n' }],
])('readUses cannot tell whose disks a ZFS pool has that is %s, and says so', (_how, proc) => {
  expect(uses({ devices: disks, proc })).toEqual([
    'zfs-pool: ZFS pool tank is imported, but sysfs does not show its disks; check with zpool status that these are not among them sda',
  ]);
  expect(uses({ proc })).toEqual([]);
});

test('readUses finds every disk of a bcachefs file system', () => {
  const proc = mounts('30 1 0:50 / /srv rw - bcachefs /dev/sdz1:/dev/sda1 rw');
  expect(uses({ devices: disks, proc })).toEqual(['mounted: sda1 is mounted on /srv']);
});

test('readUses finds a disk behind five hubs, mounted and held open', () => {
  const hubs = 'usb1/1-1/1-1.1/1-1.1.1/1-1.1.1.1/1-1.1.1.1.1/1-1.1.1.1.1.1/1-1.1.1.1.1.1:1.0';
  const at = `${AT}/${hubs}/host6/target6:0:0/6:0:0:0/block/sdb`;
  const found = uses({
    devices: [disk(at), disk(`${at}/sdb1`, { partition: '1' })],
    sysfsLinks: { 'dev/block/8:17': `../../devices/${at}/sdb1` },
    proc: { ...mounts('40 1 8:17 / /media rw - vfat /dev/sdb1 rw'), '77/comm': 'dd\n' },
    procLinks: { '77/fd/3': '/dev/sdb1' },
  });
  expect(found).toEqual(['mounted: sdb1 is mounted on /media', 'held: process 77 (dd) has /dev/sdb1 open']);
});

test('readUses finds the card below a bridge on a VLAN on a bond', () => {
  const net = (name: string) => ({ path: `virtual/net/${name}`, bus: 'class/net' });
  const found = uses({
    devices: [net('br0'), net('bond0.5'), net('bond0'), { path: `${AT}/net/eth0`, bus: 'class/net' }],
    sysfsLinks: {
      'devices/virtual/net/br0/lower_bond0.5': '../bond0.5',
      'devices/virtual/net/bond0.5/lower_bond0': '../bond0',
      'devices/virtual/net/bond0/lower_eth0': `../../../${AT}/net/eth0`,
    },
    proc: {
      'self/net/route':
        'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\nbr0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n',
    },
  });
  expect(found).toEqual(['default-route: the default route goes through br0']);
});

test('readUses ends where everything stands on everything', () => {
  const names = Array.from({ length: 9 }, (_, index) => `sd${index}`);
  const at = (name: string) => `${AT}/block/${name}`;
  const net = names.map((name) => `${AT}/net/${name}`);
  const links = names.flatMap((name) =>
    names.flatMap((other) => [
      [`devices/${at(name)}/slaves/${other}`, `../../${other}`],
      [`devices/${at(name)}/holders/${other}`, `../../${other}`],
      [`devices/${AT}/net/${name}/lower_${other}`, `../${other}`],
    ]),
  );
  const found = uses({
    devices: [
      ...names.map((name) => ({ path: at(name), bus: 'class/block', attributes: {} })),
      ...net.map((path) => ({ path, bus: 'class/net', attributes: {} })),
    ],
    sysfsLinks: { ...Object.fromEntries(links), 'dev/block/8:0': `../../devices/${at('sd0')}` },
    proc: {
      '1/mountinfo': '22 1 8:0 / /srv rw - ext4 /dev/sd0 rw\n',
      '1/net/route':
        'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\nsd0\t00000000\t0\t3\t0\t0\t0\t00000000\n',
    },
  });
  expect(found).toContain('mounted: sd0 is mounted on /srv');
  expect(new Set(found.map((text) => text.split(':', 1)[0]))).toEqual(new Set(['mounted', 'default-route']));
});

test('readUses does not say of a disk that it is a part of something where one of its partitions is in use', () => {
  const held = (...lines: readonly string[]) =>
    uses({
      devices: [...disks, disk('virtual/block/md0')],
      sysfsLinks: {
        'dev/block/8:1': `../../devices/${SDA}/sda1`,
        [`devices/${SDA}/holders/md0`]: '../../../../../../../../../virtual/block/md0',
      },
      proc: mounts(...lines),
    });
  expect(held()).toEqual(['stacked: sda is a part of md0']);
  expect(held('22 1 8:1 / /srv rw - ext4 /dev/sda1 rw')).toEqual(['mounted: sda1 is mounted on /srv']);
});
