import { errno, OK, type Transition, unknown } from './event.ts';
import { completeWaiting } from './groups.ts';
import { deviceCalled, findDriver, findGroup, groupMembers, ownerOf, possibleDrivers } from './lookup.ts';
import type { Device, DeviceFile, KernelState } from './state.ts';

/**
 * Files of devices, /dev/vfio/devices/vfioN, from 6.6 on where a kernel has CONFIG_VFIO_DEVICE_CDEV: Debian's have not,
 * so all of this was read in the kernel's source.
 */
function say(state: KernelState, result: Transition['result'], rule: string, text: string, device: string): Transition {
  return { state, result, trace: [{ rule, text, device, fromSource: true }] };
}

/** Whether a VFIO driver has the device, which is when the file is there. */
function isWithVfio(state: KernelState, device: Device): 'yes' | 'no' | 'unknown' {
  const vfio = possibleDrivers(device.driver).map(
    (name) => name !== null && findDriver(state, device.bus, name)?.vfio === true,
  );
  return vfio.every(Boolean) ? 'yes' : vfio.some(Boolean) ? 'unknown' : 'no';
}

/** open(2) of a device's file: any number of times, and of no effect but that its driver cannot let go of it. */
export function openCdev(state: KernelState, name: string, by: string): Transition {
  const rule = 'drivers/vfio/device_cdev.c:vfio_device_fops_cdev_open';
  if (!state.features.deviceFiles)
    return say(state, errno('ENOENT'), rule, 'this kernel has no files of devices', name);
  const device = deviceCalled(state, name);
  const vfio = device ? isWithVfio(state, device) : 'no';
  if (!device || vfio === 'no') return say(state, errno('ENOENT'), rule, 'it is not bound to a VFIO driver', name);
  if (vfio === 'unknown') return say(state, unknown(`what ${name} is bound to is not known`), rule, 'not known', name);
  if (device.group === null)
    return say(state, unknown('what a device without a group does'), rule, 'it has no group', name);
  const file: DeviceFile = { device: name, group: device.group, by, bound: false };
  return say({ ...state, deviceFiles: [...(state.deviceFiles ?? []), file] }, OK, rule, 'opened', name);
}

/**
 * VFIO_DEVICE_BIND_IOMMUFD: the group's DMA belongs to the iommufd, which a process has one of
 * (drivers/iommu/iommufd/device.c:iommufd_device_bind). Other devices of the group can follow with the same one.
 */
export function bindIommufd(state: KernelState, name: string, by: string): Transition {
  const rule = 'drivers/vfio/device_cdev.c:vfio_df_ioctl_bind_iommufd';
  const files = state.deviceFiles ?? [];
  const mine = files.find((file) => file.device === name && file.by === by && !file.bound);
  if (!mine && !files.some((file) => file.device === name && file.by === by))
    return say(state, errno('EBADF'), rule, `${by} has not opened it`, name);
  const group = findGroup(state, files.find((file) => file.device === name)!.group)!;
  if (group.file) {
    const block = 'drivers/vfio/group.c:vfio_device_block_group';
    return say(state, errno('EBUSY'), block, `${group.file.by} has the group open`, name);
  }
  if (!mine || files.some((file) => file.device === name && file.bound))
    return say(state, errno('EINVAL'), 'drivers/vfio/vfio_main.c:vfio_df_open', 'it is open already', name);
  const claim = 'drivers/iommu/iommu.c:iommu_device_claim_dma_owner';
  const owner = ownerOf(state, group.id);
  if (owner !== null && owner !== by)
    return say(state, errno('EPERM'), claim, `the group's DMA belongs to ${owner}`, name);
  if (owner === null) {
    const users = groupMembers(state, group.id).map(({ bus, name: member, driver }) => {
      const native = possibleDrivers(driver).map((one) => one !== null && !findDriver(state, bus, one)?.managedDma);
      return { text: `${member} has a driver of the host`, all: native.every(Boolean), some: native.some(Boolean) };
    });
    const user = users.find(({ all }) => all) ?? users.find(({ some }) => some);
    if (user) return say(state, user.all ? errno('EPERM') : unknown(user.text), claim, user.text, name);
    if (group.direct)
      return say(state, errno('EINVAL'), 'drivers/iommu/iommu.c:__iommu_device_set_domain', 'a direct region', name);
  }
  const deviceFiles = files.map((file) => (file === mine ? { ...file, bound: true } : file));
  return say({ ...state, deviceFiles }, OK, claim, `the group's DMA belongs to ${by}`, name);
}

/** The holder closes what it has open of a device; what waited for that goes on. */
export function closeCdev(state: KernelState, name: string, by: string): Transition {
  const rule = 'drivers/vfio/vfio_main.c:vfio_device_fops_release';
  const deviceFiles = (state.deviceFiles ?? []).filter((file) => file.device !== name || file.by !== by);
  if (deviceFiles.length === (state.deviceFiles ?? []).length)
    return say(state, errno('EBADF'), rule, `${by} has not opened it`, name);
  const closed = completeWaiting({ ...state, deviceFiles }, ({ device }) => device === name);
  return { ...closed, result: OK, trace: [{ rule, text: 'closed', device: name, fromSource: true }, ...closed.trace] };
}
