import { expect, test } from 'vitest';
import {
  deviceId,
  type Evidence,
  type KernelEvent,
  type KernelModule,
  type KernelState,
  makeDevice,
  makeDriver,
  pciFacts,
} from '../../src/driver-core/index.ts';
import { card, e1000e, featuresAt, kernel, pciStub, step, vfioPci, write } from './card.ts';

const [BRIDGE, PF, A, B, VF, X] = [
  '0000:00:01.0',
  '0000:00:02.0',
  '0000:01:00.0',
  '0000:02:00.0',
  '0000:00:02.1',
  'x:0',
];
const native = makeDriver('pci', 'native', { ids: e1000e.ids, module: 'native' });
const unread = makeDriver('pci', 'unread');
const modules: readonly KernelModule[] = [
  { name: 'native', loaded: false, depends: [], drivers: [native] },
  { name: 'vfio_pci', loaded: true, depends: [], drivers: [vfioPci] },
];

/** A bridge with two cards behind it, a physical function with a virtual one that is not plugged in yet. */
function machine(release: string): KernelState {
  const devices = [
    card({ name: BRIDGE!, group: '1', pci: pciFacts(0x1b36, 0xc, { bridge: true }) }),
    card({ name: PF!, group: '2', driver: 'vfio-pci', pci: pciFacts(0x8086, 0x10c9) }),
    card({ name: A!, parent: BRIDGE! }),
    card({ name: B!, parent: BRIDGE!, driver: 'vfio-pci' }),
    card({ name: VF!, group: '3', pci: pciFacts(0x8086, 0x10ed, { physfn: PF! }), plugged: false, present: false }),
  ];
  const evidence: Evidence[] = [A!, B!].flatMap((device) => [
    { bus: 'pci', driver: 'native', device, probe: 'ok' },
    { bus: 'pci', driver: 'unread', device, matches: true, probe: 'ENODEV' },
  ]);
  return kernel([unread, e1000e, vfioPci, pciStub], devices, { modules, evidence, features: featuresAt(release) });
}

/**
 * The same machine among others of the same names: everything that the model looks for by name is there twice, the
 * wrong one first.
 */
function withNamesakes(state: KernelState): KernelState {
  const opposite = { vfio: true, managedDma: true, ids: null, probe: 'stub' as const, suppressBind: true };
  const evidence = state.evidence.flatMap((fact): Evidence[] => {
    const wrong = { ...fact, matches: false, probe: 'EACCES' as const };
    return [
      { ...wrong, bus: 'platform' },
      { ...wrong, driver: 'nobody' },
      { ...wrong, device: X! },
      { bus: fact.bus, driver: fact.driver, device: fact.device },
    ];
  });
  return {
    ...state,
    buses: [{ name: 'platform', autoprobe: !(state.buses[0]?.autoprobe ?? true) }, ...state.buses],
    drivers: [...state.drivers.map((driver) => ({ ...driver, ...opposite, bus: 'platform' })), ...state.drivers],
    devices: [
      ...state.devices.map(({ name }) =>
        makeDevice('platform', name, { override: 'nobody', driver: 'unread', group: '99' }),
      ),
      makeDevice('pci', X!, { override: 'nobody', group: '99', pci: pciFacts(1, 2, { vfsAutoprobe: false }) }),
      ...state.devices,
    ],
    groups: [
      {
        id: '99',
        bus: 'pci',
        type: 'identity',
        direct: true,
        file: { by: 'other', container: true, iommu: false, devices: [] },
      },
      ...state.groups,
    ],
    evidence: [...evidence, ...state.evidence],
    waiting: [{ device: X!, driver: 'nobody', group: '99', cause: 'unbind' }, ...state.waiting],
  };
}

/** The state without the others. */
function without(state: KernelState): KernelState {
  return {
    ...state,
    buses: state.buses.filter(({ name }) => name === 'pci'),
    drivers: state.drivers.filter(({ bus }) => bus === 'pci'),
    devices: state.devices.filter(({ bus, name }) => bus === 'pci' && name !== X),
    groups: state.groups.filter(({ id }) => id !== '99'),
    waiting: state.waiting.filter(({ group }) => group !== '99'),
    evidence: [],
  };
}

const use: readonly KernelEvent[] = [
  { kind: 'open', group: '7', by: 'vm' },
  { kind: 'setContainer', group: '7' },
  { kind: 'setIommu', group: '7' },
  { kind: 'getDevice', group: '7', device: B! },
];
const override = (name: string, text: string) => write(`devices/${name}/driver_override`, text);
const RUNS: Readonly<Record<string, readonly KernelEvent[]>> = {
  'bind and unbind': [
    override(A!, 'vfio-pci'),
    write('drivers/vfio-pci/bind', A!),
    write('drivers/vfio-pci/unbind', A!),
    override(A!, '\n'),
    write('drivers/unread/bind', A!),
    write('drivers/e1000e/bind', A!),
    write('drivers/native/bind', A!),
  ],
  'a module, with drivers_autoprobe and without': [
    { kind: 'load', module: 'native' },
    { kind: 'unload', module: 'native' },
    write('drivers_autoprobe', '0'),
    { kind: 'load', module: 'native' },
    { kind: 'unload', module: 'vfio_pci' },
    write('drivers_probe', A!),
  ],
  'ids of a module': [
    { kind: 'unload', module: 'vfio_pci' },
    { kind: 'load', module: 'vfio_pci', ids: '8086:10d3' },
    write('drivers/vfio-pci/new_id', '8086 10c9'),
    write('drivers/vfio-pci/remove_id', '8086 10d3'),
  ],
  'hot-plug': [
    { kind: 'plug', bus: 'pci', device: VF! },
    { kind: 'unplug', bus: 'pci', device: VF! },
    write(`devices/${BRIDGE}/remove`, '1'),
    write('rescan', '1'),
    { kind: 'unplug', bus: 'pci', device: BRIDGE! },
    write('rescan', '1'),
  ],
  'hot-plug without drivers_autoprobe': [
    write('drivers_autoprobe', '0'),
    write(`devices/${A}/remove`, '1'),
    write('rescan', '1'),
  ],
  'a process that holds a device': [
    ...use,
    write('drivers/vfio-pci/unbind', B!),
    { kind: 'close', group: '7' },
    write('drivers_probe', B!),
  ],
  'a process and the removal of its device': [...use, write(`devices/${B}/remove`, '1'), { kind: 'close', group: '7' }],
  'the type of a group': [{ kind: 'write', path: 'kernel/iommu_groups/1/type', data: 'identity' }],
};

const cases = Object.entries(RUNS).flatMap(([what, events]) =>
  ['5.18', '6.0', '6.12', '6.19'].map((release) => [what, release, events] as const),
);

test.each(cases)(
  'step takes nothing for another of that name on another bus, in another group: %s in %s',
  (_what, release, events) => {
    let alone = machine(release);
    let among = withNamesakes(alone);
    const others = JSON.stringify(among.devices.filter(({ bus, name }) => bus !== 'pci' || name === X));
    for (const event of events) {
      const here = step(alone, event);
      const there = step(among, event);
      expect({ result: there.result, trace: there.trace }, JSON.stringify(event)).toEqual({
        result: here.result,
        trace: here.trace,
      });
      expect(without(there.state)).toEqual({ ...here.state, evidence: [] });
      alone = here.state;
      among = there.state;
    }
    expect(JSON.stringify(among.devices.filter(({ bus, name }) => bus !== 'pci' || name === X))).toBe(others);
    expect(among.groups[0]).toMatchObject({ id: '99', file: { by: 'other' } });
    expect(among.waiting[0]).toMatchObject({ group: '99' });
  },
);

test('step uses the vfsAutoprobe of the physical function itself', () => {
  const vf = card({ name: VF!, pci: pciFacts(0x8086, 0x10d3, { physfn: PF! }) });
  const others = [
    makeDevice('platform', PF!, { pci: pciFacts(1, 2, { vfsAutoprobe: false }) }),
    makeDevice('pci', X!, { pci: pciFacts(1, 2, { vfsAutoprobe: false }) }),
  ];
  const taker = makeDriver('pci', 'taker', { ids: [deviceId(0x8086, 0x10d3)], probe: 'stub' });
  const bound = (vfsAutoprobe: boolean | null) => {
    const pf =
      vfsAutoprobe === null ? [] : [card({ name: PF!, driver: 'taker', pci: pciFacts(0x8086, 1, { vfsAutoprobe }) })];
    const { state } = step(kernel([taker], [...others, ...pf, vf]), write('drivers_probe', VF!));
    return state.devices.at(-1)!.driver;
  };
  expect([bound(true), bound(false), bound(null)]).toEqual(['taker', null, 'taker']);
});
