import { type Driver, type Device as ModelDevice, makeDevice, makeDriver, pciFacts } from '../../driver-core/index.ts';
import { type GroupMember, type MachineDevice, pciBridge } from './device.ts';

/** A device as the driver-core model has it; SR-IOV is known of a MachineDevice only. */
export function modelDevice(device: GroupMember | MachineDevice, bus: string): ModelDevice {
  return makeDevice(bus, device.name, {
    override: ('override' in device ? device.override : null) ?? null,
    driver: device.driver,
    group: device.group,
    pci: bus === 'pci' || bus === 'cdx' ? factsOf(device) : null,
  });
}

function factsOf(device: GroupMember | MachineDevice): ModelDevice['pci'] {
  const ids = /^(?:pci|cdx):v([0-9A-F]+)d([0-9A-F]+)sv([0-9A-F]+)sd([0-9A-F]+)/.exec(device.modalias ?? '');
  const [vendor = 0, id = 0, subvendor = 0, subdevice = 0] =
    ids?.slice(1).map((text) => Number.parseInt(text, 16)) ?? [];
  const sriov = 'sriov' in device ? device.sriov : {};
  const bridge = ('bridge' in device ? device.bridge : null) ?? pciBridge(device) === 'bus';
  return pciFacts(vendor, id, { subvendor, subdevice, class: device.class ?? 0, bridge, ...sriov });
}

/** A driver that is not known by its name counts as a variant of vfio-pci where the machine shows it as one. */
export function driverLike(bus: string, name: string, vfio: boolean, rest: Partial<Driver> = {}): Driver {
  return makeDriver(bus, name, { ...(vfio && !makeDriver(bus, name).vfio ? VARIANT : {}), ...rest });
}

/** What holds for every driver that registers its devices with VFIO. */
const VARIANT: Partial<Driver> = { vfio: true, managedDma: true, probe: 'vfio-variant' };
