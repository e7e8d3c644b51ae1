import { expect, test } from 'vitest';
import { machineRoot } from './machine-root.ts';
import { vfio } from './vfio-command.ts';

const PF = '0000:01:00.0';
const unfolded = (text: string) => text.replaceAll(/\n {2,}/g, ' ');

test('vfio plan --vfs tells which functions are made, and that they are predicted', () => {
  const { status, stdout } = vfio(machineRoot('sriov-igb'), 'plan', PF, '--vfs', '2');
  expect(status).toBe(0);
  const text = unfolded(stdout);
  expect(text).toContain(
    `${PF}  igb without virtual functions -> igb with 2 virtual functions, sriov_drivers_autoprobe 0  (group 2)\n`,
  );
  expect(text).toContain(`0000:01:10.2  to be made of ${PF} -> vfio-pci  (group 5, predicted)\n`);
  expect(text).toContain(`wait for the virtual functions of ${PF}: 0000:01:10.0, 0000:01:10.2 `);
  expect(text).not.toContain('group 2 not viable');
});

test('vfio plan --vfs looks for the driver of the functions, not of the device', () => {
  const { stdout } = vfio(machineRoot('sriov-igb'), 'plan', PF, '--vfs', '1', '--json');
  const { devices } = JSON.parse(stdout);
  expect(devices).toMatchObject([
    { name: PF, physfn: null, module: null, after: { driver: 'igb', vfs: { functions: ['0000:01:10.0'] } } },
    { name: '0000:01:10.0', physfn: PF, module: 'vfio_pci', after: { driver: 'vfio-pci' } },
  ]);
});

test('vfio bind --vfs --dry-run writes nothing and ends with 0; a refusal ends with 1', () => {
  const root = machineRoot('sriov-igb');
  expect(vfio(root, 'bind', PF, '--vfs', '1', '--dry-run').status).toBe(0);
  const { status, stderr } = vfio(root, 'bind', PF, '--vfs', '8');
  expect(status).toBe(1);
  expect(unfolded(stderr)).toContain(
    'refused: 0000:01:00.0: expected at most 7 virtual functions (sriov_totalvfs), found --vfs 8',
  );
});

test.each([
  [['--vfs', '0'], /found --vfs '0', expected a number from 1 to 65535/],
  [['--vfs', '65536'], /found --vfs '65536', expected/],
  [['--vfs', '2x'], /found --vfs '2x', expected/],
  [['--vfs', '2', '--whole-group'], /--vfs makes functions of the devices that are named; leave --whole-group out/],
  [['--vfs', '2', '--all-functions'], /leave --all-functions out/],
  [['--vfs', '2', '--format', 'udev'], /udev makes no virtual functions; expected --format systemd with --vfs/],
  [['--vfs', '2', '--format', 'libvirt-xml'], /expected --format systemd with --vfs/],
])('vfio plan refuses %j', (args, expected) => {
  const { status, stderr } = vfio(machineRoot('sriov-igb'), 'plan', PF, ...args);
  expect(status).toBe(2);
  expect(stderr).toMatch(expected);
});

test('vfio plan --vfs --format systemd prints a unit that waits for the native driver and makes the functions', () => {
  const { status, stdout } = vfio(machineRoot('sriov-igb'), 'plan', PF, '--vfs', '4', '--format', 'systemd');
  expect(status).toBe(0);
  expect(stdout.split('\n')).toEqual(
    expect.arrayContaining([
      `# back to no virtual functions: modalias vfio restore ${PF}`,
      `Description=Bind 4 virtual functions of ${PF} to VFIO`,
      'After=systemd-modules-load.service systemd-udev-trigger.service local-fs.target',
      `ExecStartPre=/usr/bin/env timeout 60 /bin/sh -c 'until test -e /sys/bus/pci/devices/${PF}/driver; do sleep 0.2; done'`,
      `ExecStart=/usr/bin/env modalias vfio bind --vfs 4 --id 8086:10c9:8086:a03c ${PF}`,
    ]),
  );
});

test('vfio plan --vfs --format systemd names the driver that was asked for', () => {
  const args = ['plan', PF, '--vfs', '4', '--driver', 'vfio-pci', '--format', 'systemd'];
  expect(vfio(machineRoot('sriov-igb'), ...args).stdout).toContain(' bind --driver vfio-pci --vfs 4 --id ');
});
