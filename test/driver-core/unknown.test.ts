import { describe, expect, test } from 'vitest';
import {
  type Binding,
  type Device,
  type Driver,
  type KernelEvent,
  type KernelState,
  makeDevice,
  makeDriver,
  pciFacts,
  resultWord,
} from '../../src/driver-core/index.ts';
import { parseRelease } from '../../src/release.ts';
import { card, driverOf, e1000e, featuresAt, kernel, later, pciStub, step, vfioPci, write } from './card.ts';

const name = '0000:01:00.0';
const other = '0000:02:00.0';
/** Drivers with a row for the card: one whose probe is not known, one that takes all, one whose table was not read. */
const native = makeDriver('pci', 'native', { ids: e1000e.ids });
const taker = makeDriver('pci', 'taker', { ids: e1000e.ids, probe: 'stub' });
const unread = makeDriver('pci', 'unread');
const unreadTaker = makeDriver('pci', 'unread-taker', { probe: 'stub' });
/** Like a variant of vfio-pci: it may be bound in a group that a process owns. */
const managed = makeDriver('pci', 'managed', { ids: e1000e.ids, managedDma: true });
const refusing = (driver: string) => ({ bus: 'pci', driver, device: name, probe: 'ENODEV' as const });

const owned = (state: KernelState) =>
  later(
    { ...state, devices: [...state.devices, card({ name: other, driver: 'vfio-pci' })] },
    { kind: 'open', group: '7', by: 'vm' },
    { kind: 'setContainer', group: '7' },
  );
const drivers = (...all: readonly Driver[]) => kernel(all, [card()], { evidence: [] });
const bound = (driver: Binding, ...all: readonly Driver[]) => kernel(all, [card({ driver })], { evidence: [] });
const oneOf = (...possible: readonly (string | null)[]): Binding => ({ oneOf: possible });
const missing = (driver: string, about: string) => ({ bus: 'pci', driver, device: name, about });

type Case = readonly [
  what: string,
  state: KernelState,
  event: KernelEvent,
  result: string,
  after: Binding,
  missing: readonly object[],
];

const probe = write('drivers_probe', name);
const bind = (driver: string) => write(`drivers/${driver}/bind`, name);
const unbind = (driver: string) => write(`drivers/${driver}/unbind`, name);

const CASES: readonly Case[] = [
  // drivers_probe: a walk over the drivers
  ['drivers_probe without a driver that matches', drivers(pciStub), probe, 'ok', null, []],
  ['drivers_probe with one whose probe is not known', drivers(native), probe, 'ok', oneOf('native', null), []],
  ['and one behind it that takes all', drivers(native, taker), probe, 'ok', oneOf('native', 'taker'), []],
  ['and none after the one that takes it', drivers(taker, native), probe, 'ok', 'taker', []],
  ['drivers_probe with an unread table', drivers(unread), probe, 'ok', oneOf('unread', null), []],
  [
    'drivers_probe with an unread table of one that takes all',
    drivers(unreadTaker),
    probe,
    'ok',
    oneOf('unread-taker', null),
    [],
  ],
  [
    'drivers_probe with an unread table of one that refuses',
    kernel([unread], [card()], { evidence: [refusing('unread')] }),
    probe,
    'ok',
    null,
    [],
  ],
  ['drivers_probe in an owned group, where the walk ends', owned(drivers(native, vfioPci)), probe, 'EINVAL', null, []],
  [
    'drivers_probe in an owned group, where another may have taken it before the walk ends',
    owned(drivers(managed, native, vfioPci)),
    probe,
    'managed takes 0000:01:00.0 is its own decision',
    oneOf('managed', null),
    [missing('managed', 'probe')],
  ],
  [
    'drivers_probe in an owned group, where an unread one may end the walk',
    owned(drivers(unread, managed, vfioPci)),
    probe,
    "unread's id table was not read; whether managed",
    oneOf('managed', null),
    [missing('unread', 'matches'), missing('managed', 'probe')],
  ],
  [
    'drivers_probe in an owned group, where an unread one may end the walk before one that takes all',
    owned(drivers(unread, { ...managed, probe: 'stub' }, vfioPci)),
    probe,
    "unread's id table was not read",
    oneOf('managed', null),
    [missing('unread', 'matches')],
  ],
  [
    'drivers_probe of a device that may be bound, where no other driver matches',
    {
      ...bound(oneOf('native', null), pciStub),
      devices: [card({ name: other, driver: 'pci-stub' }), card({ driver: oneOf('native', null) })],
    },
    probe,
    'whether the device has a driver is not known',
    oneOf('native', null),
    [],
  ],
  [
    'drivers_probe of a device on the denylist of some stable releases',
    kernel([vfioPci], [card({ override: 'vfio-pci', pci: pciFacts(0x8086, 0x0b25) })], {
      release: parseRelease('6.9.0'),
    }),
    probe,
    'on the denylist of vfio-pci in stable releases of May 2024 and later',
    null,
    [],
  ],
  [
    'drivers_probe of a device that may be bound',
    bound(oneOf('native', null), native, taker),
    probe,
    'whether the device has a driver is not known',
    oneOf('native', 'taker'),
    [],
  ],
  // bind
  [
    'bind with a probe that is not known',
    drivers(native),
    bind('native'),
    'native takes',
    oneOf('native', null),
    [missing('native', 'probe')],
  ],
  [
    'bind with an unread table',
    drivers(unreadTaker),
    bind('unread-taker'),
    'id table was not read',
    oneOf('unread-taker', null),
    [missing('unread-taker', 'matches')],
  ],
  [
    'bind with an unread table and a probe that is not known',
    drivers(unread),
    bind('unread'),
    'whether unread takes',
    oneOf('unread', null),
    [missing('unread', 'matches'), missing('unread', 'probe')],
  ],
  [
    'bind with an unread table of one that refuses',
    kernel([unread], [card()], { evidence: [refusing('unread')] }),
    bind('unread'),
    'id table was not read',
    null,
    [missing('unread', 'matches')],
  ],
  [
    'bind of a device that may be bound, to one that takes all',
    bound(oneOf('native', null), native, taker),
    bind('taker'),
    'whether the device has a driver is not known',
    oneOf('native', 'taker'),
    [],
  ],
  [
    'bind of a device that is bound, to one with an unread table',
    bound('native', native, unread),
    bind('unread'),
    'id table was not read',
    'native',
    [missing('unread', 'matches')],
  ],
  [
    'bind of a device bound to one or another',
    bound(oneOf('native', 'taker'), native, taker),
    bind('taker'),
    'EBUSY',
    oneOf('native', 'taker'),
    [],
  ],
  [
    'bind into a group in use before 5.19',
    owned(kernel([e1000e, vfioPci], [card()], { features: featuresAt('5.18') })),
    bind('e1000e'),
    'before 5.19 the kernel stops with a BUG',
    oneOf('e1000e', null),
    [],
  ],
  // unbind
  [
    'unbind of a device that may be bound to it',
    bound(oneOf('native', 'taker', null), native, taker),
    unbind('native'),
    'whether the device is bound to native is not known',
    oneOf(null, 'taker'),
    [],
  ],
  [
    'unbind of a device that is bound to another',
    bound('native', native, taker),
    unbind('taker'),
    'ENODEV',
    'native',
    [],
  ],
  ['bind of a device that is not there', drivers(native), write('drivers/native/bind', 'none'), 'ENODEV', null, []],
  ['unbind of a device that is not there', drivers(native), write('drivers/native/unbind', 'none'), 'ENODEV', null, []],
  // modules and new ids: a driver is offered every device
  [
    'new_id with a probe that is not known',
    drivers(native),
    write('drivers/native/new_id', '1 2'),
    'ok',
    oneOf('native', null),
    [],
  ],
  [
    'new_id where a device may be bound already',
    bound(oneOf('native', null), native, { ...taker, ids: null }),
    write('drivers/taker/new_id', '8086 10d3'),
    'ok',
    oneOf('native', 'taker'),
    [],
  ],
  [
    'new_id where the driver refuses the device',
    kernel([vfioPci], [card({ pci: pciFacts(0x8086, 0x10d3, { bridge: true }) })]),
    write('drivers/vfio-pci/new_id', '8086 10d3'),
    'ok',
    null,
    [],
  ],
  [
    'new_id of a native driver in an owned group',
    owned(drivers({ ...taker, ids: null }, vfioPci)),
    write('drivers/taker/new_id', '8086 10d3'),
    'ok',
    null,
    [],
  ],
];

test.each(CASES)(
  'step says what is not known, and leaves every possibility: %s',
  (_what, state, event, result, after, lacks) => {
    const { result: got, state: now } = step(state, event);
    if (got.kind === 'unknown') {
      expect(got.why).toContain(result);
      expect(got.missing).toEqual(lacks);
    } else expect([resultWord(got), lacks]).toEqual([result, []]);
    expect(driverOf(now)).toEqual(after);
  },
);

test('step says why a device is not bound, and asks no probe where the match is not known', () => {
  const texts = (state: KernelState, event: KernelEvent) => step(state, event).trace.map(({ text }) => text);
  expect(texts(drivers(native), write('drivers/native/bind', 'none\n'))).toEqual(["no device is named 'none'"]);
  expect(texts(drivers(unread), probe)).toEqual(["unread's id table was not read"]);
  expect(texts(drivers(taker), probe)).toEqual(["a row of taker's id table matches", 'taker takes every device']);
  expect(texts(bound('taker', taker), probe)).toEqual(['the device already has a driver']);
});

test('loadModule leaves open whether a driver with an unread table has what it would take', () => {
  const modules = [{ name: 'm', loaded: false, depends: [], drivers: [unreadTaker] }];
  const loaded = later({ ...drivers(), modules }, { kind: 'load', module: 'm' });
  expect(driverOf(loaded)).toEqual(oneOf('unread-taker', null));
});

describe('step: a driver is offered', () => {
  const twin = makeDevice('platform', name, { group: null });
  const both = (rest: Partial<Device> = {}) =>
    kernel([], [card(rest), twin], {
      modules: [{ name: 'taker', loaded: false, depends: [], drivers: [taker] }],
    });

  test('attachDriver offers it devices of its own bus only', () => {
    const state = later(both(), { kind: 'load', module: 'taker' });
    expect(state.devices.map(({ driver }) => driver)).toEqual(['taker', null]);
  });

  test('attachDriver skips what is bound, and what is not there', () => {
    for (const rest of [{ driver: 'e1000e' }, { present: false }])
      expect(later(both(rest), { kind: 'load', module: 'taker' }).devices[0]).toMatchObject(rest);
  });

  test('attachDriver says of each device what became of it', () => {
    const { trace } = step(both(), { kind: 'load', module: 'taker' });
    expect(trace.map(({ rule, driver, device }) => [rule, driver, device])).toEqual([
      ['kernel/module/main.c:load_module', undefined, undefined],
      ['drivers/base/bus.c:bus_add_driver', 'taker', undefined],
      ['drivers/pci/pci-driver.c:pci_match_device', 'taker', name],
      ['taker: probe()', 'taker', name],
    ]);
  });
});

describe('detach', () => {
  const held = (release: string, ...events: readonly KernelEvent[]) =>
    later(
      kernel([vfioPci], [card({ driver: 'vfio-pci' })], { features: featuresAt(release) }),
      { kind: 'open', group: '7', by: 'vm' },
      { kind: 'setContainer', group: '7' },
      ...events,
    );
  const open: readonly KernelEvent[] = [
    { kind: 'setIommu', group: '7' },
    { kind: 'getDevice', group: '7', device: name },
  ];

  test('detach waits for who has the device open, and before 6.1 for who has its group', () => {
    const text = (state: KernelState) => step(state, unbind('vfio-pci')).trace[0]!.text;
    expect(text(held('6.12', ...open))).toBe('waits until vm closes the device');
    expect(text(held('6.0', ...open))).toBe('waits until vm closes the device');
    expect(text(held('6.0'))).toBe('waits until vm closes the group');
    expect(text(held('6.1'))).toBe('the driver lets go of the device');
  });

  test('detach of the last device of a group with a container takes the group from its holder, and says so', () => {
    const { state, trace } = step(held('6.1'), unbind('vfio-pci'));
    expect(state.groups[0]!.file).toBeNull();
    expect(trace.map(({ rule, text }) => [rule.split(':')[1], text])).toEqual([
      ['unbind_store', 'the driver lets go of the device'],
      ['vfio_device_remove_group', 'and vm loses the group'],
    ]);
    const without = later(kernel([vfioPci], [card({ driver: 'vfio-pci' })]), { kind: 'open', group: '7', by: 'vm' });
    expect(later(without, unbind('vfio-pci')).groups[0]!.file).toMatchObject({ by: 'vm' });
  });

  test.each<[Binding, string]>([
    ['vfio-pci', 'ok'],
    [oneOf('vfio-pci', null), 'ok'],
    [oneOf('native', 'vfio-pci'), 'ok'],
    [null, 'blocks'],
    ['native', 'blocks'],
    ['gone', 'blocks'],
    [oneOf('native', null), 'blocks'],
  ])('detach before 6.1 with a second member on %j: %s, for the last VFIO device waits', (driver, word) => {
    const state = held('6.0');
    const devices = [...state.devices, card({ name: other, driver })];
    expect(step({ ...state, drivers: [native, vfioPci], devices }, unbind('vfio-pci')).result.kind).toBe(word);
  });

  test('detach notes who waits for what, and close completes all that wait for that group and no other', () => {
    const state = step(held('6.12', ...open), unbind('vfio-pci')).state;
    expect(state.waiting).toEqual([{ device: name, driver: 'vfio-pci', group: '7', cause: 'unbind' }]);
    const foreign = { device: 'x', driver: 'y', group: '8', cause: 'unbind' as const };
    const closed = later({ ...state, waiting: [...state.waiting, foreign] }, { kind: 'close', group: '7' });
    expect(closed).toMatchObject({ waiting: [foreign], groups: [{ file: null }], devices: [{ driver: null }] });
  });
});
