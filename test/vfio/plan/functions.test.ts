import { describe, expect, test } from 'vitest';
import { adviceOnStep, functionNotes } from '../../../src/vfio/plan/function-warnings.ts';
import { functionsOf, isMade, planFunctions, vfsOf } from '../../../src/vfio/plan/functions.ts';
import { type Machine, readMachine } from '../../../src/vfio/plan/machine.ts';
import { type BindRequest, planBind } from '../../../src/vfio/plan/plan.ts';
import type { Plan, PlannedDevice, Step } from '../../../src/vfio/plan/plan-types.ts';
import type { MachineDevice } from '../../../src/vfio/sysfs/device.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { type DeviceDescription, type MachineDescription, readMachine as recorded } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';
import { net } from '../uses/used-card.ts';
import { warned } from './planned.ts';

const PF = '0000:01:00.0';
/** In one group with the port above it, as where that has no ACS. */
const CROWDED = '0000:02:00.0';
const VFS = ['0000:01:10.0', '0000:01:10.2'];

/** The recorded machine, its first physical function changed. */
function changed(change: Partial<DeviceDescription> = {}, rest: Partial<MachineDescription> = {}): MachineDescription {
  const machine = recorded('sriov-igb');
  const devices = machine.devices.map((device) => {
    if (!device.path.endsWith(PF)) return device;
    return { ...device, ...change, attributes: { ...device.attributes, ...change.attributes } };
  });
  return { ...machine, ...rest, devices: [...devices, ...(rest.devices ?? [])] };
}

const vf = (name: string, rest: Partial<DeviceDescription> = {}): DeviceDescription => ({
  path: `pci0000:00/0000:00:02.0/${name}`,
  bus: 'pci',
  ...rest,
  attributes: { modalias: 'pci:v00008086d000010CAsv00008086sd0000A03Cbc02sc00i00', class: '0x020000' },
});

/** Links between the first physical function and two virtual ones. */
const sysfsLinks = Object.fromEntries(
  VFS.flatMap((name, index) => [
    [`devices/pci0000:00/0000:00:02.0/${PF}/virtfn${index}`, `../${name}`],
    [`devices/pci0000:00/0000:00:02.0/${name}/physfn`, `../${PF}`],
  ]),
);

function read(description: MachineDescription, name = PF): { machine: Machine; path: string } {
  const { roots } = machineRoot(description);
  const { device } = findDevice(roots.sysfs, name);
  return { machine: readMachine(roots, [device]), path: device.path };
}

function plan(description: MachineDescription, vfs: number, name = PF, request: Partial<BindRequest> = {}): Plan {
  const { machine, path } = read(description, name);
  return planBind(machine, [{ path, driver: 'vfio-pci', module: 'vfio_pci', vfs, ...request }]);
}

const lines = ({ steps }: Pick<Plan, 'steps'>) =>
  steps.map((step) => {
    if (step.op === 'write')
      return `${step.path.replace(/^bus\/pci\/(?:devices|drivers)\//, '')} <- ${step.data.trim()}`;
    if (step.op === 'functions') return `${step.device} has ${step.functions.join(' ') || 'none'}`;
    return step.op === 'verify' ? `${step.device} on ${step.driver}` : `modprobe ${step.module}`;
  });

describe('planFunctions', () => {
  test('turns probing off, makes the functions, waits for them and binds them; the rollback goes back', () => {
    const { steps, rollback, runnable } = plan(changed(), 2);
    expect(runnable).toBe(true);
    expect(lines({ steps })).toEqual([
      `${PF}/sriov_drivers_autoprobe <- 0`,
      `${PF}/sriov_numvfs <- 2`,
      `${PF} has ${VFS.join(' ')}`,
      ...VFS.flatMap((name) => [
        `${name}/driver_override <- vfio-pci`,
        `vfio-pci/bind <- ${name}`,
        `${name} on vfio-pci`,
      ]),
    ]);
    expect(lines({ steps: rollback })).toEqual([
      ...VFS.toReversed().flatMap((name) => [`vfio-pci/unbind <- ${name}`, `${name} on null`]),
      `${PF}/sriov_numvfs <- 0`,
      `${PF} has none`,
      `${PF}/sriov_drivers_autoprobe <- 1`,
    ]);
  });

  test('does not touch sriov_drivers_autoprobe where it is 0 already', () => {
    const { steps, rollback } = plan(changed({ attributes: { sriov_drivers_autoprobe: '0' } }), 1);
    expect([...lines({ steps }), ...lines({ steps: rollback })].join()).not.toContain('autoprobe');
  });

  test('predicts addresses, ids and free group numbers, what the kernel answers, and says that it is predicted', () => {
    const made = plan(changed(), 2);
    expect(made.devices.slice(1)).toMatchObject(
      VFS.map((name, index) => ({
        name,
        path: `devices/pci0000:00/0000:00:02.0/${name}`,
        modalias: 'pci:v00008086d000010CAsv00008086sd0000A03Cbc02sc00i00',
        group: ['3', '5'][index],
        physfn: PF,
        before: { driver: null, override: undefined },
        after: { driver: 'vfio-pci', override: 'vfio-pci' },
      })),
    );
    expect(made.predicted.steps.map(({ result }) => result)).toEqual(made.steps.map(() => 'ok'));
    expect(made.predicted.devices).toEqual([
      { name: PF, driver: 'igb' },
      ...VFS.map((name) => ({ name, driver: 'vfio-pci' })),
    ]);
    expect(made.predicted.groups).toContainEqual({ id: '3', viable: 'yes', blockers: [] });
    expect(warned(made)).toEqual([
      expect.stringMatching(
        /^\(note\) vfs-predicted: .* addresses by sriov_offset and sriov_stride, ids 8086:10ca by sriov_vf_device, and IOMMU groups/,
      ),
    ]);
  });

  test('puts the functions into the group of a port without ACS, which no guest can open then', () => {
    const made = plan(changed(), 1, CROWDED);
    expect(made.devices[1]).toMatchObject({ group: '4' });
    expect(warned(made)[0]).toMatch(
      /^\(note\) not-viable: .*0000:02:00\.0 is bound to igb; no bridge above .* has ACS/,
    );
  });

  test('numbers the groups of two physical functions together', () => {
    const { roots } = machineRoot(changed());
    const devices = [PF, CROWDED, PF].map((name) => findDevice(roots.sysfs, name).device);
    const requests = devices.map(({ path }) => ({ path, driver: 'vfio-pci', module: null, vfs: 1 }));
    const two = planBind(readMachine(roots, devices), requests);
    expect(two.devices.map(({ name, group }) => [name, group])).toEqual([
      [PF, '2'],
      [VFS[0], '3'],
      [CROWDED, '4'],
      ['0000:02:10.0', '4'],
    ]);
  });

  test('warns without an IOMMU once, however many functions there are', () => {
    const { group: _group, ...rest } = changed().devices.find(({ path }) => path.endsWith(PF))!;
    const made = plan({ ...changed(), groups: {}, devices: [rest] }, 3);
    expect(made.devices.map(({ group }) => group)).toEqual([null, null, null, null]);
    expect(made.warnings.filter(({ code }) => code === 'no-iommu')).toHaveLength(1);
  });

  test('says nothing of what the physical function is used for, which stays', () => {
    const route =
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\neth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n';
    const devices = [net(`pci0000:00/0000:00:02.0/${PF}/net/eth0`)];
    const used = changed({}, { devices, proc: { '1/net/route': route } });
    expect(read(used).machine.uses).not.toEqual([]);
    expect(plan(used, 1).runnable).toBe(true);
  });

  test('has nothing to do where the functions exist on the driver that is asked for', () => {
    const there = changed(
      { attributes: { sriov_numvfs: '2', sriov_drivers_autoprobe: '0' } },
      { sysfsLinks, devices: VFS.map((name) => vf(name, { driver: 'vfio-pci' })) },
    );
    const made = plan(there, 2);
    expect(made).toMatchObject({ runnable: true, steps: [], rollback: [] });
    expect(made.devices.map(({ name, already, physfn }) => [name, already, physfn])).toEqual([
      [PF, true, null],
      [VFS[0], true, PF],
      [VFS[1], true, PF],
    ]);
    expect(plan(there, 3).runnable).toBe(false);
    expect(plan(there, 2, PF, { driver: 'mlx5_vfio_pci' }).runnable).toBe(false);
  });

  test.each([
    ['a device without the capability', {}, 1, '0000:00:02.0', /turn SR-IOV on in the firmware/],
    ['half of a capability', { attributes: { sriov_stride: 'x' } }, 1, PF, /turn SR-IOV on in the firmware/],
    [
      'more than sriov_totalvfs',
      {},
      8,
      PF,
      /^vfs-refused: expected at most 7 virtual functions \(sriov_totalvfs\), found --vfs 8$/,
    ],
  ])('refuses %s, with what to do', (_what, change, vfs, name, expected) => {
    const made = plan(changed(change), vfs, name);
    expect(made).toMatchObject({ runnable: false, steps: [], devices: [] });
    expect(warned(made)).toEqual([expect.stringMatching(expected)]);
  });

  test('makes as many functions as sriov_totalvfs says', () => {
    const made = plan(changed(), 7);
    expect(made.runnable).toBe(true);
    expect(made.devices.filter(({ physfn }) => physfn === PF)).toHaveLength(7);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses %d functions', (vfs) => {
    expect(warned(plan(changed(), vfs))).toEqual([`vfs-refused: expected a whole number of functions, found ${vfs}`]);
  });

  test('refuses a device of another bus, and a virtual function itself', () => {
    const { machine, path } = read(recorded('arm64-soc'), 'fe000000.ethernet');
    const request = { path, driver: 'vfio-platform', module: null, vfs: 1 };
    expect(warned(planBind(machine, [request]))).toEqual(['vfs-refused: only PCI functions have virtual functions']);
    expect(warned(plan(recorded('sriov-server'), 1, '0000:81:00.2'))).toEqual([
      expect.stringMatching(/^vfs-refused: it is a virtual function of 0000:81:00\.0 itself/),
    ]);
  });

  test('refuses one that has functions, and names these with their drivers and users', () => {
    const there = changed(
      { attributes: { sriov_numvfs: '2' } },
      {
        sysfsLinks,
        groups: { ...recorded('sriov-igb').groups, 8: {} },
        devices: [vf(VFS[0]!, { driver: 'vfio-pci', group: '8' }), vf(VFS[1]!)],
        procLinks: { '77/fd/3': '/dev/vfio/8' },
      },
    );
    expect(warned(plan(there, 1))).toEqual([
      expect.stringMatching(
        /^vfs-refused: it has 2 virtual functions: 0000:01:10\.0 \(vfio-pci; process 77 has \/dev\/vfio\/8 open\), 0000:01:10\.2 \(no driver\)\. .*bind these by their names without --vfs, or remove them first, with modalias vfio restore 0000:01:00\.0/,
      ),
    ]);
    // Also where the kernel does not show where new ones would be.
    expect(warned(plan(recorded('sriov-server'), 1, '0000:81:00.0'))).toEqual([
      expect.stringMatching(/^vfs-refused: it has 4 virtual functions: 0000:81:00\.2 /),
    ]);
  });

  test('refuses a device without a driver, which only makes functions (ENOENT)', () => {
    const { driver: _driver, ...rest } = changed().devices.find(({ path }) => path.endsWith(PF))!;
    const made = plan({ ...changed(), devices: [rest] }, 1);
    expect(made.runnable).toBe(false);
    expect(warned(made)[0]).toMatch(
      /^refused: writing .*\/sriov_numvfs will end with ENOENT: the device has no driver .*; .* bind it to that first: echo 0000:01:00\.0 > \/sys\/bus\/pci\/drivers_probe$/,
    );
  });

  test.each([
    [
      'pci-stub',
      /sriov_numvfs will end with ENOENT: pci-stub does not support .*; see whether the module of pci-stub has a parameter/,
    ],
    [
      'vfio-pci',
      /sriov_numvfs will end with ENOENT: the parameter enable_sriov .*; give it back to its native driver first: modalias vfio restore 0000:01:00\.0$/,
    ],
  ])('refuses a device on %s, whose functions sysfs does not make', (driver, expected) => {
    const drivers = { pci: { pcieport: null, igb: 'igb', 'vfio-pci': 'vfio_pci', 'pci-stub': null } };
    const made = plan(changed({ driver }, { drivers }), 1);
    expect(made.runnable).toBe(false);
    expect(warned(made)[0]).toMatch(expected);
  });

  test('tries a driver that is not known, and says so', () => {
    const drivers = { pci: { pcieport: null, igb: 'igb', 'vfio-pci': 'vfio_pci', some: 'some' } };
    const made = plan(changed({ driver: 'some' }, { drivers }), 1);
    expect(made.runnable).toBe(true);
    expect(warned(made)).toContain(
      '(note) vfs-predicted: whether some makes virtual functions through sysfs is not known; it is tried',
    );
  });
});

describe('planFunctions of plain data', () => {
  const device = (name: string, rest: object = {}) =>
    ({ name, bus: 'pci', path: name, driver: null, group: null, sriov: null, ...rest }) as unknown as MachineDevice;
  const sriov = (physfn: string | null, rest: object = {}) => ({
    sriov: { physfn, numVfs: 0, capability: null, ...rest },
  });
  const machine = (...devices: MachineDevice[]) =>
    ({ devices, groups: [], uses: [], drivers: [] }) as unknown as Machine;
  const planned = (one: MachineDevice, already: boolean) =>
    ({ ...one, before: { driver: one.driver, override: null }, after: {}, already }) as unknown as PlannedDevice;
  const problems = (one: MachineDevice, count = 1, ...others: MachineDevice[]) =>
    planFunctions(machine(one, ...others), one, count, new Set(), () => planned(one, false)).problems;

  test('planFunctions refuses what is not a PCI function with the capability, whatever is allowed', () => {
    const message = 'only PCI functions have virtual functions';
    const refused = { code: 'vfs-refused', about: 'x', message, blocks: 'always' };
    expect(problems(device('x'))).toEqual([refused]);
    expect(problems(device('x', { bus: 'cdx', ...sriov(null) }))).toEqual([refused]);
    const hidden = problems(device('x', sriov(null, { numVfs: 2 })))[0]!.message;
    expect(hidden).toMatch(/^it has 2 virtual functions\. The kernel makes all at once/);
  });

  test('planFunctions has nothing to do only where each function that exists is where it should be', () => {
    const pf = device('pf', sriov(null, { numVfs: 2 }));
    const vfs = ['a', 'b'].map((name) => device(name, sriov('pf')));
    const plan = (...already: string[]) =>
      planFunctions(machine(pf, ...vfs), pf, 2, new Set(), (one) => planned(one, already.includes(one.name)));
    expect(plan('a', 'b').devices.map(({ name, already, vfio }) => [name, already, vfio])).toEqual([
      ['pf', true, false],
      ['a', true, undefined],
      ['b', true, undefined],
    ]);
    expect(plan('a').problems).toHaveLength(1);
    expect(plan('b').problems).toHaveLength(1);
  });

  test('functionsOf goes by bus and name; vfsOf takes it that functions are probed where no file says so', () => {
    const pf = device('pf', sriov(null));
    const all = [
      device('a', sriov('pf')),
      device('b', { ...sriov('pf'), bus: 'cdx' }),
      device('c', sriov('other')),
      pf,
    ];
    expect(functionsOf(machine(...all), pf).map(({ name }) => name)).toEqual(['a']);
    expect(vfsOf(machine(...all), pf)).toEqual({ functions: ['a'], autoprobe: true });
    expect(vfsOf(machine(), device('x'))).toEqual({ functions: [], autoprobe: true });
    const off = device('pf', sriov(null, { vfsAutoprobe: false }));
    expect(vfsOf(machine(), off).autoprobe).toBe(false);
    expect(vfsOf(machine(), device('pf', sriov(null, { vfsAutoprobe: true }))).autoprobe).toBe(true);
  });

  test('isMade is true of a function without a driver and an override file, and of nothing else', () => {
    const made = (physfn: string | null, driver: string | null, override: string | null | undefined) =>
      isMade({ physfn, before: { driver, override } } as PlannedDevice);
    expect(made('pf', null, undefined)).toBe(true);
    expect([made(null, null, undefined), made('pf', 'igbvf', undefined), made('pf', null, null)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('functionNotes says whether groups are predicted, and what the ids are, if they can be read', () => {
    const before = { driver: null, override: undefined };
    const note = (made: object) => {
      const pf = { name: 'pf', bus: 'pci', physfn: null, before: { driver: 'igb', override: null } };
      const devices = [pf, { physfn: 'pf', before, ...made }] as unknown as PlannedDevice[];
      return functionNotes(devices, devices[0]!).map(({ message }) => message);
    };
    const modalias = 'pci:v00008086d000010CAsv00000000sd00000000bc02sc00i00';
    const start = 'its virtual functions are predicted: addresses by sriov_offset and sriov_stride, ids';
    const end = 'where the addresses are others, bind takes all back';
    expect(note({ group: null, modalias })).toEqual([`${start} 8086:10ca by sriov_vf_device; ${end}`]);
    expect(note({ group: '7', modalias: null })).toEqual([
      `${start} ?:? by sriov_vf_device, and IOMMU groups as the kernel numbers new ones; ${end}`,
    ]);
  });

  test('adviceOnStep looks for the driver of the device among those of PCI', () => {
    const step = { op: 'write', device: 'pf', path: 'bus/pci/devices/pf/sriov_numvfs', data: '1' } as Step;
    const pf = (driver: string | null) => [device('other', { driver: 'x' }), device('pf', { driver })];
    const advice = (driver: string | null, ...drivers: object[]) =>
      adviceOnStep({ ...machine(...pf(driver)), drivers } as unknown as Machine, step);
    const named = (rest: object) => ({ bus: 'pci', name: 'some', vfio: true, ...rest });
    const restore = '; give it back to its native driver first: modalias vfio restore pf';
    const parameter =
      '; see whether the module of some has a parameter for it (modinfo -p), make them with that, and bind them by their names';
    expect(advice('some', named({ name: 'x' }), named({}))).toBe(restore);
    expect(advice('some', named({ bus: 'cdx' }), named({ name: 'x' }))).toBe(parameter);
    expect(advice('some', named({ vfio: false }))).toBe(parameter);
    expect([advice('some'), advice('vfio-pci')]).toEqual([parameter, restore]);
    expect(advice(null)).toMatch(/: echo pf > \/sys\/bus\/pci\/drivers_probe$/);
    const none = machine(...pf('some'));
    expect(adviceOnStep(none, { ...step, op: 'functions', functions: [] } as Step)).toBe('');
    expect(adviceOnStep(none, { ...step, path: 'bus/pci/devices/pf/driver_override' } as Step)).toBe('');
  });
});
