import { describe, expect, test } from 'vitest';
import { type Machine, readMachine } from '../../../src/vfio/plan/machine.ts';
import { type BindRequest, planBind } from '../../../src/vfio/plan/plan.ts';
import type { Plan } from '../../../src/vfio/plan/plan-types.ts';
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
