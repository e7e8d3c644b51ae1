import { describe, expect, test } from 'vitest';
import {
  makeDevice,
  makeDriver,
  makeKernel,
  pciFacts,
  readAttribute,
  resultWord,
  step,
} from '../../src/driver-core/index.ts';
import { followLinks } from '../../src/driver-core/links.ts';

const NIC = '0000:01:00.0';
const VF = '0000:01:10.0';
const REAL = `devices/pci0000:00/0000:00:01.0/${NIC}`;

const vfio = makeDriver('pci', 'vfio-pci');
const igb = makeDriver('pci', 'igb', { module: 'igb', ids: [] });
const kernel = makeKernel('6.12', {
  buses: [{ name: 'pci', autoprobe: true }],
  drivers: [igb, vfio],
  devices: [
    makeDevice('pci', NIC, { driver: 'igb', group: '7', pci: pciFacts(0x8086, 0x10c9, { numVfs: 1 }) }),
    makeDevice('pci', VF, { group: '8', pci: pciFacts(0x8086, 0x10ca, { physfn: NIC }) }),
    makeDevice('pci', '0000:02:00.0', { driver: { oneOf: ['igb', null] }, group: '9', pci: pciFacts(1, 2) }),
  ],
  groups: ['7', '8', '9'].map((id) => ({ id, bus: 'pci', type: 'DMA', direct: false, file: null })),
});

describe('followLinks', () => {
  test('the links between a device and its driver are gone while its unbind waits for a process', () => {
    const state = { ...kernel, waiting: [{ device: NIC, driver: 'igb', group: '7', cause: 'unbind' as const }] };
    expect(followLinks(state, `bus/pci/devices/${NIC}/driver/unbind`)).toBe('absent');
    expect(followLinks(state, `bus/pci/drivers/igb/${NIC}/driver_override`)).toBe('absent');
    expect(followLinks(state, `bus/pci/devices/${NIC}/iommu_group/type`)).toEqual({
      path: 'kernel/iommu_groups/7/type',
    });
  });

  test.each([
    [`bus/pci/devices/${NIC}/driver/unbind`, 'bus/pci/drivers/igb/unbind'],
    [`${REAL}/driver/unbind`, 'bus/pci/drivers/igb/unbind'],
    [`bus/pci/drivers/igb/${NIC}/driver_override`, `bus/pci/devices/${NIC}/driver_override`],
    [`kernel/iommu_groups/7/devices/${NIC}/driver/bind`, 'bus/pci/drivers/igb/bind'],
    [`bus/pci/devices/${NIC}/iommu_group/devices/${NIC}/driver_override`, `bus/pci/devices/${NIC}/driver_override`],
    [`bus/pci/devices/${NIC}/iommu_group/type`, 'kernel/iommu_groups/7/type'],
    [`bus/pci/devices/${VF}/physfn/sriov_numvfs`, `bus/pci/devices/${NIC}/sriov_numvfs`],
    [`bus/pci/devices/${NIC}/virtfn0/driver_override`, `bus/pci/devices/${VF}/driver_override`],
    [`bus/pci/devices/${NIC}/subsystem/drivers_probe`, 'bus/pci/drivers_probe'],
    ['module/igb/drivers/pci:igb/unbind', 'bus/pci/drivers/igb/unbind'],
  ])('%s is %s', (path, to) => {
    expect(followLinks(kernel, path)).toEqual({ path: to });
  });

  test.each([
    `bus/pci/devices/${VF}/driver/unbind`,
    `bus/pci/drivers/igb/${VF}/driver_override`,
    `kernel/iommu_groups/7/devices/${VF}/driver_override`,
    `bus/pci/devices/${NIC}/physfn/driver_override`,
    `bus/pci/devices/${NIC}/virtfn1/driver_override`,
  ])('%s leads nowhere', (path) => {
    expect(followLinks(kernel, path)).toBe('absent');
    expect(step(kernel, { kind: 'write', path, data: '1' }).result).toEqual({ kind: 'errno', errno: 'ENOENT' });
    expect(readAttribute(kernel, path).result).toEqual({ kind: 'errno', errno: 'ENOENT' });
  });

  test('does not know where the link of a driver leads that is not known', () => {
    expect(followLinks(kernel, 'bus/pci/devices/0000:02:00.0/driver/unbind')).toBe('unknown');
    const write = { kind: 'write', path: 'bus/pci/devices/0000:02:00.0/driver/unbind', data: '0000:02:00.0' } as const;
    expect(resultWord(step(kernel, write).result)).toBe('unknown');
  });

  test('leaves paths without links alone', () => {
    for (const path of ['bus/pci/drivers_probe', `${REAL}/driver_override`, `bus/pci/devices/${NIC}/remove`])
      expect(followLinks(kernel, path)).toEqual({ path });
  });
});

describe('writeAttribute: through links', () => {
  test('devices/X/driver/unbind unbinds any device of that driver, as drivers/DRIVER/unbind does', () => {
    const { state, result } = step(kernel, { kind: 'write', path: `${REAL}/driver/unbind`, data: `${NIC}\n` });
    expect(resultWord(result)).toBe('ok');
    expect(state.devices.find(({ name }) => name === NIC)?.driver).toBeNull();
    expect(resultWord(step(kernel, { kind: 'write', path: `${REAL}/driver/unbind`, data: VF }).result)).toBe('ENODEV');
  });

  test('driver_override is written and read by every path', () => {
    for (const path of [`${REAL}/driver_override`, `kernel/iommu_groups/7/devices/${NIC}/driver_override`]) {
      const { state } = step(kernel, { kind: 'write', path, data: 'vfio-pci\n' });
      expect(state.devices.find(({ name }) => name === NIC)?.override).toBe('vfio-pci');
      expect(readAttribute(state, path).data).toBe('vfio-pci\n');
    }
  });
});
