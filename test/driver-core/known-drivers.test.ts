import { expect, test } from 'vitest';
import {
  deviceId,
  groupViability,
  makeDevice,
  makeDriver,
  makeKernel,
  matchDevice,
  pciFacts,
  resultWord,
} from '../../src/driver-core/index.ts';
import { parseRelease } from '../../src/release.ts';
import { card, featuresAt, kernel, step, vfioPci, write } from './card.ts';

test.each([
  // bus, driver, driver_managed_dma, registers with VFIO, probe
  ['pci', 'vfio-pci', true, true, 'vfio-pci'],
  ['pci', 'mlx5_vfio_pci', true, true, 'vfio-variant'],
  ['pci', 'hisi_acc_vfio_pci', true, true, 'vfio-variant'],
  ['pci', 'xe-vfio-pci', true, true, 'vfio-variant'],
  ['pci', 'pci-stub', true, false, 'stub'],
  ['pci', 'pci-pf-stub', false, false, 'stub'],
  ['pci', 'uio_pci_generic', false, false, null],
  ['pci', 'pcieport', true, false, null],
  ['platform', 'vfio-platform', true, true, null],
  ['amba', 'vfio-amba', true, true, null],
  ['fsl-mc', 'vfio-fsl-mc', true, true, null],
  ['cdx', 'vfio-cdx', true, true, null],
  ['pci', 'e1000e', false, false, null],
  ['platform', 'vfio-pci', false, false, null],
  ['usb', 'vfio-pci', false, false, null],
])('makeDriver knows %s %s: managed DMA %s, VFIO %s, probe %s', (bus, name, managedDma, vfio, probe) => {
  expect(makeDriver(bus, name)).toMatchObject({ bus, name, managedDma, vfio, probe, suppressBind: false, dynids: [] });
});

test.each([
  ['igb', 'yes', 'vfs'],
  ['nvme', 'yes', null],
  ['pci-pf-stub', 'yes', null],
  ['vfio-pci', 'yes', 'vfs'],
  ['mlx5_vfio_pci', 'no', 'vfs'],
  ['enic', 'no', 'vfs'],
  ['pci-stub', 'no', null],
  ['e1000e', 'no', null],
  ['some', 'unknown', null],
])('makeDriver knows whether %s has sriov_configure: %s, and what it removes: %s', (name, sriovConfigure, removes) => {
  expect(makeDriver('pci', name)).toMatchObject({ sriovConfigure, removes });
});

test.each([
  ['vfio-pci', 0x8086, 0x10d3, 0x020000, 'no'],
  ['pci-pf-stub', 0x1d0f, 0x0053, 0, 'yes'],
  ['pci-pf-stub', 0x1d0f, 0x0054, 0, 'no'],
  ['pcieport', 1, 2, 0x060400, 'yes'],
  ['pcieport', 1, 2, 0x060401, 'yes'],
  ['pcieport', 1, 2, 0x080700, 'yes'],
  ['pcieport', 1, 2, 0x060402, 'no'],
  ['pci-stub', 1, 2, 0, 'no'],
  ['uio_pci_generic', 1, 2, 0, 'no'],
  ['e1000e', 1, 2, 0, 'unknown'],
])('makeDriver knows the id table of %s: %i:%i of class %i matches: %s', (name, vendor, device, code, answer) => {
  const driver = makeDriver('pci', name);
  const one = card({ pci: pciFacts(vendor, device, { class: code }) });
  expect(matchDevice(kernel([driver]), driver, one).answer).toBe(answer);
});

test('makeKernel, makeDevice and pciFacts leave nothing but what they are given, and virtual functions probed', () => {
  const release = parseRelease('6.12');
  expect(makeKernel(release)).toEqual({
    release,
    features: featuresAt('6.12'),
    buses: [],
    modules: [],
    drivers: [],
    devices: [],
    groups: [],
    evidence: [],
    noiommu: false,
    disableDenylist: false,
    enableSriov: false,
    waiting: [],
  });
  expect(makeDevice('pci', 'x')).toEqual({
    bus: 'pci',
    name: 'x',
    parent: null,
    plugged: true,
    present: true,
    matchReady: true,
    override: null,
    driver: null,
    group: null,
    pci: null,
  });
  expect(pciFacts(1, 2)).toEqual({
    vendor: 1,
    device: 2,
    subvendor: 0,
    subdevice: 0,
    class: 0,
    bridge: false,
    numVfs: 0,
    physfn: null,
    vfsAutoprobe: true,
    sriov: null,
  });
});

test.each([
  ['5.13', []],
  ['5.14', ['bindTellsWhy']],
  ['5.15', ['bindTellsWhy', 'overrideOnly']],
  ['5.19', ['bindTellsWhy', 'dmaOwnership', 'overrideOnly']],
  ['6.0', ['asyncProbeDefault', 'bindTellsWhy', 'dmaOwnership', 'overrideOnly']],
  ['6.1', ['asyncProbeDefault', 'bindTellsWhy', 'dmaOwnership', 'lastDeviceDetaches', 'overrideOnly']],
  [
    '6.4',
    ['asyncProbeDefault', 'bindTellsWhy', 'dmaOwnership', 'lastDeviceDetaches', 'overrideOnly', 'typeOfLargeGroups'],
  ],
])('featuresOf %s has %j', (release, names) => {
  const has = Object.entries(featuresAt(release)).flatMap(([name, there]) => (there ? [name] : []));
  expect(has.sort()).toEqual(names);
});

const QAT = [0x19e2, 0x19e3, 0x37c8, 0x37c9, 0x0435, 0x0443];
const DSA = [0x0b25, 0x0cfe];

test('probeDevice of vfio-pci refuses what is on its denylist, by vendor and device, and says so', () => {
  const bind = (vendor: number, device: number, release: string, driver = vfioPci) => {
    const one = card({ override: driver.name, pci: pciFacts(vendor, device) });
    const { result, trace } = step(
      kernel([driver], [one], { release: parseRelease(release) }),
      write(`drivers/${driver.name}/bind`, one.name),
    );
    return `${resultWord(result)} ${trace.at(-1)!.text}`;
  };
  for (const device of [...QAT, ...DSA])
    expect(bind(0x8086, device, '6.12')).toBe(
      'EINVAL on the denylist of vfio-pci (its parameter disable_denylist turns that off)',
    );
  for (const device of QAT) expect(bind(0x8086, device, '5.10')).toMatch(/^EINVAL /);
  for (const device of DSA)
    expect(bind(0x8086, device, '6.9.0')).toBe(
      'unknown on the denylist of vfio-pci in stable releases of May 2024 and later',
    );
  expect(bind(0x8087, QAT[0]!, '6.12')).toBe('ok registered with VFIO');
  const variant = makeDriver('pci', 'qat_vfio_pci');
  expect(bind(0x8086, QAT[0]!, '6.12', variant)).toMatch(/^unknown whether qat_vfio_pci takes/);
});

test('probeDevice asks what vfio_pci_core refuses of VFIO drivers alone, and of PCI devices', () => {
  const bridge = card({ pci: pciFacts(1, 2, { bridge: true }), group: null });
  const native = makeDriver('pci', 'native', { ids: [deviceId(1, 2)] });
  const evidence = [{ bus: 'pci', driver: 'native', device: bridge.name, probe: 'ok' as const }];
  const taken = step(kernel([native], [bridge], { evidence }), write('drivers/native/bind', bridge.name));
  expect(taken.result.kind).toBe('ok');
  const soc = makeDevice('platform', 'x', { override: 'p' });
  const like = makeDriver('platform', 'p', { probe: 'vfio-pci', ids: null });
  const path = 'bus/platform/drivers/p/bind';
  expect(step(kernel([like], [soc]), { kind: 'write', path, data: 'x' }).result.kind).toBe('ok');
});

test('groupViability takes a driver that is not registered for one that claims the default domain', () => {
  for (const release of ['5.18', '6.12']) {
    const one = card({ driver: 'gone', pci: null });
    expect(groupViability(kernel([], [one], { features: featuresAt(release) }), '7')).toEqual({
      viable: 'no',
      blockers: [{ device: one.name, driver: 'gone' }],
    });
  }
});
