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

test('vfio record leaves out what identifies the machine in names of devices, of mounts and of the kernel', () => {
  const mac = '52:54:00:ab:cd:ef';
  const uuid = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  const interfaces = [
    'wlx525400abcdef',
    'ibx525400abcdef525400',
    'br-525400ABCDEF',
    'vnet-janes-laptop',
    'enx525400abcdf0',
  ];
  const root = machineRoot({
    version: 1,
    name: 'secrets',
    release: '6.12.1-janes-laptop',
    cmdline: `root=UUID=${uuid} ip=10.1.2.3::10.1.2.1:255.255.255.0:janes-laptop:eth0 rd.iscsi.initiator=iqn.vfio:SN-4711 nfsroot=10.1.2.4:/srv/iommu rd.luks.name=${uuid}=vfio-disk netroot=iscsi:@10.1.2.4::3260::iqn.vfio "dyndbg=file drivers/vfio/jane +p" myiommu=SN-4711 vfio.key=SN-4711 iommu=pt vfio-pci.ids=8086:10d3 pci=noaer nvme.async_probe=1`,
    drivers: {},
    devices: [
      ...interfaces.map((name) => ({
        path: `pci0000:00/0000:00:01.0/net/${name}`,
        bus: 'class/net',
        attributes: { address: name === 'enx525400abcdf0' ? '52:54:00:ab:cd:f0' : mac, uevent: `INTERFACE=${name}` },
      })),
      { path: `platform/smbus-${mac}`, bus: 'platform', attributes: { modalias: 'platform:smbus' } },
      { path: 'platform/VEN0001:SN-4711', bus: 'platform', attributes: { modalias: 'platform:it' } },
      { path: 'platform/janes-laptop.0', bus: 'platform', attributes: { modalias: 'platform:it' } },
      { path: 'virtual/block/md_janes-laptop', bus: 'class/block', attributes: { uevent: 'DEVNAME=md_janes-laptop' } },
      { path: 'pci0000:00/0000:00:02.0/nvme/nvme0', bus: 'class/nvme', attributes: { serial: 'SN-4711  ' } },
      { path: 'virtual/block/dm-0', bus: 'class/block', attributes: { dev: '253:0' } },
    ],
    sysfs: { 'devices/virtual/block/dm-0/dm/name': 'jane-root' },
    sysfsLinks: { 'dev/block/253:0': '../../devices/virtual/block/dm-0' },
    proc: {
      'sys/kernel/hostname': 'janes-laptop\n',
      'self/mountinfo': [
        '1 0 253:0 / / rw - ext4 /dev/mapper/jane-root rw',
        '2 1 0:44 / /home rw - btrfs /dev/mapper/jane-root rw',
        '3 1 259:1 / /srv rw - ext4 /dev/disk/by-id/nvme-SN-4711 rw\n',
      ].join('\n'),
    },
  });
  const text = record(root);
  expect(text).not.toMatch(/jane|SN-4711|525400|52:54|6ba7b8|10\.1\.2/i);
  const machine = JSON.parse(text) as MachineDescription;
  expect(machine.cmdline).toBe('iommu=pt vfio-pci.ids=8086:10d3 pci=noaer nvme.async_probe=1');
  expect(machine.release).toBe('6.12.1-host');
  expect(machine.proc?.['self/mountinfo']?.match(/\/dev\/\S+/g)).toEqual(['/dev/dm-0', '/dev/dm-0', '/dev/unnamed']);
  // Interfaces that differ still do.
  expect(new Set(machine.devices.filter(({ bus }) => bus === 'class/net').map(({ path }) => path)).size).toBe(5);
  const kept = record(root, '--keep', 'serials,addresses,host-name');
  for (const name of [...interfaces, mac, 'SN-4711', '6.12.1-janes-laptop']) expect(kept).toContain(name);
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
