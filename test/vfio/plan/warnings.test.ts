import { describe, expect, test } from 'vitest';
import { parseRelease } from '../../../src/release.ts';
import { planRestore } from '../../../src/vfio/change/restore.ts';
import type { Machine } from '../../../src/vfio/plan/machine.ts';
import type { Plan, Warning } from '../../../src/vfio/plan/plan-types.ts';
import { withProblems } from '../../../src/vfio/plan/warnings.ts';
import type { MachineDevice } from '../../../src/vfio/sysfs/device.ts';
import { at, back, bind, CARD, card, driver, group, machine } from './plain-machine.ts';

const short = ({ warnings }: Plan) => warnings.map(({ code, about, blocks }) => [code, about, blocks]);
const told = ({ warnings }: Plan) => warnings.map(({ message }) => message);

test('planWarnings has nothing against a card alone in its group', () => {
  expect(bind(machine()).warnings).toEqual([]);
  expect(bind(machine()).runnable).toBe(true);
});

const use = { device: CARD, kind: 'mounted', text: 'sda is mounted on /' } as const;
const vfs = { numVfs: 2, vfsAutoprobe: true, physfn: null, capability: null };
const region = (type: string) => ({ from: '0x1', to: '0x2', type });

const CASES: readonly (readonly [
  what: string,
  read: Machine,
  warnings: readonly (readonly [code: string, about: string, blocks: Warning['blocks']])[],
  message: RegExp,
])[] = [
  ['a device in use', machine([card()], { uses: [use] }), [['mounted', CARD, 'in-use']], /^sda is mounted on \/$/],
  ['the use of another device', machine([card()], { uses: [{ ...use, device: 'other' }] }), [], /^$/],
  ['the boot display', machine([card({ bootDisplay: true })]), [['boot-display', CARD, 'in-use']], /console goes dark/],
  [
    'a boot display without a driver, which nothing shows the console on',
    machine([card({ bootDisplay: true, driver: null })]),
    [['boot-display', CARD, null]],
    /^it is the boot display: firmware and boot loader show on it/,
  ],
  [
    'a boot display without a driver that is in use, but not by the console',
    machine([card({ bootDisplay: true, driver: null })], { uses: [{ ...use, kind: 'process', text: 'held' }] }),
    [
      ['held', CARD, 'in-use'],
      ['boot-display', CARD, null],
    ],
    /^held\nit is the boot display: firmware/,
  ],
  [
    'a boot display without a driver, of which its use says that the console is on it',
    machine([card({ bootDisplay: true, driver: null })], { uses: [{ ...use, kind: 'framebuffer', text: 'shown' }] }),
    [['framebuffer', CARD, 'in-use']],
    /^shown$/,
  ],
  [
    'a device whose unbind waits still',
    machine([card({ unbinding: true, driver: null, override: undefined })]),
    [
      ['unbinding', CARD, 'always'],
      ['refused', CARD, 'always'],
    ],
    /^its unbind still waits .*; end that process, then try again\n/,
  ],
  [
    'a device without driver_override',
    machine([card({ override: undefined })]),
    [
      ['no-override', CARD, 'always'],
      ['refused', CARD, 'always'],
    ],
    /^sysfs shows no driver_override for it/,
  ],
  [
    'a driver that has no unbind file',
    machine([card()], { drivers: [driver('e1000e', { bindable: false }), driver('vfio-pci')] }),
    [
      ['no-unbind', CARD, 'always'],
      ['refused', CARD, 'always'],
      ['not-viable', 'group 7', null],
    ],
    /^its driver e1000e has no unbind file \(suppress_bind_attrs\)/,
  ],
  [
    'a driver of that name on another bus, which counts for nothing',
    machine([card()], {
      drivers: [driver('e1000e', { bus: 'platform', bindable: false }), driver('e1000e'), driver('vfio-pci')],
    }),
    [],
    /^$/,
  ],
  [
    'an override that is set already',
    machine([card({ override: 'pci-stub' })]),
    [['override-set', CARD, null]],
    /^driver_override is 'pci-stub' already; restore sets it again$/,
  ],
  ['an override that is what is asked for', machine([card({ override: 'vfio-pci' })]), [], /^$/],
  [
    'virtual functions',
    machine([card({ sriov: vfs })]),
    [
      ['refused', CARD, 'always'],
      ['vfs-enabled', CARD, null],
    ],
    /2 virtual functions are enabled; VFIO requires a physical function without any/,
  ],
  [
    'a device without a group where the machine has an IOMMU',
    machine([card({ group: null })]),
    [
      ['refused', CARD, 'always'],
      ['no-iommu', CARD, null],
    ],
    /\nit has no IOMMU group: turn on/,
  ],
  [
    'a device without a group where it has none',
    machine([card({ group: null })], { iommu: false }),
    [
      ['refused', CARD, 'always'],
      ['no-iommu', CARD, null],
    ],
    /\nthis machine has no active IOMMU: turn on/,
  ],
  [
    'a device without a group in the unsafe mode',
    machine([card({ group: null })], { noiommu: true }),
    [['noiommu', CARD, null]],
    /^it has no IOMMU: .*taints the kernel$/,
  ],
  [
    'a direct region, of all reserved ones',
    machine([card()], { groups: [group([card()], { reserved: [region('msi'), region('direct'), region('direct')] })] }),
    [['direct-region', 'group 7', null]],
    /^the firmware reserves 0x1-0x2, 0x1-0x2 for direct access/,
  ],
  [
    'regions that are not direct',
    machine([card()], { groups: [group([card()], { reserved: [region('msi'), region('direct-relaxable')] })] }),
    [],
    /^$/,
  ],
  [
    'another member on its native driver',
    machine([card(), card({ name: '0000:01:00.1' })]),
    [['not-viable', 'group 7', null]],
    /^it will not open for a guest: 0000:01:00.1 is bound to e1000e; move it too \(--whole-group\), or unbind it$/,
  ],
  [
    'the group of another device, which is not looked at',
    machine([card({ group: '8' }), card({ name: '0000:01:00.1' })], {
      groups: [group([card({ name: '0000:01:00.1' })], { reserved: [region('direct')] }), group([], { id: '8' })],
    }),
    [],
    /^$/,
  ],
  [
    'notes on the kernel',
    machine([card()], { notes: ['a note'] }),
    [['kernel-command-line', 'machine', null]],
    /^a note$/,
  ],
  [
    'a kernel that is too new',
    machine([card()], { kernel: '7.4.1', release: parseRelease('7.4') }),
    [['release', 'machine', null]],
    /^the rules of Linux 7\.4\.1 are not known, only those from 5\.10 to 7\.3/,
  ],
  [
    'processes that cannot be seen',
    machine([card()], { unseen: 3 }),
    [['unseen', 'machine', null]],
    /^3 processes of other users hide/,
  ],
  [
    'processes that cannot be seen, where nothing is moved',
    machine([card({ driver: 'vfio-pci', override: 'vfio-pci' })], { unseen: 3, uses: [use] }),
    [],
    /^$/,
  ],
];

test.each(CASES)('planWarnings reports %s', (_what, read, warnings, message) => {
  const plan = bind(read);
  expect(short(plan)).toEqual(warnings);
  expect(told(plan).join('\n')).toMatch(message);
  expect(plan.runnable).toBe(warnings.every(([, , blocks]) => blocks === null));
});

test('planWarnings puts first what no option helps against, then what is in use, then the rest', () => {
  const read = machine([card({ bootDisplay: true, sriov: vfs })], { uses: [use], unseen: 1 });
  expect(bind(read).warnings.map(({ blocks }) => blocks)).toEqual(['always', 'in-use', 'in-use', null, null]);
  expect(bind(read).warnings.map(({ code }) => code)).toEqual([
    'refused',
    'mounted',
    'boot-display',
    'vfs-enabled',
    'unseen',
  ]);
});

describe('planWarnings with --allow-in-use', () => {
  test('only warns of what is in use', () => {
    const read = machine([card({ bootDisplay: true })], { uses: [use] });
    const plan = bind(read, {}, { allowInUse: true });
    expect(short(plan)).toEqual([
      ['mounted', CARD, null],
      ['boot-display', CARD, null],
    ]);
    expect(plan.runnable).toBe(true);
  });

  test('still refuses what the kernel does', () => {
    const plan = bind(machine([card({ bridge: true })]), {}, { allowInUse: true });
    expect(plan.runnable).toBe(false);
    expect(told(plan)[0]).toBe(
      'writing bus/pci/drivers/vfio-pci/bind will end with EINVAL: the device is a bridge (drivers/vfio/pci/vfio_pci_core.c:vfio_pci_core_register_device)',
    );
  });
});

test.each([
  ['mounted', 'mounted'],
  ['swap', 'swap'],
  ['stacked', 'stacked'],
  ['process', 'held'],
  ['route', 'default-route'],
  ['pool', 'zfs-pool'],
  ['network-disk', 'network-disk'],
  ['connection', 'connection'],
  ['framebuffer', 'framebuffer'],
  ['keyboard', 'only-keyboard'],
] as const)('planWarnings has a word of its own for a use of kind %s', (kind, code) => {
  expect(short(bind(machine([card()], { uses: [{ ...use, kind }] })))).toEqual([[code, CARD, 'in-use']]);
});

test('planWarnings only notes a network that is reached through the device', () => {
  const plan = bind(machine([card()], { uses: [{ ...use, kind: 'address' }] }));
  expect(short(plan)).toEqual([['route', CARD, null]]);
  expect(plan.runnable).toBe(true);
});

describe('planWarnings of a driver', () => {
  test('that is not registered and that no module is known to hold', () => {
    const plan = bind(machine(), { driver: 'none', module: null });
    expect(short(plan)[0]).toEqual(['no-driver', CARD, 'always']);
    expect(told(plan)[0]).toBe("no driver 'none' is registered on bus 'pci', and no module is known to contain it");
    expect(short(bind(machine(), { driver: 'none', module: 'none', vfio: true }))).toEqual([]);
  });

  test.each([
    ['pci-stub', {}, [['not-vfio', CARD, null]]],
    ['some', {}, [['not-vfio', CARD, null]]],
    ['some', { vfio: true }, []],
    ['mlx5_vfio_pci', {}, []],
  ])('%s, which is completed to VFIO by its name, its request or what is registered (%j)', (name, rest, warnings) => {
    const request = { driver: name, module: 'm', ...rest };
    expect(short(bind(machine(), request)).filter(([code]) => code === 'not-vfio')).toEqual(warnings);
    const registered = machine([card()], { drivers: [driver('e1000e'), driver(name, { vfio: true })] });
    expect(short(bind(registered, { driver: name })).filter(([code]) => code === 'not-vfio')).toEqual([]);
  });
});

describe('planWarnings of buses', () => {
  const on = (bus: string, rest: Partial<MachineDevice> = {}) =>
    machine([card({ bus, name: 'x', class: null, sriov: null, bridge: null, modalias: null, ...rest })], {
      drivers: [driver('e1000e', { bus }), driver('v', { bus, vfio: true })],
    });

  test('whose devices are not moved by an override', () => {
    expect(short(bind(on('usb'), { driver: 'v' }))[0]).toEqual(['unsupported-bus', 'x', 'always']);
    expect(told(bind(on('usb'), { driver: 'v' }))[0]).toBe("devices of bus 'usb' have no driver_override");
    expect(told(bind(on('ap'), { driver: 'v' }))[0]).toMatch(/^vfio_ap gets AP queues when they are removed/);
  });

  test.each([
    ['css', false],
    ['ap', false],
    ['platform', true],
  ])('whose devices need no IOMMU group: %s', (bus, needed) => {
    const codes = short(bind(on(bus, { group: null }), { driver: 'v' })).map(([code]) => code);
    expect(codes.includes('no-iommu')).toBe(needed);
  });
});

describe('planWarnings of a restore', () => {
  const bound = (rest: Partial<MachineDevice> = {}) => card({ driver: 'vfio-pci', override: 'vfio-pci', ...rest });
  const holder = (owns: 'yes' | 'unknown') => ({
    group: '7',
    by: 'process 77 (qemu)',
    devices: [CARD],
    perhaps: [],
    owns,
  });

  test('says nothing of the group, the display or the override: it goes back to what was there', () => {
    const other = card({ name: '0000:01:00.1' });
    const read = machine([bound({ bootDisplay: true, group: '7' }), other], {
      uses: [{ ...use, kind: 'framebuffer' }],
    });
    expect(short(back(read))).toEqual([]);
  });

  test('says that the unbind waits for a process, which --allow-in-use accepts', () => {
    const read = machine([bound()], { holders: [holder('yes')] });
    expect(short(back(read))).toEqual([['waits', CARD, 'in-use']]);
    expect(told(back(read))).toEqual([
      'writing bus/pci/drivers/vfio-pci/unbind waits until process 77 (qemu) closes the device; the run gives up after --timeout, while the kernel keeps waiting',
    ]);
    expect(short(back(read, { allowInUse: true }))).toEqual([['waits', CARD, null]]);
  });

  test('does not know what follows where it is not known what the process has open', () => {
    const read = machine([bound(), bound({ name: '0000:01:00.1' })], {
      holders: [{ ...holder('unknown'), devices: [], perhaps: [CARD, '0000:01:00.1'] }],
    });
    const { predicted, warnings } = back(read);
    expect(predicted.steps.map(({ result }) => result)).toEqual(['ok', 'unknown', 'unknown', 'unknown']);
    expect(predicted.steps[1]!.text).toBe('it depends on what process 77 (qemu) has open');
    expect(predicted.devices).toEqual([{ name: CARD, driver: 'unknown' }]);
    expect(warnings).toEqual([]);
  });
});

test('planWarnings says that a group may not open where a binding is not known', () => {
  const plan = bind(machine([card()], { drivers: [driver('e1000e')] }), { driver: 'native', module: 'native' });
  expect(plan.predicted.groups).toMatchObject([{ id: '7', viable: 'unknown' }]);
  expect(told(plan)).toContainEqual(
    expect.stringMatching(/^it may not open for a guest: 0000:01:00\.0 is bound to native;/),
  );
});

test('withProblems adds what was the matter before, by weight, and blocks the plan where that does', () => {
  const problem = (blocks: Warning['blocks']): Warning => ({ code: 'no-driver', about: 'x', message: 'm', blocks });
  const plan = bind(machine([card()], { unseen: 1 }));
  expect(withProblems(plan, [])).toBe(plan);
  expect(withProblems(plan, [problem(null)])).toMatchObject({
    runnable: true,
    warnings: [problem(null), { code: 'unseen' }],
  });
  const blocked = withProblems(bind(machine([card()], { uses: [use] })), [problem(null), problem('always')]);
  expect(short(blocked).map(([, , blocks]) => blocks)).toEqual(['always', 'in-use', null]);
  expect(blocked.runnable).toBe(false);
  expect(withProblems(plan, [problem('in-use')]).runnable).toBe(false);
});

test('planWarnings of a restore that removes virtual functions refuses one whose unbind waits still', () => {
  const vf = '0000:01:10.0';
  const waiting = { driver: null, override: undefined, unbinding: true };
  const read = machine([
    card({ sriov: { ...vfs, numVfs: 1 } }),
    card({ name: vf, ...waiting, sriov: { ...vfs, numVfs: 0, physfn: CARD } }),
  ]);
  const to = { driver: 'e1000e', override: null, vfs: { functions: [], autoprobe: true } };
  const plan = planRestore(read, [{ path: at(CARD), to, module: null, seen: true }]);
  expect(short(plan)).toContainEqual(['unbinding', vf, 'always']);
  expect(plan.runnable).toBe(false);
});
