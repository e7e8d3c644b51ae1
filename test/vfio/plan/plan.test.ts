import { describe, expect, test } from 'vitest';
import { planRestore } from '../../../src/vfio/change/restore.ts';
import { readMachine } from '../../../src/vfio/plan/machine.ts';
import { type PlanOptions, planBind } from '../../../src/vfio/plan/plan.ts';
import type { Plan } from '../../../src/vfio/plan/plan-types.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import type { MachineDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

function plan(
  machine: string | MachineDescription,
  names: readonly string[],
  options: PlanOptions = {},
  driver = 'vfio-pci',
  kernel?: string,
): Plan {
  const { roots } = machineRoot(machine);
  const devices = names.map((name) => findDevice(roots.sysfs, name).device);
  const read = readMachine({ ...roots, ...(kernel === undefined ? {} : { release: kernel }) }, devices);
  const module = driver.replaceAll('-', '_');
  return planBind(
    read,
    devices.map(({ path }) => ({ path, driver, module })),
    options,
  );
}

const lines = ({ steps }: Pick<Plan, 'steps'>) => steps.map(text);
const text = (step: Plan['steps'][number]) =>
  step.op === 'write'
    ? `${step.path} <- ${JSON.stringify(step.data)}`
    : step.op === 'modprobe'
      ? `modprobe ${step.module}`
      : step.op === 'functions'
        ? `${step.device} has ${step.functions}`
        : `${step.device} on ${step.driver}`;
const codes = ({ warnings }: Plan) => warnings.map(({ code, about }) => `${code} ${about}`);

test('planBind sets the override, unbinds, binds and looks', () => {
  expect(lines(plan('viommu-guest', ['0000:01:00.0']))).toEqual([
    'bus/pci/devices/0000:01:00.0/driver_override <- "vfio-pci\\n"',
    'bus/pci/drivers/e1000e/unbind <- "0000:01:00.0"',
    'bus/pci/drivers/vfio-pci/bind <- "0000:01:00.0"',
    '0000:01:00.0 on vfio-pci',
  ]);
});

test('planBind takes back with the override first, the last device first', () => {
  const { rollback } = plan('viommu-guest', ['0000:04:01.0', '0000:04:02.0']);
  expect(rollback.map(text)).toEqual([
    'bus/pci/devices/0000:04:02.0/driver_override <- "\\n"',
    'bus/pci/drivers/vfio-pci/unbind <- "0000:04:02.0"',
    'bus/pci/drivers/e1000/bind <- "0000:04:02.0"',
    '0000:04:02.0 on e1000',
    'bus/pci/devices/0000:04:01.0/driver_override <- "\\n"',
    'bus/pci/drivers/vfio-pci/unbind <- "0000:04:01.0"',
    'bus/pci/drivers/e1000/bind <- "0000:04:01.0"',
    '0000:04:01.0 on e1000',
  ]);
});

test('planBind loads a module once, and only while its driver is not registered', () => {
  expect(
    lines(plan('intel-desktop', ['0000:01:00.0', '0000:01:00.1'])).filter((line) => line.startsWith('modprobe')),
  ).toEqual(['modprobe vfio_pci']);
});

test('planBind writes nothing for a device that its driver has already', () => {
  const already = plan('noiommu-mode', ['0000:00:04.0']);
  expect(already).toMatchObject({ steps: [], rollback: [], runnable: true, devices: [{ already: true }] });
});

test('planBind binds a device without a driver without an unbind', () => {
  expect(lines(plan('viommu-guest', ['0000:00:1f.3']))).toHaveLength(3);
});

test.each([
  'viommu-guest',
  'intel-desktop',
  'sriov-server',
  'arm64-soc',
  's390x',
  'two-domains',
  'old-kernel',
  'cdx-board',
])('planBind never writes to new_id or drivers_probe, never nothing, and never a short address (%s)', (machine) => {
  const { roots } = machineRoot(machine);
  const devices = ['pci', 'platform', 'amba', 'fsl-mc', 'css', 'cdx'].flatMap((bus) =>
    roots.sysfs
      .list(`bus/${bus}/devices`)
      .map((name) => findDevice(roots.sysfs, `/sys/bus/${bus}/devices/${name}`).device),
  );
  const made = planBind(
    readMachine(roots, devices),
    devices.map(({ path }) => ({ path, driver: 'vfio-pci', module: 'vfio_pci' })),
  );
  const writes = [...made.steps, ...made.rollback].flatMap((step) => (step.op === 'write' ? step : []));
  expect(writes.length).toBeGreaterThan(0);
  for (const { path, data, device } of writes) {
    expect(path).toMatch(/^bus\/[^/]+\/(?:drivers\/[^/]+\/(?:un)?bind|devices\/[^/]+\/driver_override)$/);
    expect(path.endsWith('bind') ? data : 'override').toBe(path.endsWith('bind') ? device : 'override');
    expect(data).not.toBe('');
  }
});

describe('planBind warns of', () => {
  test.each([
    [
      'a disk that holds a mounted file system, through device mapper',
      'intel-desktop',
      '0000:02:00.0',
      ['mounted 0000:02:00.0', 'mounted 0000:02:00.0'],
    ],
    ['the card of the default route', 'intel-desktop', '0000:03:00.0', ['default-route 0000:03:00.0']],
    [
      'the default route through a bridge, the file system on btrfs, and the group',
      'amd-desktop',
      '0000:06:00.0',
      ['default-route 0000:06:00.0', 'not-viable group 14'],
    ],
    [
      "swap and a mount whose number is btrfs's own",
      'amd-desktop',
      '0000:08:00.0',
      ['mounted 0000:08:00.0', 'swap 0000:08:00.0', 'not-viable group 14'],
    ],
    [
      'both cards below a bond',
      'sriov-server',
      '0000:81:00.1',
      ['default-route 0000:81:00.1', 'other-functions 0000:81:00.1'],
    ],
    [
      'the boot display, a process that holds it, and its direct region',
      'intel-desktop',
      '0000:00:02.0',
      ['held 0000:00:02.0', 'boot-display 0000:00:02.0', 'direct-region group 2'],
    ],
    ['another member of the group in use', 'viommu-guest', '0000:04:01.0', ['not-viable group 8']],
    [
      'virtual functions that go away with the driver, one of them in use',
      'sriov-server',
      '0000:81:00.0',
      [
        'default-route 0000:81:00.0',
        'held 0000:81:00.0',
        'goes-away 0000:81:00.0',
        'vfs-enabled 0000:81:00.0',
        'other-functions 0000:81:00.0',
      ],
    ],
    ['a machine without an IOMMU', 'no-iommu', '0000:00:1f.2', ['refused 0000:00:1f.2', 'no-iommu 0000:00:1f.2']],
    ['the unsafe mode without an IOMMU', 'noiommu-mode', '0000:00:03.0', ['noiommu 0000:00:03.0']],
    ['a bridge, which VFIO refuses', 'viommu-guest', '0000:03:00.0', ['refused 0000:03:00.0', 'not-viable group 8']],
    ['an ACS override', 'acs-override', '0000:07:00.0', ['kernel-command-line machine']],
    [
      'a bus whose devices are not moved by an override',
      's390x',
      '03.0005',
      ['unsupported-bus 03.0005', 'not-vfio 03.0005'],
    ],
  ])('%s', (_what, machine, device, expected) => {
    const made = plan(machine, [device]);
    expect(codes(made)).toEqual(expected);
    const blocking = /^(?:mounted|swap|default-route|held|boot-display|refused|unsupported-bus) /;
    expect(made.runnable).toBe(!expected.some((code) => blocking.test(code)));
  });

  test('nothing where all members of a group move', () => {
    expect(plan('viommu-guest', ['0000:04:01.0', '0000:04:02.0']).warnings).toEqual([]);
  });
});

test('planBind warns where the rules of the kernel are not known', () => {
  const under = (kernel: string) =>
    codes(plan('viommu-guest', ['0000:04:01.0', '0000:04:02.0'], {}, 'vfio-pci', kernel));
  expect(under('7.4.0')).toEqual(['release machine']);
  expect(under('5.4.0')).toContain('release machine');
  expect(under('7.3.1')).toEqual([]);
  expect(under('5.10.0')).not.toContain('release machine');
});

test('planBind moves what is in use when it is asked to, but never what the kernel refuses', () => {
  expect(plan('intel-desktop', ['0000:02:00.0']).runnable).toBe(false);
  expect(plan('intel-desktop', ['0000:02:00.0'], { allowInUse: true }).runnable).toBe(true);
  expect(plan('viommu-guest', ['0000:03:00.0'], { allowInUse: true }).runnable).toBe(false);
});

test('planBind predicts each step and the state after it', () => {
  const { predicted } = plan('viommu-guest', ['0000:04:01.0']);
  expect(predicted.steps.map(({ result }) => result)).toEqual(['ok', 'ok', 'ok', 'ok']);
  expect(predicted.devices).toEqual([{ name: '0000:04:01.0', driver: 'vfio-pci' }]);
  expect(predicted.groups).toEqual([
    { id: '8', viable: 'no', blockers: [{ device: '0000:04:02.0', driver: 'e1000' }] },
  ]);
});

test('planBind predicts that a bridge is refused, by the rule of the kernel', () => {
  const { predicted, warnings } = plan('viommu-guest', ['0000:03:00.0']);
  expect(predicted.steps.map(({ result }) => result)).toEqual(['ok', 'EINVAL', 'not-taken']);
  expect(warnings[0]?.message).toMatch(
    /bind will end with EINVAL: the device is a bridge \(drivers\/vfio\/pci\/vfio_pci_core.c/,
  );
});

test('planBind does not know what a variant decides in its own probe', () => {
  const { predicted } = plan('sriov-server', ['0000:81:00.2'], {}, 'mlx5_vfio_pci');
  expect(predicted.devices).toEqual([{ name: '0000:81:00.2', driver: 'unknown' }]);
});

test('planBind is refused where the driver is not registered and no module is known to contain it', () => {
  const { roots } = machineRoot('intel-desktop');
  const { device } = findDevice(roots.sysfs, '0000:01:00.0');
  const made = planBind(readMachine(roots, [device]), [{ path: device.path, driver: 'nothing', module: null }]);
  expect(made.runnable).toBe(false);
  expect(codes(made)).toContain('no-driver 0000:01:00.0');
});

test('planBind takes a device that is named twice once', () => {
  expect(plan('viommu-guest', ['0000:01:00.0', '01:00.0']).devices).toHaveLength(1);
});

test('planRestore clears an override with a newline and loads the old module where it is gone', () => {
  const { roots } = machineRoot('noiommu-mode');
  const { device } = findDevice(roots.sysfs, '0000:00:04.0');
  const made = planRestore(readMachine(roots, [device]), [
    { path: device.path, to: { driver: 'e1000e', override: null }, module: 'e1000e' },
  ]);
  expect(lines(made)).toEqual([
    'modprobe e1000e',
    'bus/pci/devices/0000:00:04.0/driver_override <- "\\n"',
    'bus/pci/drivers/vfio-pci/unbind <- "0000:00:04.0"',
    'bus/pci/drivers/e1000e/bind <- "0000:00:04.0"',
    '0000:00:04.0 on e1000e',
  ]);
});
