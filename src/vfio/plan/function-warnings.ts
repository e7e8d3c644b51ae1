import { makeDriver } from '../../driver-core/index.ts';
import { driverLike } from '../sysfs/model.ts';
import { pciIds } from '../sysfs/pci-ids.ts';
import { isMade } from './functions.ts';
import type { Machine } from './machine.ts';
import type { PlannedDevice, Step, Warning } from './plan-types.ts';

/** What is not certain of the virtual functions that a plan makes of a device. */
export function functionNotes(devices: readonly PlannedDevice[], device: PlannedDevice): Warning[] {
  const made = devices.filter((one) => one.physfn === device.name && isMade(one));
  if (made.length === 0) return [];
  const note = (message: string): Warning => ({ code: 'vfs-predicted', about: device.name, message, blocks: null });
  const { vendor, device: id } = pciIds(made[0]!.modalias) ?? { vendor: '?', device: '?' };
  const groups = made[0]!.group === null ? '' : ', and IOMMU groups as the kernel numbers new ones';
  const notes = [
    note(
      `its virtual functions are predicted: addresses by sriov_offset and sriov_stride, ids ${vendor}:${id} by sriov_vf_device${groups}; where the addresses are others, bind takes all back`,
    ),
  ];
  const { driver } = device.before;
  if (driver !== null && makeDriver(device.bus, driver).sriovConfigure === 'unknown')
    notes.push(note(`whether ${driver} makes virtual functions through sysfs is not known; it is tried`));
  return notes;
}

/** What to do where the kernel would refuse to make or remove virtual functions; empty for any other step. */
export function adviceOnStep(machine: Machine, step: Step): string {
  if (step.op !== 'write' || !step.path.endsWith('/sriov_numvfs')) return '';
  const { name = '', driver = null } = machine.devices.find((one) => one.name === step.device) ?? {};
  if (driver === null)
    return `; only its native driver makes and removes virtual functions, so bind it to that first: echo ${name} > /sys/bus/pci/drivers_probe`;
  const registered = machine.drivers.find((one) => one.bus === 'pci' && one.name === driver);
  if (driverLike('pci', driver, registered?.vfio === true).vfio)
    return `; give it back to its native driver first: modalias vfio restore ${name}`;
  return `; see whether the module of ${driver} has a parameter for it (modinfo -p), make them with that, and bind them by their names`;
}
