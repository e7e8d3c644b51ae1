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
    for (const other of [{ device: VF }, { driver: 'vfio-pci' }])
      expect(
        followLinks(
          { ...state, waiting: [{ ...state.waiting[0]!, ...other }] },
          `bus/pci/devices/${NIC}/driver/unbind`,
        ),
      ).toEqual({ path: 'bus/pci/drivers/igb/unbind' });
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
    const { state, result, trace } = step(kernel, { kind: 'write', path, data: '1' });
    expect([state, result]).toEqual([kernel, { kind: 'errno', errno: 'ENOENT' }]);
    expect(trace).toEqual([{ rule: 'fs/kernfs/dir.c:kernfs_iop_lookup', text: 'a link on the way leads nowhere' }]);
    expect(readAttribute(kernel, path)).toEqual({ result: { kind: 'errno', errno: 'ENOENT' }, data: '' });
  });

  test('does not know where the link of a driver leads that is not known', () => {
    expect(followLinks(kernel, 'bus/pci/devices/0000:02:00.0/driver/unbind')).toBe('unknown');
    const write = { kind: 'write', path: 'bus/pci/devices/0000:02:00.0/driver/unbind', data: '0000:02:00.0' } as const;
    expect(step(kernel, write)).toEqual({
      state: kernel,
      result: { kind: 'unknown', why: `where ${write.path} leads is not known`, missing: [] },
      trace: [],
    });
    expect(readAttribute(kernel, write.path)).toEqual({
      result: { kind: 'unknown', why: `${write.path} is not modelled`, missing: [] },
      data: '',
    });
  });

  test('follows 40 links, as the kernel does, and does not know what comes after', () => {
    const path = (pairs: number, end: string) =>
      `bus/pci/devices/${NIC}/${`iommu_group/devices/${NIC}/`.repeat(pairs)}${end}`;
    expect(followLinks(kernel, path(19, 'driver/unbind'))).toEqual({ path: 'bus/pci/drivers/igb/unbind' });
    expect(followLinks(kernel, path(20, 'remove'))).toEqual({ path: `bus/pci/devices/${NIC}/remove` });
    expect(followLinks(kernel, path(20, 'driver/unbind'))).toBe('unknown');
  });

  test('takes a device for what it is on its bus, in its group, and while it is there', () => {
    const soc = makeDevice('platform', VF, { driver: 'uart', group: '8', pci: pciFacts(1, 2, { physfn: NIC }) });
    const gone = makeDevice('pci', '0000:01:10.1', { present: false, pci: pciFacts(1, 2, { physfn: NIC }) });
    const state = { ...kernel, devices: [soc, gone, ...kernel.devices] };
    const to = (path: string) => followLinks(state, path);
    expect(to(`bus/pci/devices/${NIC}/virtfn0/remove`)).toEqual({ path: `bus/pci/devices/${VF}/remove` });
    expect(to(`bus/pci/devices/${NIC}/virtfn1/remove`)).toBe('absent');
    expect(to(`bus/platform/devices/${VF}/driver/unbind`)).toBe('absent');
    expect(to(`kernel/iommu_groups/8/devices/${VF}/remove`)).toEqual({ path: `bus/platform/devices/${VF}/remove` });
    expect(to('kernel/iommu_groups/8/devices/0000:01:10.1/remove')).toBe('absent');
    const path = 'devices/pci0000:00/0000:01:10.1/driver/unbind';
    expect(to(path)).toEqual({ path });
    expect(to(`bus/pci/devices/0000:01:10.1/driver/unbind`)).toEqual({
      path: 'bus/pci/devices/0000:01:10.1/driver/unbind',
    });
    expect(to(`bus/pci/drivers/igb/0000:01:10.1/remove`)).toEqual({ path: 'bus/pci/drivers/igb/0000:01:10.1/remove' });
    expect(to(`bus/pci/drivers/igb/0000:02:00.0/remove`)).toBe('unknown');
    expect(to('bus/pci/drivers/vfio-pci/0000:02:00.0/remove')).toBe('absent');
    const unbound = { ...kernel, drivers: [vfio] };
    expect(followLinks(unbound, `bus/pci/devices/${NIC}/driver/unbind`)).toBe('absent');
    expect(to(`bus/platform/devices/${VF}/physfn/x`)).toEqual({ path: `bus/platform/devices/${NIC}/x` });
    const alone = makeDevice('pci', '0000:05:00.0');
    const none = makeKernel('6.12', { devices: [alone] });
    for (const link of ['iommu_group', 'physfn', 'virtfn0', 'driver'])
      expect(followLinks(none, `bus/pci/devices/${alone.name}/${link}/x`)).toBe('absent');
  });

  test.each([
    `x/bus/pci/devices/${NIC}/driver/unbind`,
    `x${REAL}/driver/unbind`,
    `x/kernel/iommu_groups/7/devices/${NIC}/remove`,
    'x/module/igb/drivers/pci:igb/unbind',
    'module/igb/drivers/igb/unbind',
    `bus/pci/devices/${NIC}/xdriver/unbind`,
    `bus/pci/devices/${NIC}/driver`,
    `bus/pci/devices/${NIC}/virtfn/remove`,
    `bus/pci/devices/${NIC}/virtfn0x/remove`,
    `${REAL}/xdriver/unbind`,
    `${REAL}/driver/`,
  ])('has no link in %s', (path) => {
    expect(followLinks(kernel, path)).toEqual({ path });
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
