import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PERSISTENCE_FORMATS } from '../../../src/report/persist/persistence.ts';
import type { PlannedDevice } from '../../../src/vfio/plan/plan-types.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { machineRoot } from '../../vfio/machine-root.ts';
import { persistence, said } from './persistence-text.ts';

test('udev sets the override and loads the driver, and takes the device from a driver that had it first', () => {
  const text = persistence('udev', 'viommu-guest', ['0000:01:00.0']);
  const which = [
    'ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:01:00.0"',
    'ATTR{vendor}=="0x8086", ATTR{device}=="0x10d3"',
    'ATTR{subsystem_vendor}=="0x8086", ATTR{subsystem_device}=="0x0000"',
  ].join(', ');
  const card = '/sys/bus/pci/devices/0000:01:00.0';
  const unbind = `[ ! -e ${card}/driver ] || [ -e /sys/bus/pci/drivers/vfio-pci/0000:01:00.0 ] || echo 0000:01:00.0 > ${card}/driver/unbind`;
  expect(said(text)).toEqual([
    `${which}, ATTR{driver_override}="vfio-pci", RUN{builtin}+="kmod load vfio_pci", RUN{program}+="/bin/sh -c '${unbind}; echo 0000:01:00.0 > /sys/bus/pci/drivers_probe'"`,
  ]);
  expect(text).toMatch(/^# stage: root file system; a native driver that is built in or in the initramfs/);
  // After 80-drivers.rules: the native module has probed every device when the program runs.
  expect(text).toContain('\n# /etc/udev/rules.d/90-vfio.rules\n');
});

test('udev says where a bus has no ids to tell a device by', () => {
  const text = persistence('udev', 's390x', ['0.0.0010'], { driver: 'vfio_ccw' });
  expect(text).toContain('# 0.0.0010: its bus has no ids; whatever has this name is taken\n');
  expect(text).not.toContain('ATTR{vendor}');
});

test('driverctl and libvirt-xml say in a comment which device it is, as they cannot check it', () => {
  expect(persistence('driverctl', 'viommu-guest', ['0000:01:00.0'])).toContain(
    '# 0000:01:00.0 is 8086:10d3 (subsystem 8086:0000) now;\n# driverctl takes whatever is called 0000:01:00.0 at boot\n',
  );
  expect(persistence('libvirt-xml', 'viommu-guest', ['0000:01:00.0'])).toContain(
    '  <!-- 8086:10d3 (subsystem 8086:0000): libvirt takes whatever has the address -->\n',
  );
});

test('driverctl is a script whose files hold a driver and nothing else', () => {
  const script = persistence('driverctl', 'viommu-guest', ['0000:04:01.0', '0000:04:02.0']);
  const { directory } = machineRoot('no-iommu');
  const run = spawnSync('sh', { input: script.replaceAll('/etc', directory), encoding: 'utf8' });
  expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
  const files = fs.readdirSync(path.join(directory, 'driverctl.d'));
  expect(files.sort()).toEqual(['pci-0000:04:01.0', 'pci-0000:04:02.0']);
  for (const file of files)
    expect(fs.readFileSync(path.join(directory, 'driverctl.d', file), 'utf8')).toBe('vfio-pci\n');
});

test('driverctl leaves out names with a dash, which its service would split', () => {
  const text = persistence('driverctl', 'arm64-soc', ['2100000.dma-controller'], { driver: 'vfio-amba' });
  expect(said(text)).toEqual([]);
  expect(text).toMatch(/# 2100000.dma-controller is left out/);
});

test('driverctl says which module to load where it would look for another', () => {
  const text = persistence('driverctl', 'viommu-guest', ['0000:01:00.0'], { driver: 'gvnic', module: 'gve' });
  expect(text).toMatch(/loads a module 'gvnic', but the driver is in gve/);
});

test("modprobe.d names the native module, not the native driver, and the card's ids", () => {
  const text = persistence('modprobe.d', 'intel-desktop', ['0000:00:1f.4', '0000:01:00.0']);
  expect(said(text)).toEqual([
    'softdep i2c_i801 pre: vfio_pci',
    'softdep nouveau pre: vfio_pci',
    'options vfio_pci ids=10de:2704:1043:88b6,8086:7aa3:1043:8882',
  ]);
  expect(text).toMatch(/EVERY device with these ids/);
});

test('modprobe.d says that it cannot hold back a driver that is built in, nor serve a variant', () => {
  const builtIn = persistence('modprobe.d', 'viommu-guest', ['0000:01:00.0'], { device: { beforeModule: null } });
  expect(said(builtIn)).toEqual(['options vfio_pci ids=8086:10d3:8086:0000']);
  expect(builtIn).toMatch(/# e1000e, which has 0000:01:00.0, is built in: this takes effect too late/);
  const variant = persistence('modprobe.d', 'sriov-server', ['0000:81:00.2'], { driver: 'mlx5_vfio_pci' });
  expect(said(variant)).toEqual([]);
  expect(variant).toMatch(/0000:81:00.2 is left out: this format is for PCI devices on vfio-pci/);
});

test.each([
  [{}, 'vfio bind --id 8086:10d3:8086:0000 0000:01:00.0'],
  [{ driver: 'vfio-pci' }, 'vfio bind --driver vfio-pci --id 8086:10d3:8086:0000 0000:01:00.0'],
])('systemd asks again for what was asked for, and never for more: %j', (options, command) => {
  const text = persistence('systemd', 'viommu-guest', ['0000:01:00.0'], { options });
  expect(text).toContain(`\nExecStart=/usr/bin/env modalias ${command}\n`);
  expect(text).toContain('# back to the native drivers: modalias vfio restore 0000:01:00.0\n');
});

test('systemd checks one id for like devices, and one for each of different ones', () => {
  expect(persistence('systemd', 'viommu-guest', ['0000:04:01.0', '0000:04:02.0'])).toContain(
    ' bind --id 8086:100e:1af4:1100 0000:04:01.0 0000:04:02.0\n',
  );
  expect(persistence('systemd', 'intel-desktop', ['0000:01:00.0', '0000:01:00.1'])).toContain(
    ' bind --id 10de:2704:1043:88b6 --id 10de:22bb:1043:88b6 0000:01:00.0 0000:01:00.1\n',
  );
});

/** How cloud-init 22.4 and ifupdown 0.8 order their units on Debian 12. */
const UNITS = {
  'cloud-init-local': ['Wants=network-pre.target', 'Before=network-pre.target shutdown.target sysinit.target'],
  'cloud-init': [
    'Wants=cloud-init-local.service networking.service',
    'After=cloud-init-local.service networking.service',
    'Before=network-online.target sysinit.target shutdown.target',
  ],
  networking: [
    'Wants=network.target',
    'After=local-fs.target network-pre.target systemd-modules-load.service',
    'Before=network.target shutdown.target network-online.target',
  ],
};

const systemdAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!systemdAnalyze)('systemd makes no ordering cycle with the units of cloud-init and ifupdown', () => {
  const { directory } = machineRoot('no-iommu');
  const units = path.join(directory, 'units');
  fs.mkdirSync(path.join(units, 'multi-user.target.wants'), { recursive: true });
  const put = (name: string, text: string) => {
    fs.writeFileSync(path.join(units, name), text);
    fs.symlinkSync(`../${name}`, path.join(units, 'multi-user.target.wants', name));
  };
  for (const [name, lines] of Object.entries(UNITS))
    put(
      `${name}.service`,
      ['[Unit]', 'DefaultDependencies=no', ...lines, '[Service]', 'Type=oneshot', 'ExecStart=/bin/true', ''].join('\n'),
    );
  const verify = () => {
    const args = ['verify', '--man=no', 'vfio-bind.service', 'multi-user.target'];
    const run = spawnSync('systemd-analyze', args, {
      encoding: 'utf8',
      env: { ...process.env, SYSTEMD_UNIT_PATH: `${units}:` },
    });
    return run.stderr.split('\n').filter((line) => /cycle|vfio-bind/.test(line));
  };
  const unit = persistence('systemd', 'viommu-guest', ['0000:01:00.0']);
  put('vfio-bind.service', unit.replace('DefaultDependencies=no\n', ''));
  expect(verify()).toContainEqual(expect.stringContaining('ordering cycle'));
  for (const text of [unit, persistence('systemd', 'sriov-igb', ['0000:01:00.0'], { vfs: 2 })]) {
    fs.writeFileSync(path.join(units, 'vfio-bind.service'), text);
    expect(verify()).toEqual([]);
  }
});

test('systemd makes virtual functions of what was given them, here or before, and never binds the device itself', () => {
  const text = persistence('systemd', 'sriov-igb', ['0000:01:00.0', '0000:02:00.0'], { vfs: 2 });
  const waits = ['0000:01:00.0', '0000:02:00.0'].map(
    (name) =>
      `ExecStartPre=/usr/bin/env timeout 60 /bin/sh -c 'until test -e /sys/bus/pci/devices/${name}/driver; do sleep 0.2; done'`,
  );
  expect(said(text).filter((line) => line.startsWith('Exec'))).toEqual([
    ...waits,
    'ExecStart=/usr/bin/env modalias vfio bind --vfs 2 --id 8086:10c9:8086:a03c 0000:01:00.0 0000:02:00.0',
  ]);
});

test('systemd names a device that is no PCI function by its path, for its name may be on another bus too', () => {
  const text = persistence('systemd', 's390x', ['0.0.0010'], { driver: 'vfio_ccw' });
  expect(text).toContain('modalias vfio bind /sys/bus/css/devices/0.0.0010\n');
});

test('formatPersistence: modprobe.d has the softdep of before a trial, and says so where nobody knows it', () => {
  const already = { driver: 'vfio-pci', override: 'vfio-pci' };
  const device = { before: already, after: already, beforeModule: 'vfio_pci', already: true };
  const { path: at } = findDevice(machineRoot('viommu-guest').roots.sysfs, '0000:01:00.0').device;
  const natives = new Map([[at, { driver: 'e1000e', module: 'e1000e' }]]);
  const known = persistence('modprobe.d', 'viommu-guest', ['0000:01:00.0'], { device, options: { natives } });
  expect(said(known)).toEqual(['softdep e1000e pre: vfio_pci', 'options vfio_pci ids=8086:10d3:8086:0000']);
  const unknown = persistence('modprobe.d', 'viommu-guest', ['0000:01:00.0'], { device });
  expect(said(unknown)).toEqual(['options vfio_pci ids=8086:10d3:8086:0000']);
  expect(unknown).toMatch(/no journal says what had it before/);
});

test('formatPersistence: libvirt-xml names vfio-pci where it was asked for, which keeps libvirt from a variant', () => {
  const options = { driver: 'vfio-pci' };
  const text = persistence('libvirt-xml', 'sriov-server', ['0000:81:00.2'], { options });
  expect(text).toContain("<driver name='vfio' model='vfio-pci'/>");
});

test('formatPersistence: libvirt-xml names the driver of a variant, and no driver for vfio-pci', () => {
  const plain = persistence('libvirt-xml', 'two-domains', ['10000:e1:00.0']);
  expect(plain).toContain("<address domain='0x10000' bus='0xe1' slot='0x00' function='0x0'/>");
  expect(plain).not.toContain('<driver');
  const variant = persistence('libvirt-xml', 'sriov-server', ['0000:81:00.2'], { driver: 'mlx5_vfio_pci' });
  expect(variant).toContain("<driver name='vfio' model='mlx5_vfio_pci'/>");
});

test.each(PERSISTENCE_FORMATS)(
  'formatPersistence: %s begins with the stage of the boot for which it works',
  (format) => {
    expect(persistence(format, 'viommu-guest', ['0000:01:00.0'])).toMatch(
      /^(# |<!-- )stage: (kernel|initramfs|root|none)/,
    );
  },
);

test.each(PERSISTENCE_FORMATS)(
  'formatPersistence: %s leaves out a device with a name that would mean something else there, and says so',
  (format) => {
    const odd: Partial<PlannedDevice>[] = [
      { name: `0000:01:00.0'; reboot` },
      { name: '%h' },
      { name: '-rf' },
      { name: '*' },
      { bus: 'pci"' },
      { after: { driver: `x'/><evil a='`, override: null } },
      { module: '$(reboot)' },
      { beforeModule: 'a b' },
    ];
    for (const device of odd) {
      const text = persistence(format, 'viommu-guest', ['0000:01:00.0'], { device });
      expect(text).toMatch(/1 left out: their names contain characters/);
      expect(text).not.toMatch(/reboot|evil|%h|-rf|=="\*|"pci""|a b\b/);
    }
  },
);
