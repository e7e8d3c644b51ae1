import { describe, expect, test } from 'vitest';
import { readDevice } from '../../../src/vfio/sysfs/device.ts';
import { deviceNodes } from '../../../src/vfio/uses/device-nodes.ts';
import { driverNodes, sysfsFiles } from '../../../src/vfio/uses/driver-nodes.ts';
import type { DeviceDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';
import { AT, CARD, type UsedCard, usesOf } from './used-card.ts';

/** What a plan says where processes have files open: `77 Xorg /dev/dri/card0`. */
const said = (rest: UsedCard, ...open: readonly string[]) => {
  const opened = open.map((text) => text.split(' '));
  return usesOf({
    class: '030000',
    ...rest,
    proc: { ...rest.proc, ...Object.fromEntries(opened.map(([pid, comm]) => [`${pid}/comm`, `${comm}\n`])) },
    procLinks: Object.fromEntries(opened.flatMap(([pid, , file], fd) => (file ? [[`${pid}/fd/${fd}`, file]] : []))),
  });
};
const information = (minor: number) => ({
  [`driver/nvidia/gpus/${CARD}/information`]: `Model: \t\t NVIDIA GeForce RTX 4080\nBus Location: \t ${CARD}\nDevice Minor: \t ${minor}\n`,
});

describe('deviceNodes of nvidia', () => {
  const nvidia = { driver: 'nvidia', proc: information(1) };

  test.each(['/dev/nvidia1', '/dev/nvidiactl', '/dev/nvidia-modeset', '/dev/nvidia-uvm'])(
    'are found, though sysfs does not show them: %s',
    (file) => {
      expect(said(nvidia, `77 Xorg ${file}`)).toEqual([`held: process 77 (Xorg) has ${file} open`]);
    },
  );

  test('are those of the card, by its minor number', () => {
    expect(said(nvidia, '77 Xorg /dev/nvidia0')).toEqual([]);
    const { proc: _, ...unknown } = nvidia;
    for (const file of ['/dev/nvidia0', '/dev/nvidia31'])
      expect(said(unknown, `77 Xorg ${file}`)).toEqual([`held: process 77 (Xorg) has ${file} open`]);
    expect(said(unknown, '77 Xorg /dev/nvidia32')).toEqual([]);
  });

  test('are kept open by nvidia-persistenced, which is named with what ends it, root or not', () => {
    const expected = ['held: process 90 (nvidia-persiste) keeps it open: systemctl stop nvidia-persistenced'];
    expect(said(nvidia, '90 nvidia-persiste /dev/nvidia1')).toEqual(expected);
    expect(said(nvidia, '90 nvidia-persiste')).toEqual(expected);
    expect(said({ driver: 'native' }, '90 nvidia-persiste')).toEqual([]);
  });

  test('are found by their numbers, where a container gives them other names', () => {
    // On the running system /dev/null is 1:3 and /dev/zero 1:5, and here they are nodes of the driver.
    const uvm = { ...nvidia.proc, devices: 'Character devices:\n  1 nvidia-uvm\n  4 tty\n\nBlock devices:\n  8 sd\n' };
    expect(said({ ...nvidia, proc: uvm }, '77 python3 /dev/null', '78 cat /dev/tty')).toEqual([
      'held: process 77 (python3) has /dev/null open',
    ]);
    expect(said({ ...nvidia, driver: 'native', proc: uvm }, '77 python3 /dev/null')).toEqual([]);
    expect(said(nvidia, '77 python3 /dev/null')).toEqual([]);
  });

  test('have the numbers of the card and those that all cards share', () => {
    const devices = 'Character devices:\n195 nvidia\n195 nvidiactl\n508 nvidia-uvm\n';
    const { roots } = machineRoot({
      ...{ version: 1, name: 'nvidia', release: '6.12.0', drivers: { pci: { nvidia: 'nvidia' } } },
      devices: [{ path: AT, bus: 'pci', driver: 'nvidia' }],
      proc: { ...nvidia.proc, devices },
    });
    const numbers = driverNodes(roots.proc, readDevice(roots.sysfs, `devices/${AT}`)).filter(
      (name) => !name.startsWith('/'),
    );
    expect([...new Set(numbers)]).toEqual(['195:1', '195:254', '195:255', '508:*']);
  });

  test('are none of another driver', () => {
    expect(said({ ...nvidia, driver: 'native' }, '77 Xorg /dev/nvidia1', '78 x /dev/nvidiactl')).toEqual([]);
  });
});

test.each([
  ['native', false],
  ['amdgpu', true],
])('deviceNodes finds /dev/kfd, which all cards of amdgpu share: %s', (driver, held) => {
  expect(said({ driver }, '77 python3 /dev/kfd')).toEqual(held ? ['held: process 77 (python3) has /dev/kfd open'] : []);
});

test('deviceNodes finds the files of /dev/dri below the card', () => {
  const devices: DeviceDescription[] = [
    { path: `${AT}/drm/card0`, bus: 'class/drm', attributes: { uevent: 'MAJOR=226\nDEVNAME=dri/card0' } },
    { path: `${AT}/drm/renderD128`, bus: 'class/drm', attributes: { uevent: 'MAJOR=226\nDEVNAME=dri/renderD128' } },
  ];
  expect(said({ driver: 'amdgpu', devices }, '77 gnome-shell /dev/dri/renderD128')).toEqual([
    'held: process 77 (gnome-shell) has /dev/dri/renderD128 open',
  ]);
});

test('deviceNodes finds the groups of mediated devices below the card', () => {
  const uuid = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1001';
  const devices = [{ path: `${AT}/${uuid}`, bus: 'mdev', group: '2' }];
  expect(said({ devices }, '77 qemu-system-x86 /dev/vfio/2')).toEqual([
    'held: process 77 (qemu-system-x86) has /dev/vfio/2 open',
  ]);
});

test('deviceNodes finds who drives the card past its driver', () => {
  const attributes = { resource0: '', resource1_wc: '', config: '', resource: '' };
  for (const file of ['resource0', 'resource1_wc', 'config'])
    expect(said({ attributes }, `77 dpdk-testpmd /sys/devices/${AT}/${file}`)).toEqual([
      `held: process 77 (dpdk-testpmd) has /sys/devices/${AT}/${file} open`,
    ]);
  expect(said({ attributes }, `77 cat /sys/devices/${AT}/resource`, '78 cat /sys/devices/other/config')).toEqual([]);
});

test('deviceNodes finds namespaces that several NVMe controllers may share', () => {
  const subsystem = 'virtual/nvme-subsystem/nvme-subsys0';
  const devices: DeviceDescription[] = [
    { path: subsystem, bus: 'class/nvme-subsystem' },
    { path: `${AT}/nvme/nvme0`, bus: 'class/nvme' },
    { path: `${subsystem}/nvme0n1`, bus: 'class/block', attributes: { uevent: 'DEVNAME=nvme0n1' } },
  ];
  const sysfsLinks = { [`devices/${subsystem}/nvme0`]: `../../../${AT}/nvme/nvme0` };
  expect(said({ class: '010802', devices, sysfsLinks }, '77 qemu-system-x86 /dev/nvme0n1')).toEqual([
    'held: process 77 (qemu-system-x86) has /dev/nvme0n1 open',
  ]);
});

test('sysfsFiles are the memory, the ports, the ROM and the configuration of a PCI device, and nothing of another bus', () => {
  const names = ['config', 'rom', 'resource', 'resource0', 'resource2_wc', 'resource10', 'xconfig', 'resource0_x'];
  const files = (bus: string) => {
    const device = { path: 'x/one', bus, attributes: Object.fromEntries(names.map((name) => [name, ''])) };
    const machine = { version: 1 as const, name: 'files', release: '6.12.0', drivers: {}, devices: [device] };
    const { sysfs } = machineRoot(machine).roots;
    return sysfsFiles(sysfs, readDevice(sysfs, 'devices/x/one'));
  };
  expect(files('pci')).toEqual(
    ['config', 'resource0', 'resource10', 'resource2_wc', 'rom'].map((name) => `/sys/devices/x/one/${name}`),
  );
  expect(files('platform')).toEqual([]);
});

test('deviceNodes leaves out what a service holds of its own device, and nothing else', () => {
  const other = '0000:02:00.0';
  const { roots } = machineRoot({
    ...{ version: 1, name: 'two', release: '6.12.0', drivers: { pci: { nvidia: 'nvidia', native: 'native' } } },
    devices: [
      { path: AT, bus: 'pci', driver: 'nvidia' },
      { path: `pci0000:00/${other}`, bus: 'pci', driver: 'native' },
    ],
    proc: { '90/comm': 'nvidia-persiste\n', 'x90/comm': 'nvidia-persiste\n' },
  });
  const devices = [AT, `pci0000:00/${other}`].map((at) => readDevice(roots.sysfs, `devices/${at}`));
  const open = (pid: string, comm: string, ...files: readonly string[]) => {
    return { pid, text: `process ${pid} (${comm})`, files: files.map((file, fd) => ({ fd: String(fd), file })) };
  };
  const uses = deviceNodes({
    roots,
    devices,
    targets: devices,
    nodes: new Map([
      ['/dev/a', [CARD]],
      ['/dev/b', [other]],
    ]),
    processes: [open('90', 'nvidia-persiste', '/dev/a', '/dev/b'), open('91', 'Xorg', '/dev/a')],
    mounts: [],
    mounted: [],
    at: () => [],
  });
  expect(uses.map(({ device, text }) => `${device} ${text}`)).toEqual([
    `${other} process 90 (nvidia-persiste) has /dev/b open`,
    `${CARD} process 91 (Xorg) has /dev/a open`,
    `${CARD} process 90 (nvidia-persiste) keeps it open: systemctl stop nvidia-persistenced`,
  ]);
});
