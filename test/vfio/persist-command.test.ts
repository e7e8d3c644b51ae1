import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { DeviceDescription, MachineDescription } from '../fake-root.ts';
import { machineRoot, type TestRoot } from './machine-root.ts';
import { vfio } from './vfio-command.ts';

const MODALIAS = 'pci:v0000144Dd0000A80Asv0000144Dsd0000A801bc01sc08i02';
const nvme = (slot: string, driver = 'nvme', modalias = MODALIAS): DeviceDescription => ({
  path: `pci0000:00/0000:00:${slot}.0/0000:${slot}:00.0`,
  bus: 'pci',
  driver,
  group: slot,
  attributes: { class: '0x010802', modalias, vendor: '0x144d', device: '0xa80a' },
});

/** Two like NVMe disks, the root file system on the first; the devices that are given are there besides. */
function twins(more: readonly DeviceDescription[] = [], second = nvme('02')): MachineDescription {
  const at = 'pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0/nvme0n1';
  return {
    version: 1,
    name: 'twins',
    release: '6.12.0',
    drivers: { pci: { nvme: 'nvme', 'vfio-pci': 'vfio_pci' } },
    groups: { '01': {}, '02': {}, '03': {} },
    devices: [nvme('01'), second, { path: at, bus: 'class/block', attributes: { dev: '259:0' } }, ...more],
    sysfsLinks: { 'dev/block/259:0': `../../devices/${at}` },
    proc: { '1/mountinfo': '22 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n' },
  };
}

const format = (root: TestRoot, name: string, ...args: string[]) => vfio(root, 'plan', '--format', name, ...args);

test.each(['modprobe.d', 'cmdline'])(
  'vfio plan --format %s refuses ids that a twin of the device has, and prints nothing',
  (name) => {
    const { status, stdout, stderr } = format(machineRoot(twins()), name, '0000:02:00.0');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      `refused: 0000:02:00.0: 0000:01:00.0 has the same ids (144d:a80a:144d:a801), and ${name} would take it too`,
    );
  },
);

test('vfio plan --format modprobe.d takes both twins where both are named, and one of another subsystem', () => {
  const other = nvme('03', 'nvme', MODALIAS.replace('sd0000A801', 'sd0000A802'));
  const root = machineRoot(twins([other]));
  const both = format(root, 'modprobe.d', '--allow-in-use', '0000:01:00.0', '0000:02:00.0');
  expect(both).toMatchObject({ status: 0, stdout: expect.stringContaining('ids=144d:a80a:144d:a801\n') });
  const single = format(root, 'modprobe.d', '0000:03:00.0');
  expect(single).toMatchObject({ status: 0, stdout: expect.stringContaining('ids=144d:a80a:144d:a802\n') });
});

test.each(['udev', 'driverctl', 'systemd', 'initramfs-tools', 'dracut', 'libvirt-xml'])(
  'vfio plan --format %s goes by address, so twins do not matter to it',
  (name) => {
    const { status, stdout } = format(machineRoot(twins()), name, '0000:02:00.0');
    expect(status).toBe(0);
    expect(stdout).toContain('02');
  },
);

test('vfio plan --format udev loads the module of a driver that is registered now and may not be at boot', () => {
  const { status, stdout } = format(machineRoot(twins()), 'udev', '--driver', 'vfio-pci', '0000:02:00.0');
  expect(status).toBe(0);
  expect(stdout).toContain('RUN{builtin}+="kmod load vfio_pci"');
});

const bound = { driver: 'vfio-pci', override: 'vfio-pci' };

/** A machine after a trial bind of the second disk, with the journal's line for it where there is one. */
function afterTrial(modalias: string | null): TestRoot {
  const { devices, ...rest } = twins([], nvme('02', 'vfio-pci'));
  const root = machineRoot({ ...rest, devices: devices.filter(({ path: at }) => !at.includes('01:00.0')) });
  const state = path.join(root.directory, 'state');
  fs.mkdirSync(state);
  const at = 'devices/pci0000:00/0000:00:02.0/0000:02:00.0';
  const entry = { name: '0000:02:00.0', bus: 'pci', path: at, modalias, before: { driver: 'nvme', override: null } };
  const lines = [
    { kind: 'begin', version: 1, boot: null, devices: [{ ...entry, beforeModule: 'nvme', after: bound }] },
    { kind: 'end', state: 'bound' },
  ];
  fs.writeFileSync(path.join(state, '1.journal'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return root;
}

test.each(['modprobe.d', 'cmdline'])(
  'vfio plan --format %s prints after a trial bind what it did before: the journal knows the driver',
  (name) => {
    const { status, stdout } = format(afterTrial(MODALIAS), name, '0000:02:00.0');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^(# {5})?softdep nvme pre: vfio_pci$/m);
  },
);

test('vfio plan --format modprobe.d does not believe a journal about another device at the address', () => {
  const { stdout } = format(afterTrial('pci:other'), 'modprobe.d', '0000:02:00.0');
  expect(stdout).not.toContain('\nsoftdep');
  expect(stdout).toContain('no journal says what had it before');
});

test('vfio plan --format systemd never writes --allow-in-use', () => {
  const { status, stdout } = format(machineRoot(twins()), 'systemd', '--allow-in-use', '0000:01:00.0');
  expect(status).toBe(0);
  expect(stdout).toContain('vfio bind --id 144d:a80a:144d:a801 0000:01:00.0\n');
  expect(stdout).not.toContain('--allow-in-use');
});

test.each([
  [['--id', '144d:a80a'], 0],
  [['--id', '144D:A80A:144d:a801'], 0],
  [['--id', '10de:2684'], 1],
  [['--id', '144d:a80a:144d:a802'], 1],
])('vfio bind %j takes the address only while it holds that device: %i', (id, expected) => {
  const root = machineRoot(twins());
  const { status, stdout, stderr } = vfio(root, 'bind', '--dry-run', ...id, '0000:02:00.0');
  expect(status).toBe(expected);
  const said = (stdout + stderr).replaceAll(/\s+/g, ' ');
  if (expected === 1)
    expect(said).toContain(`refused: 0000:02:00.0: it is 144d:a80a:144d:a801; expected ${id[1]}: addresses move`);
});

test('vfio bind --id writes nothing where another device has the address, or none', () => {
  const root = machineRoot(twins());
  const refused = vfio(root, 'bind', '--id', '10de:2684', '0000:02:00.0');
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  const override = path.join(root.sysfs, 'bus/pci/devices/0000:02:00.0/driver_override');
  expect(fs.readFileSync(override, 'utf8')).toBe('(null)\n');
  const gone = vfio(root, 'bind', '--id', '10de:2684', '0000:09:00.0');
  expect(gone).toMatchObject({ status: 1, stdout: '' });
  expect(gone.stderr).toMatch(/^refused: 0000:09:00.0: no device/m);
});

test('vfio bind --id pairs ids and devices in their order', () => {
  const root = machineRoot(twins([nvme('03', 'nvme', MODALIAS.replace('A80A', 'A80B'))]));
  const ids = ['--id', '144d:a80a', '--id', '144d:a80b'];
  expect(vfio(root, 'bind', '--dry-run', ...ids, '0000:02:00.0', '0000:03:00.0').status).toBe(0);
  expect(vfio(root, 'bind', '--dry-run', ...ids, '0000:03:00.0', '0000:02:00.0').status).toBe(1);
});

test.each([
  [['--id', '10de'], /found --id '10de', expected VENDOR:DEVICE/],
  [['--id', '144d:a80a', '--id', '144d:a80a', '0000:01:00.0', '0000:02:00.0'], /found 2 --id for 3 devices/],
])('vfio plan %j is exit 2', (args, message) => {
  const { status, stderr } = vfio(machineRoot(twins()), 'plan', ...args, '0000:02:00.0');
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});
