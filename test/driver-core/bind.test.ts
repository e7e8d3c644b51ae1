import { describe, expect, test } from 'vitest';
import { makeDriver, pciFacts, resultWord } from '../../src/driver-core/index.ts';
import { parseRelease } from '../../src/release.ts';
import { card, driverOf, e1000e, featuresAt, kernel, later, pciStub, step, vfioPci, write } from './card.ts';

const name = '0000:01:00.0';
const result = (state: Parameters<typeof step>[0], path: string, data: string) =>
  resultWord(step(state, write(path, data)).result);

describe('bind', () => {
  test('bind returns what the probe function said', () => {
    const evidence = [{ bus: 'pci', driver: 'e1000e', device: name, probe: 'ENODEV' as const }];
    const state = kernel([e1000e], [card()], { evidence });
    expect(result(state, 'drivers/e1000e/bind', name)).toBe('ENODEV');
    expect(driverOf(later(state, write('drivers/e1000e/bind', name)))).toBeNull();
  });

  test('bind turns a probe deferral into EAGAIN', () => {
    const evidence = [{ bus: 'pci', driver: 'e1000e', device: name, probe: 'EPROBE_DEFER' as const }];
    expect(result(kernel([e1000e], [card()], { evidence }), 'drivers/e1000e/bind', name)).toBe('EAGAIN');
  });

  test('bind says EBUSY even where the device is bound to that driver already', () => {
    expect(result(kernel([e1000e], [card({ driver: 'e1000e' })]), 'drivers/e1000e/bind', name)).toBe('EBUSY');
  });

  test.each([
    ['a device that has a driver', { driver: 'vfio-pci' }, 'EBUSY'],
    ['a bridge', { pci: pciFacts(0x1b36, 0xe, { bridge: true }) }, 'EINVAL'],
    ['virtual functions', { pci: pciFacts(0x8086, 0x10c9, { numVfs: 2 }) }, 'EBUSY'],
  ])('bind says why it refuses from 5.14 on, and ENODEV before: %s', (_what, device, why) => {
    const at = (release: string) =>
      kernel([vfioPci], [card({ override: 'vfio-pci', ...device })], { features: featuresAt(release) });
    expect(result(at('5.14'), 'drivers/vfio-pci/bind', name)).toBe(why);
    expect(result(at('5.13'), 'drivers/vfio-pci/bind', name)).toBe('ENODEV');
  });

  test('bind asks the match before it asks whether the device is bound', () => {
    const bound = card({ driver: 'e1000e' });
    expect(result(kernel([e1000e, vfioPci], [bound]), 'drivers/vfio-pci/bind', name)).toBe('ENODEV');
    expect(result(kernel([e1000e, vfioPci], [{ ...bound, override: 'vfio-pci' }]), 'drivers/vfio-pci/bind', name)).toBe(
      'EBUSY',
    );
  });

  test('bind to a driver whose probe is not known is unknown, and leaves both possibilities', () => {
    const native = makeDriver('pci', 'native', { ids: null });
    const transition = step(kernel([native], [card({ override: 'native' })]), write('drivers/native/bind', name));
    expect(transition.result).toMatchObject({
      kind: 'unknown',
      missing: [{ driver: 'native', device: name, about: 'probe' }],
    });
    expect(driverOf(transition.state)).toEqual({ oneOf: ['native', null] });
    expect(result(transition.state, 'drivers/native/bind', name)).toBe('unknown');
    expect(result(transition.state, 'drivers/native/unbind', name)).toBe('unknown');
    expect(driverOf(later(transition.state, write('drivers/native/unbind', name)))).toBeNull();
  });

  test('bind has no file where the driver suppresses it, is not registered or has another bus', () => {
    const hidden = makeDriver('pci', 'pcieport', { suppressBind: true });
    expect(result(kernel([hidden]), 'drivers/pcieport/bind', name)).toBe('ENOENT');
    expect(result(kernel([hidden]), 'drivers/pcieport/unbind', name)).toBe('ENOENT');
    expect(result(kernel([]), 'drivers/e1000e/bind', name)).toBe('ENOENT');
  });

  test.each([
    ['a bridge', { pci: pciFacts(0x1b36, 0xe, { bridge: true }) }, 'EINVAL'],
    ['a function with virtual functions', { pci: pciFacts(0x8086, 0x10c9, { numVfs: 2 }) }, 'EBUSY'],
    ['a device on the denylist', { pci: pciFacts(0x8086, 0x0b25) }, 'EINVAL'],
    ['a device without a group', { group: null }, 'EINVAL'],
  ])('bind of vfio-pci refuses %s', (_what, rest, word) => {
    expect(result(kernel([vfioPci], [card({ override: 'vfio-pci', ...rest })]), 'drivers/vfio-pci/bind', name)).toBe(
      word,
    );
  });

  test.each<readonly [what: string, device: number, release: string, word: string]>([
    ['QuickAssist', 0x0435, '5.10', 'EINVAL'],
    ['DSA', 0x0b25, '6.10', 'EINVAL'],
    ['DSA, which this point has', 0x0b25, '6.9.1', 'EINVAL'],
    ['IAX, which the newest point has', 0x0cfe, '6.1.0-56-amd64', 'EINVAL'],
    ['IAX, which vendors may have taken over before', 0x0cfe, '6.1.90', 'unknown'],
    ['DSA, of which it is not known', 0x0b25, '5.15', 'unknown'],
    ...['6.1.91', '6.6.31', '6.8.10', '6.9.1'].map(
      (point) => ['DSA, at the point that took it over', 0x0b25, point, 'EINVAL'] as const,
    ),
    ...['6.1.90', '6.6.30', '6.8.9', '6.9.0'].map(
      (point) => ['DSA, at the point before', 0x0b25, point, 'unknown'] as const,
    ),
    ['another device of Intel', 0x10d3, '6.12', 'ok'],
  ])('bind of vfio-pci uses the denylist of the release: %s (%i in %s)', (_what, device, release, word) => {
    const cards = [card({ override: 'vfio-pci', pci: pciFacts(0x8086, device) })];
    const state = kernel([vfioPci], cards, { release: parseRelease(release) });
    expect(result(state, 'drivers/vfio-pci/bind', name)).toBe(word);
    expect(result({ ...state, disableDenylist: true }, 'drivers/vfio-pci/bind', name)).toBe('ok');
  });

  test('bind of vfio-pci takes a device without a group in noiommu mode', () => {
    const state = kernel([vfioPci], [card({ override: 'vfio-pci', group: null })], { noiommu: true });
    expect(result(state, 'drivers/vfio-pci/bind', name)).toBe('ok');
  });

  test('bind of a variant knows what vfio_pci_core refuses, and not what the variant does beyond', () => {
    const variant = makeDriver('pci', 'mlx5_vfio_pci');
    const state = (rest = {}) => kernel([variant], [card({ override: 'mlx5_vfio_pci', ...rest })]);
    expect(result(state({ group: null }), 'drivers/mlx5_vfio_pci/bind', name)).toBe('EINVAL');
    expect(result(state(), 'drivers/mlx5_vfio_pci/bind', name)).toBe('unknown');
  });
});

describe('driversProbe', () => {
  test('driversProbe takes the driver that was registered first', () => {
    const both = [{ ...pciStub, dynids: e1000e.ids as typeof e1000e.dynids }, e1000e];
    expect(driverOf(later(kernel(both), write('drivers_probe', name)))).toBe('pci-stub');
    expect(driverOf(later(kernel(both.toReversed()), write('drivers_probe', name)))).toBe('e1000e');
  });

  test('driversProbe goes on to the next driver when one refuses, and says ok although none is left', () => {
    const evidence = [{ bus: 'pci', driver: 'e1000e', device: name, probe: 'ENODEV' as const }];
    const state = kernel([e1000e], [card()], { evidence });
    expect(result(state, 'drivers_probe', name)).toBe('ok');
    const second = makeDriver('pci', 'second', { ids: e1000e.ids, probe: 'stub' });
    expect(driverOf(later({ ...state, drivers: [e1000e, second] }, write('drivers_probe', name)))).toBe('second');
  });

  test('driversProbe with an unknown probe says ok and leaves every driver that may have taken the device', () => {
    const second = makeDriver('pci', 'second', { ids: e1000e.ids, probe: 'stub' });
    const transition = step(kernel([e1000e, second], [card()], { evidence: [] }), write('drivers_probe', name));
    expect(resultWord(transition.result)).toBe('ok');
    expect(driverOf(transition.state)).toEqual({ oneOf: ['e1000e', 'second'] });
  });

  test('driversProbe of a device with a driver does nothing', () => {
    const state = kernel([e1000e, vfioPci], [card({ driver: 'e1000e', override: 'vfio-pci' })]);
    expect(step(state, write('drivers_probe', name))).toMatchObject({ state, result: { kind: 'ok' } });
  });

  test('driversProbe does not probe a virtual function whose PF turned that off, but for an override', () => {
    const pf = card({ name: '0000:00:01.0', pci: pciFacts(0x8086, 0x10c9, { vfsAutoprobe: false }) });
    const vf = (override: string | null) => card({ override, pci: pciFacts(0x8086, 0x10d3, { physfn: pf.name }) });
    expect(driverOf(later(kernel([e1000e], [pf, vf(null)]), write('drivers_probe', name)))).toBeNull();
    expect(result(kernel([e1000e], [pf, vf(null)]), 'drivers/e1000e/bind', name)).toBe('ENODEV');
    expect(driverOf(later(kernel([e1000e], [pf, vf('e1000e')]), write('drivers_probe', name)))).toBe('e1000e');
  });
});
