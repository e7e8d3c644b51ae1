import { needObject, needText } from '../arguments.ts';
import { errno, OK, type Result, type TraceEntry, type Transition, unknown } from './event.ts';
import { detachedAfterClose } from './hotplug.ts';
import { findDriver, findGroup, groupMembers, ownerOf, possibleDrivers, withGroup } from './lookup.ts';
import type { Decision, Device, GroupFile, IommuGroup, KernelState, Waiting } from './state.ts';

/** Whether userspace may own a group now, and the members whose drivers prevent it. */
export interface Viability {
  readonly viable: Decision;
  readonly blockers: readonly { readonly device: string; readonly driver: string }[];
}

/**
 * From 5.19 on a member blocks while a driver that does not manage its own DMA is bound to it
 * (drivers/iommu/iommu.c:iommu_group_claim_dma_owner). Before, every member had to be driverless, bound to a VFIO
 * driver or to pci-stub, or be a bridge (drivers/vfio/vfio.c:vfio_dev_viable).
 */
export function groupViability(state: KernelState, id: string): Viability {
  needObject('state', state, 'devices', 'groups');
  needText('id', id);
  const blockers: { device: string; driver: string }[] = [];
  let sure = false;
  for (const device of groupMembers(state, id)) {
    const possible = possibleDrivers(device.driver);
    const blocking = possible.filter((name) => name !== null && blocks(state, device, name));
    for (const name of blocking) blockers.push({ device: device.name, driver: name! });
    if (blocking.length === possible.length) sure = true;
  }
  return { viable: sure ? 'no' : blockers.length > 0 ? 'unknown' : 'yes', blockers };
}

function blocks(state: KernelState, device: Device, driver: string): boolean {
  const known = findDriver(state, device.bus, driver);
  if (state.features.dmaOwnership) return !known?.managedDma;
  return !(known?.vfio || driver === 'pci-stub' || device.pci?.bridge);
}

/** VFIO_GROUP_GET_STATUS: the VFIO_GROUP_FLAGS_ bits, viable 1 and container set 2; null where not known. */
export function groupStatus(state: KernelState, id: string): number | null {
  needObject('state', state, 'devices', 'groups');
  needText('id', id);
  const viable = groupViability(state, id).viable;
  const container = findGroup(state, id)?.file?.container ?? false;
  if (container && state.features.dmaOwnership) return 3;
  if (viable === 'unknown') return null;
  return (viable === 'yes' ? 1 : 0) | (container ? 2 : 0);
}

function answer(state: KernelState, result: Result, rule: string, text: string): Transition {
  return { state, result, trace: [{ rule, text }] };
}

function withFile(state: KernelState, group: IommuGroup, change: Partial<GroupFile>): KernelState {
  return withGroup(state, group.id, { file: { ...group.file!, ...change } });
}

/** open(2) of /dev/vfio/GROUP: there while a member is bound to a VFIO driver, and for one process at a time. */
export function openGroup(state: KernelState, id: string, by: string): Transition {
  const rule = 'drivers/vfio/group.c:vfio_group_fops_open';
  const group = findGroup(state, id);
  const vfio = (name: string | null) => name !== null && findDriver(state, group!.bus, name)?.vfio === true;
  const members = group ? groupMembers(state, id).map((d) => possibleDrivers(d.driver)) : [];
  if (!group || !members.some((possible) => possible.some(vfio)))
    return answer(state, errno('ENOENT'), rule, 'no member is bound to a VFIO driver, so there is no file');
  if (!members.some((possible) => possible.every(vfio)))
    return answer(state, unknown('whether a member is bound to a VFIO driver is not known'), rule, 'not known');
  if (group.file) return answer(state, errno('EBUSY'), rule, `${group.file.by} has it open`);
  const owner = ownerOf(state, id);
  if (owner !== null) return answer(state, errno('EBUSY'), rule, `${owner} has the file of a member open`);
  const file: GroupFile = { by, container: false, iommu: false, devices: [] };
  return answer(withGroup(state, id, { file }), OK, rule, 'opened');
}

/** VFIO_GROUP_SET_CONTAINER: from 5.19 on this is where the group's DMA changes hands. */
export function setContainer(state: KernelState, id: string): Transition {
  const rule = 'drivers/vfio/container.c:vfio_container_attach_group';
  const group = findGroup(state, id);
  if (!group?.file) return answer(state, errno('EBADF'), rule, 'nobody has the group open');
  if (group.file.container) return answer(state, errno('EINVAL'), rule, 'a container is set already');
  if (state.features.dmaOwnership) {
    const { viable, blockers } = groupViability(state, id);
    const who = blockers.map((b) => `${b.device} is bound to ${b.driver}`).join(', ');
    const claim = 'drivers/iommu/iommu.c:iommu_group_claim_dma_owner';
    if (viable === 'no') return answer(state, errno('EPERM'), claim, who);
    if (viable === 'unknown') return answer(state, unknown(`perhaps ${who}`), claim, who);
    if (group.direct && state.features.directRefused)
      return answer(state, errno('EINVAL'), 'drivers/iommu/iommu.c:__iommu_device_set_domain', 'a direct region');
    if (group.direct) return answer(state, unknown('a member has a direct reserved region'), claim, 'a direct region');
  }
  return answer(withFile(state, group, { container: true }), OK, rule, `the group belongs to ${group.file.by}`);
}

/** VFIO_SET_IOMMU on the container. */
export function setIommu(state: KernelState, id: string): Transition {
  const rule = 'drivers/vfio/container.c:vfio_ioctl_set_iommu';
  const group = findGroup(state, id);
  if (!group?.file?.container || group.file.iommu)
    return answer(state, errno('EINVAL'), rule, 'no group in the container, or set already');
  const type1 = state.modules.find((m) => m.name === 'vfio_iommu_type1');
  if (type1 && !type1.loaded) return answer(state, errno('ENODEV'), rule, 'vfio_iommu_type1 is not loaded');
  return answer(withFile(state, group, { iommu: true }), OK, rule, 'set');
}

/** VFIO_GROUP_GET_DEVICE_FD. */
export function getDevice(state: KernelState, id: string, name: string): Transition {
  const rule = 'drivers/vfio/group.c:vfio_group_ioctl_get_device_fd';
  const group = findGroup(state, id);
  if (!group?.file) return answer(state, errno('EBADF'), rule, 'nobody has the group open');
  const device = groupMembers(state, id).find((d) => d.name === name);
  const vfio = possibleDrivers(device?.driver ?? null).map(
    (driver) => driver !== null && findDriver(state, group.bus, driver)?.vfio === true,
  );
  if (state.waiting.some((w) => w.device === name)) return answer(state, unknown('it is being unbound'), rule, name);
  if (state.features.dmaOwnership && !vfio.includes(true))
    return answer(state, errno('ENODEV'), rule, `${name} is not bound to a VFIO driver`);
  const perhaps = () => answer(state, unknown(`what ${name} is bound to is not known`), rule, name);
  if (!group.file.iommu) {
    if (state.features.dmaOwnership && vfio.includes(false)) return perhaps();
    return answer(state, errno('EINVAL'), rule, 'no IOMMU is set');
  }
  if (!state.features.dmaOwnership) {
    const { viable } = groupViability(state, id);
    if (viable === 'no') return answer(state, errno('EINVAL'), 'drivers/vfio/vfio.c:vfio_group_viable', 'not viable');
    if (viable === 'unknown') return answer(state, unknown('whether the group is viable is not known'), rule, name);
    if (!vfio.includes(true)) return answer(state, errno('ENODEV'), rule, `${name} is not bound to a VFIO driver`);
  }
  if (vfio.includes(false)) return perhaps();
  const devices = [...group.file.devices, name];
  return answer(withFile(state, group, { devices }), OK, rule, `${name} is open`);
}

/** The holder closes everything it has open of a group; every unbind that waited for it completes. */
export function closeGroup(state: KernelState, id: string): Transition {
  const rule = 'drivers/vfio/group.c:vfio_group_fops_release';
  const closed = completeWaiting(withGroup(state, id, { file: null }), ({ group }) => group === id);
  return { ...closed, result: OK, trace: [{ rule, text: `group ${id} is closed` }, ...closed.trace] };
}

/** Completes what waited for a file that is closed now: unbinds, and removals of devices. */
export function completeWaiting(
  state: KernelState,
  isDue: (waiting: Waiting) => boolean,
): Pick<Transition, 'state' | 'trace'> {
  const trace: TraceEntry[] = [];
  let now: KernelState = { ...state, waiting: state.waiting.filter((one) => !isDue(one)) };
  for (const one of state.waiting.filter(isDue)) {
    const done = detachedAfterClose(now, one);
    now = done.state;
    trace.push(...done.trace);
  }
  return { state: now, trace };
}

/** A write to kernel/iommu_groups/GROUP/type (drivers/iommu/iommu.c:iommu_group_store_type). */
export function writeType(state: KernelState, group: IommuGroup, data: string): Transition {
  const rule = 'drivers/iommu/iommu.c:iommu_group_store_type';
  const text = data.split('\0', 1)[0]!.replace(/\n$/, '');
  if (!['identity', 'DMA', 'DMA-FQ', 'auto'].includes(text))
    return answer(state, errno('EINVAL'), rule, `'${text}' is not a type`);
  const members = groupMembers(state, group.id);
  if (text === 'DMA-FQ' && group.type === 'DMA' && (state.features.typeOfLargeGroups || members.length === 1))
    return answer(withGroup(state, group.id, { type: 'DMA-FQ' }), OK, rule, 'a flush queue is added');
  if (!state.features.typeOfLargeGroups) {
    if (members.length !== 1) return answer(state, errno('EINVAL'), rule, 'the group has not exactly one device');
    const possible = possibleDrivers(members[0]!.driver);
    if (!possible.includes(null)) return answer(state, errno('EBUSY'), rule, 'the device has a driver');
    if (possible.length > 1) return answer(state, unknown('whether the device has a driver is not known'), rule, text);
  } else {
    const { viable } = groupViability(state, group.id);
    if (viable === 'no' || ownerOf(state, group.id) !== null || members.length === 0)
      return answer(state, errno('EPERM'), rule, 'the group is in use');
    if (viable === 'unknown') return answer(state, unknown('whether the group is in use is not known'), rule, text);
  }
  if (text === 'auto')
    return answer(state, unknown('the type that the firmware or the command line asks for is not known'), rule, text);
  return answer(withGroup(state, group.id, { type: text }), OK, rule, `the type is ${text}`);
}
