import { makeDriver } from '../../driver-core/index.ts';
import type { MachineDevice } from '../sysfs/device.ts';
import type { Machine } from './machine.ts';

/**
 * The devices that go away when a device's driver lets go of it: those behind a controller that makes a bus of its own,
 * such as VMD's, and virtual functions, where the driver removes them. None without a driver.
 */
export function removedWith(machine: Pick<Machine, 'devices'>, path: string): MachineDevice[] {
  const device = machine.devices.find((one) => one.path === path);
  if (!device?.driver || device.bus !== 'pci' || device.bridge) return [];
  const { removes } = makeDriver(device.bus, device.driver);
  return machine.devices.filter(
    (one) =>
      one.path.startsWith(`${path}/`) || (removes === 'vfs' && one.sriov !== null && one.sriov.physfn === device.name),
  );
}
