import { describe, expect, test } from 'vitest';
import {
  type Binding,
  type Device,
  type GroupFile,
  groupStatus,
  groupViability,
  type KernelEvent,
  type KernelState,
  makeDevice,
  makeDriver,
  pciFacts,
  resultWord,
} from '../../src/driver-core/index.ts';
import { card, e1000e, featuresAt, kernel, later, pciStub, step, vfioPci, write } from './card.ts';

const first = '0000:01:00.0';
const second = '0000:02:00.0';
const open: KernelEvent = { kind: 'open', group: '7', by: 'vm' };
const container: KernelEvent = { kind: 'setContainer', group: '7' };
const iommu: KernelEvent = { kind: 'setIommu', group: '7' };
const device: KernelEvent = { kind: 'getDevice', group: '7', device: first };
const word = (state: KernelState, event: KernelEvent) => resultWord(step(state, event).result);

/** A group of a card on vfio-pci and a second member. */
function pair(driver: string | null, release = '6.12', bridge = false): KernelState {
  const shpchp = makeDriver('pci', 'shpchp');
  const pfStub = makeDriver('pci', 'pci-pf-stub');
  const uio = makeDriver('pci', 'uio_pci_generic');
  const port = makeDriver('pci', 'pcieport');
  const member = card({ name: second, driver, pci: pciFacts(0x8086, 0x10d3, { bridge }) });
  return kernel([e1000e, vfioPci, pciStub, shpchp, pfStub, uio, port], [card({ driver: 'vfio-pci' }), member], {
    features: featuresAt(release),
  });
}

describe('groupViability', () => {
  test.each([
    [null, false, 'yes', 'yes'],
    ['vfio-pci', false, 'yes', 'yes'],
    ['pci-stub', false, 'yes', 'yes'],
    ['e1000e', false, 'no', 'no'],
    ['pci-pf-stub', false, 'no', 'no'],
    ['uio_pci_generic', false, 'no', 'no'],
    ['pcieport', true, 'yes', 'yes'],
    ['shpchp', true, 'no', 'yes'],
    [null, true, 'yes', 'yes'],
  ])('groupViability with a second member on %s (bridge: %s): %s, before 5.19 %s', (driver, bridge, now, before) => {
    expect(groupViability(pair(driver, '5.19', bridge), '7').viable).toBe(now);
    expect(groupViability(pair(driver, '5.18', bridge), '7').viable).toBe(before);
  });

  test('groupViability names who stands in the way, and is unknown where a binding is', () => {
    expect(groupViability(pair('e1000e'), '7').blockers).toEqual([{ device: second, driver: 'e1000e' }]);
    const state = pair(null);
    const maybe = {
      ...state,
      devices: [state.devices[0]!, card({ name: second, driver: { oneOf: ['e1000e', null] } })],
    };
    expect(groupViability(maybe, '7').viable).toBe('unknown');
    expect(word(later(maybe, open), container)).toBe('unknown');
    expect(groupStatus(maybe, '7')).toBeNull();
  });
});

describe('step: a lock', () => {
  const held = later(pair(null), open, container, iommu, device, write('drivers/vfio-pci/unbind', first));
  const free = later(held, { kind: 'close', group: '7' });
  const over = (state: KernelState, override: string | null) => ({
    ...state,
    devices: state.devices.map((one) => ({ ...one, override })),
  });

  test('what needs the lock of a device that waits to be unbound waits too, and does nothing before', () => {
    const bind = write('drivers/e1000e/bind', first);
    expect(step(held, bind)).toMatchObject({ state: held, result: { kind: 'blocks', by: 'vm', again: true } });
    expect(word(free, bind)).toBe('ok');
    expect(word(held, write('drivers/e1000e/new_id', '8086 10d3 ffffffff ffffffff 0 0 0'))).toBe('blocks');
    const module = { name: 'other', loaded: false, depends: [], drivers: [{ ...e1000e, name: 'other' }] };
    expect(word({ ...held, modules: [module] }, { kind: 'load', module: 'other' })).toBe('blocks');
  });

  test('what does not get so far does not wait', () => {
    expect(word(over(held, 'pci-stub'), write('drivers/e1000e/bind', first))).toBe('ENODEV');
    expect(word(held, write('drivers_probe', first))).toBe('ok');
    expect(word(held, write(`devices/${first}/driver_override`, 'x'))).toBe('ok');
    expect(word(held, write('drivers/e1000e/bind', second))).toBe('EBUSY');
    expect(word(over(held, 'pci-stub'), write('drivers/e1000e/new_id', '8086 100e'))).toBe('ok');
  });

  test('a removal that waits has every other removal, scan and hot-plug wait', () => {
    const removing = later(pair(null), open, container, iommu, device, write(`devices/${first}/remove`, '1'));
    for (const event of [write('rescan', '1'), write(`devices/${second}/remove`, '1')])
      expect(step(removing, event)).toMatchObject({ state: removing, result: { kind: 'blocks', again: true } });
    expect(word(held, write('rescan', '1'))).toBe('ok');
  });
});

describe('step: a process and a group', () => {
  test('openGroup needs a member on a VFIO driver and is for one process at a time', () => {
    expect(word(kernel([vfioPci]), open)).toBe('ENOENT');
    expect(word(kernel([vfioPci]), { ...open, group: '99' })).toBe('ENOENT');
    expect(word(later(pair(null), open), open)).toBe('EBUSY');
    expect(word(later(pair(null), open, { kind: 'close', group: '7' }), open)).toBe('ok');
  });

  test('setContainer refuses a group with a native driver in it; before 5.19 getDevice does', () => {
    expect(word(later(pair('e1000e'), open), container)).toBe('EPERM');
    const old = later(pair('e1000e', '5.18'), open, container, iommu);
    expect(old.groups[0]!.file).toMatchObject({ container: true, iommu: true });
    expect(word(old, device)).toBe('EINVAL');
  });

  test('setContainer twice, setIommu without it and getDevice before it are EINVAL', () => {
    expect(word(later(pair(null), open, container), container)).toBe('EINVAL');
    expect(word(later(pair(null), open), iommu)).toBe('EINVAL');
    expect(word(later(pair(null), open, container), device)).toBe('EINVAL');
  });

  test('setContainer refuses a direct reserved region from 6.6 on, and is not known before', () => {
    const direct = (release: string) => {
      const state = pair(null, release);
      return later({ ...state, groups: [{ ...state.groups[0]!, direct: true }] }, open);
    };
    expect(word(direct('6.6'), container)).toBe('EINVAL');
    expect(word(direct('6.1'), container)).toBe('unknown');
  });

  test('getDevice is ENODEV for a member that no VFIO driver has', () => {
    expect(word(later(pair(null), open, container, iommu), { ...device, device: second })).toBe('ENODEV');
  });

  test('getDevice without an IOMMU is EINVAL or ENODEV, and not known while the driver is not', () => {
    const state = later(pair(null), open);
    const devices = state.devices.map((d) => (d.name === second ? { ...d, driver: { oneOf: ['vfio-pci', null] } } : d));
    expect(word({ ...state, devices }, { ...device, device: second })).toBe('unknown');
  });

  test('groupStatus is viable, container set, or both', () => {
    expect(groupStatus(pair('e1000e'), '7')).toBe(0);
    expect(groupStatus(pair(null), '7')).toBe(1);
    expect(groupStatus(later(pair(null), open, container), '7')).toBe(3);
  });

  test('a native driver cannot bind into an owned group; a BUG before 5.19 is not predicted', () => {
    const bind = write('drivers/e1000e/bind', second);
    expect(word(later(pair(null), open), bind)).not.toBe('EBUSY');
    expect(word(later(pair(null), open, container), bind)).toBe('EBUSY');
    expect(word(later(pair(null), open, container), write('drivers_probe', second))).toBe('EINVAL');
    expect(word(later(pair(null, '5.18'), open, container), bind)).toBe('unknown');
  });

  test('drivers_probe into an owned group is unknown where a driver of unread ids may end the walk', () => {
    const state = pair(null);
    const unread = { ...state, drivers: [makeDriver('pci', 'unread'), ...state.drivers.filter((d) => d !== e1000e)] };
    const probed = step(later(unread, open, container), write('drivers_probe', second));
    const missing = expect.arrayContaining([expect.objectContaining({ driver: 'unread', about: 'matches' })]);
    expect(probed.result).toMatchObject({ kind: 'unknown', missing });
    expect(probed.state.devices[1]!.driver).toBeNull();
  });

  test('unbind waits while the device is open, and close completes it', () => {
    const held = later(pair(null), open, container, iommu, device);
    const unbind = step(held, write('drivers/vfio-pci/unbind', first));
    expect(unbind.result).toEqual({ kind: 'blocks', group: '7', by: 'vm' });
    const closed = step(unbind.state, { kind: 'close', group: '7' });
    expect(closed.state.devices[0]!.driver).toBeNull();
    expect(closed.trace.at(-1)).toMatchObject({ device: first, driver: 'vfio-pci' });
  });
});

describe('writeType', () => {
  const type = (state: KernelState, data: string) =>
    word(state, { kind: 'write', path: 'kernel/iommu_groups/7/type', data });
  const alone = (driver: string | null, release: string) =>
    kernel([e1000e, vfioPci], [card({ driver })], { features: featuresAt(release) });

  test('writeType of a group with two devices is EINVAL before 6.4', () => {
    expect(type(pair('vfio-pci', '6.3'), 'identity')).toBe('EINVAL');
    expect(type(pair('vfio-pci', '6.4'), 'identity')).toBe('ok');
  });

  test('writeType of a group in use is EPERM, of one bound device EBUSY before 6.4', () => {
    expect(type(pair('e1000e'), 'identity')).toBe('EPERM');
    expect(type(later(pair(null), open, container), 'identity')).toBe('EPERM');
    expect(type(alone('vfio-pci', '6.3'), 'identity')).toBe('EBUSY');
    expect(type(alone(null, '6.3'), 'identity\n')).toBe('ok');
  });

  test('writeType adds a flush queue even in use, and does not know the default', () => {
    expect(type(alone('e1000e', '6.12'), 'DMA-FQ')).toBe('ok');
    expect(type(alone(null, '6.12'), 'auto')).toBe('unknown');
    expect(type(alone(null, '6.12'), 'dma')).toBe('EINVAL');
  });
});

describe('detach of a device of a group with a container', () => {
  const held = (driver: string | null, release: string) => later(pair(driver, release), open, container, iommu);
  const unbind = write('drivers/vfio-pci/unbind', first);
  const bind = write('drivers/e1000e/bind', first);

  test('detach of the last one takes the container from its holder, so that a native driver may have it', () => {
    expect(word(held(null, '6.1'), unbind)).toBe('ok');
    expect(word(later(held(null, '6.1'), unbind), bind)).toBe('ok');
  });

  test('detach of the last one waits for the holder before 6.1', () => {
    const waiting = later(held(null, '6.0'), unbind);
    expect(word(held(null, '6.0'), unbind)).toBe('blocks');
    expect(later(waiting, { kind: 'close', group: '7' }).devices[0]!.driver).toBeNull();
  });

  test('detach of one of several leaves the group with its holder', () => {
    for (const release of ['6.0', '6.12']) {
      expect(word(held('vfio-pci', release), unbind)).toBe('ok');
      expect(word(later(held('vfio-pci', release), unbind), bind)).toBe('EBUSY');
    }
  });

  test('unloadModule of the last one waits for the holder before 6.1', () => {
    const loaded = (release: string) => ({
      ...held(null, release),
      modules: [{ name: 'vfio_pci', loaded: true, depends: [], drivers: [vfioPci] }],
    });
    expect(word(loaded('6.0'), { kind: 'unload', module: 'vfio_pci' })).toBe('blocks');
    expect(word(loaded('6.1'), { kind: 'unload', module: 'vfio_pci' })).toBe('ok');
  });
});

describe('step: a group of which something is not known', () => {
  const on = (driver: Binding, release = '6.12', state = pair(null, release)) => ({
    ...state,
    devices: state.devices.map((d) => (d.name === second ? { ...d, driver } : d)),
  });
  const only = (driver: Binding) => ({ ...pair(null), devices: [card({ driver })] });
  const oneOf = (...possible: readonly (string | null)[]): Binding => ({ oneOf: possible });

  test.each<[string, Binding, string]>([
    ['no driver', null, 'ENOENT'],
    ['a native one', 'e1000e', 'ENOENT'],
    ['one that is not registered', 'gone', 'ENOENT'],
    ['a VFIO one or none', oneOf('vfio-pci', null), 'unknown'],
    ['a VFIO one or a native one', oneOf('vfio-pci', 'e1000e'), 'unknown'],
    ['a native one or none', oneOf('e1000e', null), 'ENOENT'],
    ['a VFIO one', 'vfio-pci', 'ok'],
  ])('openGroup of a device on %s', (_what, driver, word_) => {
    expect(word(only(driver), open)).toBe(word_);
  });

  test('openGroup gives a file with nothing done to it', () => {
    expect(later(pair(null), open).groups[0]!.file).toEqual({ by: 'vm', container: false, iommu: false, devices: [] });
    expect(step(later(pair(null), open), open).trace[0]!.text).toBe('vm has it open');
  });

  test.each([
    [container, 'EBADF'],
    [device, 'EBADF'],
    [iommu, 'EINVAL'],
  ] as const)('a call on a group that nobody has open, or that is not there: %j', (event, errno) => {
    expect(word(pair(null), event)).toBe(errno);
    expect(word(pair(null), { ...event, group: '99' } as KernelEvent)).toBe(errno);
  });

  test.each<[string, Binding, string, string]>([
    ['5.19', 'pci-stub', 'ENODEV', 'ENODEV'],
    ['5.19', oneOf('vfio-pci', null), 'unknown', 'unknown'],
    ['5.19', oneOf('e1000e', null), 'ENODEV', 'ENODEV'],
    ['5.19', 'gone', 'ENODEV', 'ENODEV'],
    ['5.18', 'pci-stub', 'EINVAL', 'ENODEV'],
    ['5.18', 'e1000e', 'EINVAL', 'EINVAL'],
    ['5.18', oneOf('e1000e', null), 'EINVAL', 'unknown'],
    ['5.18', oneOf('vfio-pci', null), 'EINVAL', 'unknown'],
    ['5.18', 'vfio-pci', 'EINVAL', 'ok'],
  ])('getDevice in %s of a member on %j: %s without an IOMMU, %s with', (release, driver, without, withIommu) => {
    const get = { ...device, device: second } as KernelEvent;
    const opened = later(pair(null, release), open, container);
    expect(word(on(driver, release, opened), get)).toBe(without);
    expect(word(on(driver, release, later(opened, iommu)), get)).toBe(withIommu);
  });

  test('getDevice of what is no member is ENODEV, and of what is being unbound not known', () => {
    const ready = later(pair('vfio-pci'), open, container, iommu);
    expect(word(ready, { ...device, device: 'none' } as KernelEvent)).toBe('ENODEV');
    const unbinding = later(ready, device, write('drivers/vfio-pci/unbind', first));
    expect(step(unbinding, device).result).toMatchObject({ kind: 'unknown', why: 'it is being unbound' });
    expect(word(unbinding, { ...device, device: second } as KernelEvent)).toBe('ok');
    expect(later(ready, device, { ...device, device: second } as KernelEvent).groups[0]!.file!.devices).toEqual([
      first,
      second,
    ]);
  });

  test.each([
    [undefined, 'ok'],
    [true, 'ok'],
    [false, 'ENODEV'],
  ])('setIommu where vfio_iommu_type1 is loaded: %s', (loaded, result) => {
    const state = later(pair(null), open, container);
    const modules = [{ name: 'other', loaded: false, depends: [], drivers: [] }];
    const type1 = loaded === undefined ? [] : [{ ...modules[0]!, name: 'vfio_iommu_type1', loaded }];
    expect(word({ ...state, modules: [...modules, ...type1] }, iommu)).toBe(result);
    expect(word(later({ ...state, modules: [] }, iommu), iommu)).toBe('EINVAL');
  });

  test.each<[string, Binding, number | null]>([
    ['6.12', 'e1000e', 3],
    ['6.12', oneOf('e1000e', null), 3],
    ['5.18', 'e1000e', 2],
    ['5.18', null, 3],
    ['5.18', oneOf('e1000e', null), null],
  ])('groupStatus in %s with a container set and a member on %j is %s', (release, driver, flags) => {
    expect(groupStatus(on(driver, release, later(pair(null, release), open, container)), '7')).toBe(flags);
  });

  test('groupStatus of a group that is not there stands for nothing in the way', () => {
    expect(groupStatus(pair(null), '99')).toBe(1);
  });

  test('groupViability before 5.19 asks for a bridge of PCI devices alone', () => {
    const soc = makeDevice('platform', 'x', { group: '7', driver: 'uart' });
    expect(groupViability(kernel([], [soc], { features: featuresAt('5.18') }), '7').viable).toBe('no');
  });

  test('closeGroup says so, and what became of what waited', () => {
    const held = later(pair('vfio-pci'), open, container, iommu, device, write('drivers/vfio-pci/unbind', first));
    const { trace } = step(held, { kind: 'close', group: '7' });
    expect(trace.map(({ text }) => text)).toEqual(['group 7 is closed', 'the driver lets go of the device']);
  });
});

describe('writeType where', () => {
  const type = (state: KernelState, data: string) => {
    const { result, state: after } = step(state, { kind: 'write', path: 'kernel/iommu_groups/7/type', data });
    return `${resultWord(result)} ${after.groups[0]!.type}`;
  };
  const of = (
    release: string,
    devices: readonly Device[],
    from = 'DMA',
    file: GroupFile | null = null,
  ): KernelState => ({
    ...kernel([e1000e, vfioPci], devices, { features: featuresAt(release) }),
    groups: [{ id: '7', bus: 'pci', type: from, direct: false, file }],
  });
  const one = (driver: Binding = null) => [card({ driver })];
  const both = [card(), card({ name: second })];
  const maybe: Binding = { oneOf: ['e1000e', null] };

  test.each([
    ['a flush queue is added to one device in use', of('6.3', one('e1000e')), 'DMA-FQ', 'ok DMA-FQ'],
    ['it is to be added to two, before 6.4', of('6.3', both), 'DMA-FQ', 'EINVAL DMA'],
    ['it is to be added to two, from 6.4 on', of('6.4', both), 'DMA-FQ', 'ok DMA-FQ'],
    ['the type was another, and the group is in use', of('6.4', one('e1000e'), 'identity'), 'DMA-FQ', 'EPERM identity'],
    ['the type was another', of('6.4', one(), 'identity'), 'DMA-FQ', 'ok DMA-FQ'],
    ['a device may be bound, before 6.4', of('6.3', one(maybe)), 'identity', 'unknown DMA'],
    ['a device may be bound', of('6.4', one(maybe)), 'identity', 'unknown DMA'],
    [
      'a process has the group open, and no container',
      of('6.4', one(), 'DMA', { by: 'vm', container: false, iommu: false, devices: [] }),
      'identity',
      'ok identity',
    ],
    [
      'a process has a container',
      of('6.4', one(), 'DMA', { by: 'vm', container: true, iommu: false, devices: [] }),
      'identity',
      'EPERM DMA',
    ],
    ['the group is empty', of('6.4', []), 'identity', 'EPERM DMA'],
    ['the text has one newline', of('6.4', one()), 'identity\n', 'ok identity'],
    ['the text has two newlines', of('6.4', one()), 'identity\n\n', 'EINVAL DMA'],
    ['the text goes on behind a NUL', of('6.4', one()), 'identity\0x', 'ok identity'],
    ['a newline stands before it', of('6.4', one()), '\nidentity', 'EINVAL DMA'],
  ])('%s', (_what, state, data, result) => {
    expect(type(state, data)).toBe(result);
  });
});
