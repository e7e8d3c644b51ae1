import { describe, expect, test } from 'vitest';
import { makeDevice, makeDriver, makeKernel, pciFacts } from '../../../src/driver-core/index.ts';
import { sysfsEntry } from '../../../src/model/script/sysfs-view.ts';

const BRIDGE = '0000:00:01.0';
const NIC = '0000:01:00.0';
const HOME = `devices/pci0000:00/${BRIDGE}/${NIC}`;
const igb = makeDriver('pci', 'igb', { module: 'igb', ids: [] });
const kernel = makeKernel('6.12', {
  buses: [{ name: 'pci', autoprobe: false }],
  modules: [
    { name: 'igb', loaded: true, depends: [], drivers: [igb] },
    { name: 'vfio', loaded: true, depends: [], drivers: [] },
    { name: 'vfio_pci', loaded: false, depends: ['vfio'], drivers: [makeDriver('pci', 'vfio-pci')] },
  ],
  drivers: [igb],
  devices: [
    makeDevice('pci', BRIDGE, { pci: pciFacts(0x8086, 1, { class: 0x060400, bridge: true }) }),
    makeDevice('pci', NIC, {
      parent: BRIDGE,
      driver: 'igb',
      group: '7',
      pci: pciFacts(0x8086, 0x10c9, { subvendor: 0x8086, subdevice: 0xa03c, class: 0x020000 }),
    }),
    makeDevice('pci', '0000:02:00.0', { driver: { oneOf: ['igb', null] }, pci: pciFacts(1, 2) }),
    makeDevice('pci', '0000:03:00.0', { present: false, pci: pciFacts(1, 2) }),
  ],
  groups: [{ id: '7', bus: 'pci', type: 'DMA-FQ', direct: false, file: null }],
});
const at = (path: string, follow = true) => sysfsEntry(kernel, path, follow);

describe('sysfsEntry', () => {
  test('no link leads from a device to its driver or back while its unbind waits for a process', () => {
    const state = { ...kernel, waiting: [{ device: NIC, driver: 'igb', group: '7', cause: 'unbind' as const }] };
    for (const path of [`bus/pci/devices/${NIC}/driver`, `bus/pci/drivers/igb/${NIC}`]) {
      expect(sysfsEntry(kernel, path, false).entry.kind).toBe('link');
      expect(sysfsEntry(state, path, false).entry.kind).toBe('absent');
    }
  });

  test('a physical function shows what it can have, and modules show the parameters that the kernel is known to have', () => {
    const sriov = { totalVfs: 7, offset: 128, stride: 2, vfDevice: 0x10ca };
    const devices = kernel.devices.map((one) => (one.name === NIC ? { ...one, pci: { ...one.pci!, sriov } } : one));
    const modules = kernel.modules.map((one) => ({ ...one, loaded: true }));
    const text = (state: typeof kernel, path: string) => {
      const { entry } = sysfsEntry(state, path);
      return entry.kind === 'file' ? entry.text : entry.kind;
    };
    const physical = { ...kernel, devices, modules };
    const files = ['sriov_totalvfs', 'sriov_vf_device', 'sriov_numvfs'];
    expect(files.map((one) => text(physical, `bus/pci/devices/${NIC}/${one}`))).toEqual(['7\n', '10ca\n', '0\n']);
    const parameters = ['vfio/parameters/enable_unsafe_noiommu_mode', 'vfio_pci/parameters/disable_denylist'];
    const shown = (state: typeof kernel) =>
      [...parameters, 'vfio_pci/parameters/enable_sriov'].map((one) => text(state, `module/${one}`));
    expect(shown({ ...kernel, modules })).toEqual(['unknown', 'N\n', 'unknown']);
    expect(shown({ ...physical, noiommu: true, enableSriov: true })).toEqual(['Y\n', 'N\n', 'Y\n']);
    const async = ['vfio_pci', 'module'].map((one) => `module/${one}/parameters/async_probe`);
    const old = { ...kernel, features: { ...kernel.features, asyncProbeDefault: false } };
    expect(async.map((one) => text(kernel, one))).toEqual(['absent', 'N\n']);
    expect(async.map((one) => text(old, one))).toEqual(['absent', 'unknown']);
  });

  test.each([
    ['vendor', '0x8086\n'],
    ['device', '0x10c9\n'],
    ['subsystem_device', '0xa03c\n'],
    ['class', '0x020000\n'],
    ['driver_override', '(null)\n'],
    ['modalias', 'pci:v00008086d000010C9sv00008086sd0000A03Cbc02sc00i00\n'],
    ['config', null],
  ])('a device has %s', (name, text) => {
    for (const path of [
      `bus/pci/devices/${NIC}`,
      HOME,
      `kernel/iommu_groups/7/devices/${NIC}`,
      `bus/pci/drivers/igb/${NIC}`,
    ])
      expect(at(`${path}/${name}`)).toEqual({ path: `${HOME}/${name}`, entry: { kind: 'file', text } });
  });

  test('links lead where the kernel has them, and are links where they are not followed', () => {
    expect(at(`bus/pci/devices/${NIC}`, false).entry).toEqual({ kind: 'link', target: HOME });
    expect(at(`${HOME}/driver`, false).entry).toEqual({ kind: 'link', target: 'bus/pci/drivers/igb' });
    expect(at(`${HOME}/driver/module`).path).toBe('module/igb');
    expect(at(`${HOME}/driver/../../drivers_autoprobe`).entry).toEqual({ kind: 'file', text: '0\n' });
    expect(at(`${HOME}/subsystem`).path).toBe('bus/pci');
    expect(at(`${HOME}/..`).path).toBe(`devices/pci0000:00/${BRIDGE}`);
    expect(at('module/igb/drivers/pci:igb').path).toBe('bus/pci/drivers/igb');
  });

  test('directories list what there is', () => {
    expect(at('bus/pci/devices').entry).toEqual({ kind: 'directory', names: [BRIDGE, NIC, '0000:02:00.0'] });
    expect(at('bus/pci/drivers').entry).toEqual({ kind: 'directory', names: ['igb'] });
    expect(at('kernel/iommu_groups/7/devices').entry).toEqual({ kind: 'directory', names: [NIC] });
    expect(at(`bus/pci/devices/${NIC}`).entry).toEqual({ kind: 'directory', names: null });
  });

  test.each([
    'bus/pci/devices/0000:03:00.0',
    `bus/pci/devices/${BRIDGE}/driver`,
    `bus/pci/devices/${BRIDGE}/iommu_group/devices`,
    `bus/pci/devices/${BRIDGE}/physfn`,
    `bus/pci/devices/${NIC}/vendor/x`,
    'bus/pci/drivers/vfio-pci',
    'kernel/iommu_groups/8',
    'module/vfio_pci',
    'module/vfio-pci',
    'nothing',
  ])('%s is absent', (path) => {
    expect(at(path).entry).toEqual({ kind: 'absent' });
  });

  test.each([
    'bus/pci/devices/0000:02:00.0/driver',
    'bus/pci/devices/0000:02:00.0/driver/unbind',
    'bus/pci/drivers/igb/0000:02:00.0',
    `bus/pci/devices/${NIC}/something`,
    'class/net/eth0',
    'module/nvidia',
  ])('%s is not known', (path) => {
    expect(at(path).entry).toEqual({ kind: 'unknown' });
  });

  test('a circle of links ends', () => {
    expect(at(`bus/pci/devices/${NIC}/${`subsystem/devices/${NIC}/`.repeat(30)}vendor`).entry).toEqual({
      kind: 'absent',
    });
  });
});
