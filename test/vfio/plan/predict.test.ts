import { describe, expect, test } from 'vitest';
import { planRestore } from '../../../src/vfio/change/restore.ts';
import { readMachine } from '../../../src/vfio/plan/machine.ts';
import { type BindRequest, planBind } from '../../../src/vfio/plan/plan.ts';
import type { Plan } from '../../../src/vfio/plan/plan-types.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { type DeviceDescription, type MachineDescription, readMachine as recorded } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

/** A recorded machine with some of its devices changed. */
function changed(
  name: string,
  devices: Readonly<Record<string, Partial<DeviceDescription>>>,
  rest: Partial<MachineDescription> = {},
): MachineDescription {
  const machine = recorded(name);
  const described = machine.devices.map((device) => ({
    ...device,
    ...devices[device.path.slice(device.path.lastIndexOf('/') + 1)],
  }));
  return { ...machine, ...rest, devices: described };
}

const onVfio: Partial<DeviceDescription> = { driver: 'vfio-pci', attributes: { driver_override: 'vfio-pci' } };
const results = ({ predicted }: Plan) => predicted.steps.map(({ result }) => result);

function restored(machine: MachineDescription, ...names: string[]): Plan {
  const { roots } = machineRoot(machine);
  const devices = names.map((name) => findDevice(roots.sysfs, name).device);
  const native = (name: string) => (name.startsWith('0000:04') ? 'e1000' : 'e1000e');
  return planRestore(
    readMachine(roots, devices),
    devices.map(({ path, name }) => ({ path, to: { driver: native(name), override: null }, module: null, seen: true })),
  );
}

function bound(machine: string | MachineDescription, name: string, request: Omit<BindRequest, 'path'>): Plan {
  const { roots } = machineRoot(machine);
  const { device } = findDevice(roots.sysfs, name);
  return planBind(readMachine(roots, [device]), [{ path: device.path, ...request }]);
}

describe('predict: a process that holds a group', () => {
  const alone = '0000:01:00.0';
  const [one, two] = ['0000:04:01.0', '0000:04:02.0'] as const;
  const vm = { '77/comm': 'qemu\n' };
  const group = (id: number) => ({ '77/fd/9': `/dev/vfio/${id}`, '77/fd/8': '/dev/vfio/vfio' });
  const device = { '77/fd/10': 'anon_inode:[vfio-device]' };

  test('predict says that the unbind of its device waits, and what comes after it is not taken', () => {
    const plan = restored(
      changed('viommu-guest', { [alone]: onVfio }, { proc: vm, procLinks: { ...group(6), ...device } }),
      alone,
    );
    expect(results(plan)).toEqual(['ok', 'blocks', 'not-taken', 'not-taken']);
    expect(plan.predicted.steps[1]).toMatchObject({
      rule: 'drivers/vfio/vfio_main.c:vfio_unregister_group_dev',
      text: 'waits until process 77 (qemu) closes the device',
    });
    expect(plan.predicted.devices).toEqual([{ name: alone, driver: 'vfio-pci' }]);
    expect(plan.warnings.map(({ code, blocks }) => [code, blocks])).toEqual([
      ['held', 'in-use'],
      ['waits', 'in-use'],
    ]);
  });

  test('predict says that a native driver is refused where another device of the group is in use', () => {
    const machine = changed(
      'viommu-guest',
      { [one]: onVfio, [two]: { ...onVfio, driver: 'pci-stub' } },
      { proc: vm, procLinks: { ...group(8), ...device } },
    );
    const plan = restored(machine, two);
    expect(results(plan)).toEqual(['ok', 'ok', 'EBUSY', 'not-taken']);
    expect(plan.predicted.steps[2]!.text).toBe("the group's DMA belongs to process 77 (qemu)");
  });

  test('predict does not know of which of two devices the descriptor is', () => {
    const machine = changed(
      'viommu-guest',
      { [one]: onVfio, [two]: onVfio },
      { proc: vm, procLinks: { ...group(8), ...device } },
    );
    const plan = restored(machine, two);
    expect(results(plan)).toEqual(['ok', 'unknown', 'unknown', 'not-taken']);
    expect(plan.predicted.steps[1]!.text).toBe('it depends on what process 77 (qemu) has open');
    expect(plan.predicted.devices).toEqual([{ name: two, driver: 'unknown' }]);
  });

  test('predict goes by what the descriptor says where the kernel tells it', () => {
    const at = (name: string) => `vfio-device-syspath: /sys/devices/pci0000:00/0000:00:04.0/0000:03:00.0/${name}\n`;
    const machine = (name: string) =>
      changed(
        'viommu-guest',
        { [one]: onVfio, [two]: onVfio },
        { proc: { ...vm, '77/fdinfo/10': at(name) }, procLinks: { ...group(8), ...device } },
      );
    expect(results(restored(machine(two), two))[1]).toBe('blocks');
    expect(results(restored(machine(one), two)).slice(0, 3)).toEqual(['ok', 'ok', 'EBUSY']);
  });

  test('predict says that a device whose own file is open waits', () => {
    const machine = changed(
      'viommu-guest',
      { [alone]: onVfio },
      {
        sysfs: {
          'devices/pci0000:00/0000:00:02.0/0000:01:00.0/vfio-dev/vfio3/uevent': 'DEVNAME=vfio/devices/vfio3\n',
        },
        procLinks: { '77/fd/4': '/dev/vfio/devices/vfio3', '77/fd/5': '/dev/iommu' },
      },
    );
    expect(results(restored(machine, alone))[1]).toBe('blocks');
  });

  test('predict has nothing against a group that is open and nothing else', () => {
    const machine = changed('viommu-guest', { [alone]: onVfio }, { procLinks: { '77/fd/9': '/dev/vfio/6' } });
    expect(results(restored(machine, alone))).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  test('predict says that the last device of a group leaves the container of its holder, and before 6.1 may wait', () => {
    const container = changed('viommu-guest', { [alone]: onVfio }, { procLinks: group(6) });
    expect(results(restored(container, alone))).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(results(restored({ ...container, release: '6.0.0' }, alone))).toEqual([
      'ok',
      'unknown',
      'unknown',
      'unknown',
    ]);
    const shared = changed('viommu-guest', { [one]: onVfio, [two]: onVfio }, { procLinks: group(8) });
    expect(results(restored(shared, two))).toEqual(['ok', 'ok', 'unknown', 'unknown']);
  });
});

describe('predict: a driver whose module is loaded first', () => {
  const free = '0000:00:1f.3';
  const without = (name: string, driver: string) => {
    const machine = recorded(name);
    const { [driver]: _gone, ...pci } = machine.drivers.pci!;
    return { ...machine, drivers: { ...machine.drivers, pci } };
  };

  test('predict knows pci-stub by its name: it takes every device, and does not keep the group from VFIO', () => {
    const plan = bound(without('viommu-guest', 'pci-stub'), free, { driver: 'pci-stub', module: 'pci_stub' });
    expect(results(plan)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(plan.predicted.groups).toEqual([{ id: '5', viable: 'yes', blockers: [] }]);
  });

  test('predict does not take uio_pci_generic for a VFIO driver', () => {
    const plan = bound(without('viommu-guest', 'uio_pci_generic'), free, {
      driver: 'uio_pci_generic',
      module: 'uio_pci_generic',
    });
    expect(results(plan)).toEqual(['ok', 'ok', 'unknown', 'unknown']);
    expect(plan.predicted.groups).toEqual([
      { id: '5', viable: 'unknown', blockers: [{ device: free, driver: 'uio_pci_generic' }] },
    ]);
  });

  test('predict takes a driver that is not known by name for a variant of vfio-pci where the request says so', () => {
    const request = { driver: 'some-vfio', module: 'some_vfio' };
    const viable = (plan: Plan) => plan.predicted.groups[0]!.viable;
    expect(viable(bound('viommu-guest', free, { ...request, vfio: true }))).toBe('yes');
    expect(viable(bound('viommu-guest', free, request))).toBe('unknown');
  });

  test('predict lets the module bind a free device whose override names its driver, unless autoprobe is off', () => {
    const machine = (autoprobe: string) => ({
      ...changed(
        'viommu-guest',
        { [free]: { attributes: { driver_override: 'vfio-pci' } } },
        { sysfs: { 'bus/pci/drivers_autoprobe': autoprobe } },
      ),
      drivers: { pci: { pcieport: null } },
    });
    const request = { driver: 'vfio-pci', module: 'vfio_pci' };
    const probed = bound(machine('1\n'), free, request);
    expect(results(probed)).toEqual(['ok', 'ok', 'ok']);
    expect(probed.predicted.steps[1]).toMatchObject({ text: 'bound when the module was loaded' });
    const left = bound(machine('0\n'), free, request);
    expect(results(left)).toEqual(['ok', 'ok', 'ok']);
    expect(left.predicted.steps[1]).toMatchObject({ text: 'registered with VFIO' });
  });
});

test("predict goes by vfio-pci's disable_denylist", () => {
  const qat = {
    ...onVfio,
    driver: 'e1000e',
    attributes: { modalias: 'pci:v00008086d000019E2sv00008086sd00000000bc0Bsc40i00', class: '0x0b4000' },
  };
  const request = { driver: 'vfio-pci', module: null };
  const machine = (modules: NonNullable<MachineDescription['modules']>) =>
    changed('viommu-guest', { '0000:01:00.0': qat }, { modules });
  expect(results(bound(machine({}), '0000:01:00.0', request)).slice(0, 3)).toEqual(['ok', 'ok', 'EINVAL']);
  const off = machine({ vfio_pci: { disable_denylist: 'Y' } });
  expect(results(bound(off, '0000:01:00.0', request))).toEqual(['ok', 'ok', 'ok', 'ok']);
});
