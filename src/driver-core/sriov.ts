import { errno, OK, type TraceEntry, type Transition, unknown } from './event.ts';
import { addDevices, removeFunctions } from './hotplug.ts';
import { DEVICES } from './lists/devices.ts';
import { factAbout } from './lists/facts.ts';
import {
  findDevice,
  findDriver,
  findGroup,
  groupMembers,
  listedDevice,
  possibleDrivers,
  seenTo,
  withDevice,
} from './lookup.ts';
import type { Device, Driver, KernelState, SriovFacts } from './state.ts';
import { kstrtobool, kstrtoul } from './text.ts';

const STORE = 'drivers/pci/iov.c:sriov_numvfs_store';

/** A write to sriov_numvfs: all functions at once, or none. The checks stand in the kernel's order. */
export function writeNumVfs(state: KernelState, device: Device, data: string): Transition {
  const say = (result: Transition['result'], text: string, rule = STORE): Transition => {
    return { state, result, trace: [{ rule, text, device: device.name }] };
  };
  const { numVfs, sriov } = device.pci!;
  const value = kstrtoul(data);
  if (value === null || value > 0xffffn) return say(errno('EINVAL'), 'expected a number of 16 bits');
  const count = Number(value);
  const most = sriov!.totalVfs;
  if (count > most) return say(errno('ERANGE'), `expected at most ${most} (sriov_totalvfs), found ${count}`);
  if (count === numVfs) return say(OK, `it has ${count} virtual functions already`);
  const possible = possibleDrivers(device.driver);
  if (possible.length > 1) return say(unknown('which driver the device has is not known'), 'not known');
  if (possible[0] === null) return say(errno('ENOENT'), 'the device has no driver to configure SR-IOV');
  const driver = findDriver(state, device.bus, possible[0]!);
  if (!driver) return say(unknown(`driver ${possible[0]} is not known`), 'not known');
  if (driver.sriovConfigure === 'no')
    return say(errno('ENOENT'), `${driver.name} does not support SR-IOV configuration through sysfs`);
  if (count > 0 && numVfs > 0) return say(errno('EBUSY'), `${numVfs} virtual functions are enabled: write 0 first`);
  if (driver.name === 'vfio-pci' && !state.enableSriov) {
    const text = 'the parameter enable_sriov of vfio-pci is off';
    return say(errno('ENOENT'), text, 'drivers/vfio/pci/vfio_pci.c:vfio_pci_sriov_configure');
  }
  if (count === 0) return removeFunctions(state, device);
  return enable(state, driver, device, count, say);
}

function enable(
  state: KernelState,
  driver: Driver,
  device: Device,
  count: number,
  say: (result: Transition['result'], text: string) => Transition,
): Transition {
  const { bus, name } = device;
  const fact = factAbout(state.evidence, { bus, driver: driver.name, device: name }, 'configure');
  const seen = fact?.configure;
  if (seen === undefined && driver.sriovConfigure === 'unknown') {
    const why = `whether ${driver.name} makes virtual functions is its own decision`;
    return say(unknown(why, [{ bus, driver: driver.name, device: name, about: 'configure' }]), why);
  }
  if (seen !== undefined && seen !== 'ok')
    return say(
      errno(seen),
      `${driver.name} ${seenTo(fact!, 'configure')} to refuse virtual functions of ${name} with ${seen}`,
    );
  const made = virtualFunctions(state, device, count);
  const taken = made.find((one) => findDevice(state, bus, one.name));
  if (taken) return say(unknown(`another device is called ${taken.name}`), 'not known');
  const groups = [...new Set(made.flatMap(({ group }) => group ?? []))].filter(
    (id) => groupMembers(state, id).length === 0,
  );
  const type = findGroup(state, device.group)?.type ?? 'unknown';
  const added = addDevices(
    {
      ...state,
      groups: [
        ...state.groups.filter(({ id }) => !groups.includes(id)),
        ...groups.map((id) => ({ id, bus, type, direct: false, file: null })),
      ],
    },
    made,
  );
  const trace: TraceEntry = {
    rule: 'drivers/pci/iov.c:sriov_enable',
    text: `${driver.name} makes ${made.map((one) => one.name).join(', ')}`,
    device: name,
  };
  // A device that was there may have been changed by what its functions did.
  const now = listedDevice(added.state, bus, name)!;
  const after = withDevice(added.state, bus, name, { pci: { ...now.pci!, numVfs: count } });
  return { state: after, result: OK, trace: [trace, ...added.trace] };
}

/**
 * The virtual functions that a physical one would get. What the state lists of them, though they are not there, is
 * taken over. The rest is the physical function's: vendor, class and subsystem (iov.c:pci_iov_add_virtfn; the SR-IOV
 * specification 3.4.1 leaves only the subsystem's device open), its parent, and a group by pci_device_group.
 */
function virtualFunctions(state: KernelState, device: Device, count: number): Device[] {
  const { pci, bus, name: physfn } = device;
  const taken = new Set(state.groups.flatMap(({ id }) => (groupMembers(state, id).length > 0 ? id : [])));
  return Array.from({ length: count }, (_, index): Device => {
    const name = functionName(physfn, pci!.sriov!, index);
    const listed = DEVICES.all(state.devices, 'name', name).find(
      (one) => one.bus === bus && one.pci?.physfn === physfn,
    );
    const group = listed?.group ?? newGroup(state, device, taken);
    if (group !== null) taken.add(group);
    const facts = { ...pci!, device: pci!.sriov!.vfDevice, bridge: false, numVfs: 0, physfn, sriov: null };
    return listed ? { ...listed, group } : { ...device, name, group, pci: { ...facts, vfsAutoprobe: true } };
  });
}

/**
 * A function's group: its physical one's where that shares it with a bridge above it, which has no ACS then, else one
 * of its own with the lowest free number. It has no other function to share it with: a virtual function does not count
 * as one of several (drivers/iommu/iommu.c:pci_device_group, drivers/pci/iov.c:pci_iov_add_virtfn).
 */
function newGroup(state: KernelState, { bus, parent, group }: Device, taken: ReadonlySet<string>): string | null {
  if (group === null) return null;
  const above = (name: string | null): Device[] => {
    const one = name === null ? undefined : findDevice(state, bus, name);
    return one ? [one, ...above(one.parent)] : [];
  };
  if (above(parent).some((one) => one.group === group)) return group;
  let id = 0;
  while (taken.has(String(id))) id++;
  return String(id);
}

/**
 * The name of a virtual function (drivers/pci/iov.c:pci_iov_virtfn_bus and pci_iov_virtfn_devfn): its routing id is so
 * many functions from that of the physical one, `0000:81:00.0` for instance. `index` begins with 0.
 */
export function functionName(physfn: string, { offset, stride }: SriovFacts, index: number): string {
  const [domain = '', bus = '', slot = '', fn = ''] = physfn.split(/[:.]/);
  const own = (Number.parseInt(bus, 16) << 8) | (Number.parseInt(slot, 16) << 3) | Number(fn);
  const id = own + offset + stride * index;
  const hex = (value: number) => value.toString(16).padStart(2, '0');
  return `${domain}:${hex(id >> 8)}:${hex((id >> 3) & 0x1f)}.${id & 7}`;
}

/**
 * A write to sriov_drivers_autoprobe (drivers/pci/iov.c:sriov_drivers_autoprobe_store); functions keep their drivers.
 */
export function writeVfsAutoprobe(state: KernelState, device: Device, data: string): Transition {
  const rule = 'drivers/pci/iov.c:sriov_drivers_autoprobe_store';
  const vfsAutoprobe = kstrtobool(data, state.release);
  if (vfsAutoprobe === 'unknown')
    return {
      state,
      result: unknown(`whether '${data[0]}' counts as yes or no`),
      trace: [{ rule, text: 'not known' }],
    };
  if (vfsAutoprobe === null)
    return { state, result: errno('EINVAL'), trace: [{ rule, text: 'expected 0 or 1', device: device.name }] };
  const after = withDevice(state, device.bus, device.name, { pci: { ...device.pci!, vfsAutoprobe } });
  return { state: after, result: OK, trace: [{ rule, text: vfsAutoprobe ? '1' : '0', device: device.name }] };
}
