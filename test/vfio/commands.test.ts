import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { machineNames, readMachine } from '../fake-root.ts';
import { machineRoot } from './machine-root.ts';
import { snapshot, vfio } from './vfio-command.ts';

test('vfio plan of one disk is refused for what else hangs on its controller, unless --allow-in-use is given', () => {
  const machine = readMachine('viommu-guest');
  const at = 'pci0000:00/0000:00:02.0/0000:01:00.0';
  const disk = (name: string, host: number) => [
    { path: `${at}/host${host}/${host}:0:0:0`, bus: 'scsi' },
    { path: `${at}/host${host}/${host}:0:0:0/block/${name}`, bus: 'class/block' },
  ];
  const root = machineRoot({ ...machine, devices: [...machine.devices, ...disk('sda', 1), ...disk('sdb', 2)] });
  const refused = vfio(root, 'plan', '--json', '/sys/class/block/sda');
  expect(refused.status).toBe(1);
  expect(JSON.parse(refused.stdout).warnings[0]).toEqual({
    code: 'controller',
    about: '0000:01:00.0',
    message: '/sys/class/block/sda is only a part of it; sdb would go away too',
    blocks: 'in-use',
  });
  expect(vfio(root, 'bind', '/sys/class/block/sda').stderr).toMatch(/^in use: 0000:01:00.0: .*sdb would go/m);
  expect(vfio(root, 'plan', '--allow-in-use', '/sys/class/block/sda')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^warning: 0000:01:00.0: .*sdb would go/m),
  });
});

test.each(machineNames())(
  'vfio groups, status and groups --format dot print %s without a control character, in 80 columns',
  (machine) => {
    const root = machineRoot(machine);
    for (const args of [['groups'], ['status'], ['groups', '--format', 'dot']]) {
      const { status, stdout, stderr } = vfio(root, ...args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/^[\x20-\x7e\n└├│─]*$/);
      if (!args.includes('dot'))
        for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  },
);

test('vfio plan --format says on standard error what speaks against the plan', () => {
  const { status, stdout, stderr } = vfio(machineRoot('viommu-guest'), 'plan', '--format', 'udev', '0000:04:01.0');
  expect(status).toBe(0);
  expect(stdout).toContain('ACTION=="add"');
  expect(stderr).toMatch(/^warning: group 8: it will not open for a guest/m);
});

test('vfio groups shows a group as a tree and exits 1 while it cannot be given', () => {
  const { status, stdout } = vfio(machineRoot('viommu-guest'), 'groups', '0000:04:01.0');
  expect(status).toBe(1);
  // Names of devices stand below them where pci.ids is installed.
  expect(
    stdout.replaceAll(/^[│ ] {5}\S.*\n/gm, ''),
  ).toBe(`group 8  DMA-FQ  in use by the host: can be given after moving 2 endpoints
├─ 0000:03:00.0  PCI bridge  no driver
├─ 0000:04:01.0  Ethernet controller  e1000  (blocks)
└─ 0000:04:02.0  Ethernet controller  e1000  (blocks)
   reserved: 0xfee00000-0xfeefffff msi
   isolation: 0000:03:00.0 does not isolate what is behind it (2 devices of this
     group): a conventional PCI bridge, or a port without ACS
blocks: this driver uses the kernel's DMA API for the group (it has no
  driver_managed_dma)
`);
});

test('vfio plan --json is one document with steps, rollback, predictions and warnings', () => {
  const { status, stdout } = vfio(machineRoot('viommu-guest'), 'plan', '--json', '--whole-group', '04:01.0');
  expect(status).toBe(0);
  const plan = JSON.parse(stdout);
  expect(Object.keys(plan)).toEqual([
    'version',
    'kernel',
    'devices',
    'group',
    'groups',
    'steps',
    'rollback',
    'predicted',
    'warnings',
    'runnable',
  ]);
  expect(plan.devices.map((device: { name: string }) => device.name)).toEqual(['0000:04:01.0', '0000:04:02.0']);
  expect(plan.predicted.groups).toEqual([{ id: '8', viable: 'yes', blockers: [] }]);
});

test("vfio plan says that a module's name is no driver's, and gives the driver's", () => {
  const { status, stdout } = vfio(machineRoot('viommu-guest'), 'plan', '--driver', 'vfio_pci', '0000:01:00.0');
  expect(status).toBe(1);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/'vfio_pci' is a module; its driver is 'vfio-pci'/);
});

test('vfio plan --format prints nothing on standard output where no driver is known', () => {
  const root = machineRoot('intel-desktop');
  const { status, stdout, stderr } = vfio(root, 'plan', '--format', 'udev', '0000:01:00.0');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^refused: 0000:01:00.0: the driver of vfio_pci is not known/);
});

test('vfio bind --dry-run writes nothing at all', () => {
  const root = machineRoot('viommu-guest');
  const before = snapshot(root.directory);
  expect(vfio(root, 'bind', '--dry-run', '0000:01:00.0').status).toBe(0);
  const after = snapshot(root.directory).filter((line) => !line.includes('modules'));
  expect(after).toEqual(before);
});

test('vfio bind exits 3 and takes back what it wrote when the driver link does not move', () => {
  // Plain files do not react as a kernel does: every write succeeds and nothing comes of it.
  const root = machineRoot('viommu-guest');
  const { status, stdout, stderr } = vfio(root, 'bind', '0000:01:00.0');
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(/failed: expected 0000:01:00.0 to be bound to vfio-pci, but it is bound to e1000e/);
  expect(stderr).toMatch(/everything is back as it was/);
  const override = path.join(root.sysfs, 'bus/pci/devices/0000:01:00.0/driver_override');
  expect(fs.readFileSync(override, 'utf8').startsWith('\n')).toBe(true);
  expect(fs.readdirSync(path.join(root.directory, 'state'))).toEqual([]);
});

test('vfio bind waits for an unbind no longer than --timeout, exits 4 and says what is left', () => {
  const root = machineRoot('viommu-guest');
  // To open a named pipe that nobody reads blocks, as an unbind does while a process holds the device.
  const unbind = path.join(root.sysfs, 'bus/pci/drivers/e1000e/unbind');
  fs.rmSync(unbind);
  execFileSync('mkfifo', [unbind]);
  const { status, stdout, stderr } = vfio(root, 'bind', '--timeout', '10', '0000:01:00.0');
  expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
  expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
    /unbind: no response within 10 s; the kernel has not finished: a process may hold the device/,
  );
  expect(stderr).toMatch(/left: 0000:01:00.0 is on e1000e \(override vfio-pci\), and was on e1000e/);
  expect(vfio(root, 'status').stdout).toMatch(
    /rolling back failed\n {3}0000:01:00.0 was on e1000e; now e1000e, override vfio-pci\n/,
  );
  const next = vfio(root, 'plan', '0000:02:00.0', '--state', path.join(root.directory, 'state'));
  expect(next.stderr).toMatch(/could not be rolled back; restore its devices with: modalias vfio restore 0000:01:00.0/);
  // Lets the writing process go that was left behind.
  fs.closeSync(fs.openSync(unbind, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK));
});

test('vfio bind refuses what is in use, says what by, and writes nothing', () => {
  const root = machineRoot('amd-desktop');
  const { status, stdout, stderr } = vfio(root, 'bind', '0000:06:00.0');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/in use: 0000:06:00.0: the default route goes through br0/);
  expect(stderr).toMatch(/--allow-in-use moves devices in use anyway/);
  expect(fs.readFileSync(path.join(root.sysfs, 'bus/pci/devices/0000:06:00.0/driver_override'), 'utf8')).toBe(
    '(null)\n',
  );
});

test('vfio bind refuses a bridge with the reason, before a write', () => {
  const { status, stderr } = vfio(machineRoot('viommu-guest'), 'bind', '--driver', 'vfio-pci', '0000:03:00.0');
  expect(status).toBe(1);
  expect(stderr).toMatch(/will end with\s+EINVAL: the device is a bridge/);
});

test('vfio bind is content with a device that is where it should be, and writes nothing', () => {
  const root = machineRoot('noiommu-mode');
  const { status, stdout } = vfio(root, 'bind', '0000:00:04.0');
  expect({ status, stdout }).toEqual({ status: 0, stdout: '0000:00:04.0  vfio-pci already\n' });
});

test('vfio bind waits for no other run: it names the process that holds the lock', () => {
  const root = machineRoot('viommu-guest');
  const state = path.join(root.directory, 'state');
  fs.mkdirSync(state);
  fs.writeFileSync(path.join(state, 'lock'), `${process.pid} ?\n`);
  const { status, stderr } = vfio(root, 'bind', '0000:01:00.0');
  expect(status).toBe(2);
  expect(stderr).toContain(`process ${process.pid} is changing devices and holds the lock`);
});

test('vfio bind takes over the lock of a run that was killed', () => {
  const root = machineRoot('noiommu-mode');
  const state = path.join(root.directory, 'state');
  fs.mkdirSync(state);
  fs.writeFileSync(path.join(state, 'lock'), '2147483646 1\n');
  expect(vfio(root, 'bind', '0000:00:04.0').status).toBe(0);
  expect(fs.readdirSync(state)).toEqual([]);
});

test.each([
  [['plan'], /plan: /],
  [['restore'], /name devices, or give --all/],
  [['restore', '--all', '0000:01:00.0'], /name devices, or give --all/],
  [['bind', '--timeout', '0', '0000:01:00.0'], /--timeout '0' is not a number of seconds/],
  [['bind', '--timeout', 'soon', '0000:01:00.0'], /--timeout 'soon' is not a number of seconds/],
  [['bind', '--timeout', '0x10', '0000:01:00.0'], /--timeout '0x10' is not a number of seconds/],
  [['bind', '--timeout=-1', '0000:01:00.0'], /--timeout '-1' is not a number of seconds/],
  [['bind', '--timeout=', '0000:01:00.0'], /--timeout '' is not a number of seconds/],
  [['bind', '--state', '', '0000:01:00.0'], /--state is given without a value/],
  [['plan', '--driver', '', '0000:01:00.0'], /--driver is given without a value/],
  [['resolve', 'usb:v1D6Bp0002d0612dc09dsc00dp01ic09isc00ip00in00'], /takes modaliases of pci, cdx/],
  [['resolve', 'vfio_pci:v*'], /without vfio_ before them/],
  [['plan', '--kernel', 'six', '0000:01:00.0'], /'six' is not a kernel release/],
  [['plan', '--kernel', '4.19', '0000:01:00.0'], /the rules of 4\.19 are not known/],
  [['plan', '--format', 'yaml', '0000:01:00.0'], /yaml/],
  [['plan', '--format', 'udev', '--json', '0000:01:00.0'], /cannot be given together/],
  [['resolve', '0000:99:00.0'], /has no such address/],
  [['bind', '--state', '/proc/nothing', '0000:01:00.0'], /the state directory cannot be written/],
])('vfio %j is exit 2 with one line that says what to do', (args, message) => {
  const { status, stdout, stderr } = vfio(machineRoot('viommu-guest'), ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('vfio plan says how many processes do not show what they have open', () => {
  const root = machineRoot('viommu-guest');
  for (const pid of ['41', '42']) {
    fs.mkdirSync(path.join(root.proc, pid));
    // Root may read every directory, but not a link in circles; that is refused as another user's directory is.
    fs.symlinkSync('fd', path.join(root.proc, pid, 'fd'));
  }
  const { status, stdout } = vfio(root, 'plan', '0000:01:00.0');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^warning: machine: 2 processes of other users hide/m);
});

test('vfio status lists a subchannel on vfio_ccw, and vfio plan takes vfio_ccw for a VFIO driver', () => {
  const root = machineRoot('s390x');
  expect(vfio(root, 'status').stdout).toMatch(/^0\.0\.0011 {2}vfio_ccw, bound by others$/m);
  expect(vfio(root, 'plan', '--driver', 'vfio_ccw', '0.0.1000').stdout).not.toMatch(/not known as a VFIO driver/);
});

test('vfio plan warns of a driver that is not known for a VFIO driver', () => {
  const { status, stdout } = vfio(machineRoot('viommu-guest'), 'plan', '--driver', 'e1000e', '0000:04:01.0');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^warning: 0000:04:01.0: e1000e is not known as a VFIO driver/m);
});

test('vfio names a root that is not there', () => {
  const { status, stderr } = spawnSync(process.execPath, ['dist/cli.js', 'vfio', 'groups', '--sysfs', '/nonexistent'], {
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toMatch(/\/nonexistent: this directory cannot be read/);
});
