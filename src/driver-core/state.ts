import type { Release } from '../release.ts';
import type { KernelFeatures } from './features.ts';
import type { Policy } from './policy.ts';

/** Error names as errno(3) spells them; only those that the modelled files and calls return. */
export type Errno =
  | 'EACCES'
  | 'EAGAIN'
  | 'EBADF'
  | 'EBUSY'
  | 'EEXIST'
  | 'EINVAL'
  | 'ENODEV'
  | 'ENOENT'
  | 'EPERM'
  | 'EPROBE_DEFER'
  | 'ERANGE';

/** Yes, no, or not decided by the state. */
export type Decision = 'yes' | 'no' | 'unknown';

/**
 * Which driver a device is bound to: its name, null for none, or every possibility where a probe's outcome is not
 * known.
 */
export type Binding = string | null | { readonly oneOf: readonly (string | null)[] };

/** One row of a PCI or CDX id table, or a dynamic id; numbers as in `struct pci_device_id`. */
export interface DeviceId {
  readonly vendor: number;
  readonly device: number;
  readonly subvendor: number;
  readonly subdevice: number;
  readonly class: number;
  readonly class_mask: number;
  /** `driver_data`; a bigint, for it is an unsigned long. */
  readonly driver_data: bigint;
  /** 0, or the flag that makes the row match only under driver_override. */
  readonly override_only: number;
  /** Name of the only device that it is for; only where a policy has such ids. */
  readonly at?: string;
}

/** The SR-IOV capability of a physical function, as its sriov_* files show it. */
export interface SriovFacts {
  /** Most virtual functions that it can have (sriov_totalvfs): what its driver allows. */
  readonly totalVfs: number;
  /** First VF Offset and VF Stride: where its virtual functions are, in functions from it. */
  readonly offset: number;
  readonly stride: number;
  /** Device id of its virtual functions (sriov_vf_device); their vendor is its own. */
  readonly vfDevice: number;
}

/** What a PCI (or CDX) device is matched by, and the facts about it that the probe rules ask. */
export interface PciFacts {
  readonly vendor: number;
  readonly device: number;
  readonly subvendor: number;
  readonly subdevice: number;
  /** 24 bits: base class, sub class, programming interface. */
  readonly class: number;
  /** The configuration header is not of type 0: a bridge. */
  readonly bridge: boolean;
  /** Virtual functions that exist now. */
  readonly numVfs: number;
  /** Name of the physical function where this is a virtual one. */
  readonly physfn: string | null;
  /** sriov_drivers_autoprobe of a physical function. */
  readonly vfsAutoprobe: boolean;
  /** Null for a function that is not physical. */
  readonly sriov: SriovFacts | null;
}

export interface Device {
  readonly bus: string;
  /** The name in /sys/bus/BUS/devices, such as `0000:01:00.0`. */
  readonly name: string;
  /** Name of the device it hangs below on the same bus; removing that removes this. */
  readonly parent: string | null;
  /** The hardware is there: a rescan finds it. */
  readonly plugged: boolean;
  /** The kernel knows it. */
  readonly present: boolean;
  /** `match_driver` of a PCI device: false between device_add and pci_bus_add_device. */
  readonly matchReady: boolean;
  readonly override: string | null;
  readonly driver: Binding;
  /** Number of its IOMMU group, null without one. */
  readonly group: string | null;
  readonly pci: PciFacts | null;
  /** A driver's probe put it off (EPROBE_DEFER): it is probed again when any device is bound. Default: no. */
  readonly deferred?: boolean | undefined;
  /**
   * Probes that a worker of the kernel has yet to do: of a driver that asked to probe asynchronously, by its name, or
   * null for all of these in turn, for a device that was new. Default: none.
   */
  readonly asyncProbes?: readonly (string | null)[] | undefined;
  /** What was written to driver_probe_id; only where a policy has such a file. */
  readonly probeId?: { readonly vendor: number; readonly device: number };
}

/**
 * What is known about a driver's probe function. `stub` takes every device; `vfio-pci` follows vfio_pci_core's checks
 * and takes what passes them; `vfio-variant` follows the same checks, then does something of its own; null: nothing.
 */
export type ProbeRule = 'stub' | 'vfio-pci' | 'vfio-variant' | null;

export interface Driver {
  readonly bus: string;
  /** The name that driver_override is compared with; not always the module's. */
  readonly name: string;
  /** Module that holds it, null where it is built in. */
  readonly module: string | null;
  /** The id table; null where the driver has none, `unknown` where it was not read. */
  readonly ids: readonly DeviceId[] | null | 'unknown';
  readonly dynids: readonly DeviceId[];
  /** `driver_managed_dma`: does not claim the group's default domain. */
  readonly managedDma: boolean;
  /** Devices bound to it are registered with VFIO. */
  readonly vfio: boolean;
  readonly probe: ProbeRule;
  /** `suppress_bind_attrs`: there is no bind or unbind file. */
  readonly suppressBind: boolean;
  /**
   * What the driver removes before it lets go of a device: the virtual functions of it, or the devices behind it. Null
   * for nothing, as far as is known.
   */
  readonly removes: 'vfs' | 'children' | null;
  /** It has `sriov_configure`: a write to sriov_numvfs makes virtual functions of its devices. */
  readonly sriovConfigure: Decision;
  /**
   * It probes asynchronously: by its own wish (PROBE_PREFER_ASYNCHRONOUS), its module's parameter async_probe or the
   * command line's driver_async_probe (drivers/base/dd.c:driver_allows_async_probing). Default: no.
   */
  readonly async?: boolean;
}

/** Parameters of a module by their names; null where one stands without `=`. */
export type LoadParameters = Readonly<Record<string, string | null>>;

export interface KernelModule {
  readonly name: string;
  readonly loaded: boolean;
  /** It is part of the kernel, and never unloaded. Default: no. */
  readonly builtIn?: boolean;
  /** Modules that must be loaded before. */
  readonly depends: readonly string[];
  /** What it registers, in order; their `dynids` are empty. */
  readonly drivers: readonly Driver[];
  /** What modprobe gives it besides: `options` of modprobe.d, and the kernel's command line. Default: nothing. */
  readonly options?: LoadParameters;
  /** Modules that modprobe loads before it, where they are there (`softdep .. pre:`). Default: none. */
  readonly before?: readonly string[];
  /** Modules that modprobe loads after it, where they are there (`softdep .. post:`). Default: none. */
  readonly after?: readonly string[];
}

/** A /dev/vfio/N file that a process holds open, and what it has done with it. */
export interface GroupFile {
  /** Who: free text, for the trace. */
  readonly by: string;
  /** SET_CONTAINER succeeded: the group's DMA belongs to the user. */
  readonly container: boolean;
  /** SET_IOMMU succeeded. */
  readonly iommu: boolean;
  /** Names of the devices with an open descriptor. */
  readonly devices: readonly string[];
}

/** A file of a device, /dev/vfio/devices/vfioN, that a process holds open. */
export interface DeviceFile {
  readonly device: string;
  /** The device's group. */
  readonly group: string;
  /** Who: free text, for the trace. */
  readonly by: string;
  /** VFIO_DEVICE_BIND_IOMMUFD succeeded: the group's DMA belongs to the process. */
  readonly bound: boolean;
}

export interface IommuGroup {
  readonly id: string;
  /** Bus of its members. */
  readonly bus: string;
  /** DMA, DMA-FQ, identity, blocked, unmanaged or unknown. */
  readonly type: string;
  /** A member has a `direct` reserved region, which userspace may not take. */
  readonly direct: boolean;
  readonly file: GroupFile | null;
}

export interface Bus {
  readonly name: string;
  readonly autoprobe: boolean;
}

/** Something seen, which decides what the rules alone cannot. */
export interface Evidence {
  readonly bus: string;
  readonly driver: string;
  readonly device: string;
  /** The driver's id table matches the device (asked without an override). */
  readonly matches?: boolean;
  /** How the driver's probe ends on this device once the core lets it run. */
  readonly probe?: 'ok' | Errno;
  /** How the driver's `sriov_configure` ends on this device when it is asked for functions. */
  readonly configure?: 'ok' | Errno;
  /** Which of these nobody has seen: they are taken to be so, to see what follows. Default: none. */
  readonly assumed?: readonly ('matches' | 'probe' | 'configure')[];
}

/** An unbind or a removal that waits for a process to close its device descriptor. */
export interface Waiting {
  readonly device: string;
  readonly driver: string;
  readonly group: string;
  /** `numvfs`: the other virtual functions of its physical one are removed after it. */
  readonly cause: 'unbind' | 'remove' | 'unplug' | 'numvfs';
}

/**
 * The part of a kernel that decides which driver has which device. Plain data; `step` returns a new one and never
 * changes what it was given, nor may anybody else: what was found out about a list is remembered with it. Drivers stand
 * in registration order, devices in the order the bus lists them.
 */
export interface KernelState {
  readonly release: Release;
  readonly features: KernelFeatures;
  readonly buses: readonly Bus[];
  readonly modules: readonly KernelModule[];
  readonly drivers: readonly Driver[];
  readonly devices: readonly Device[];
  readonly groups: readonly IommuGroup[];
  readonly evidence: readonly Evidence[];
  /** The vfio module's enable_unsafe_noiommu_mode. */
  readonly noiommu: boolean;
  /** vfio-pci's disable_denylist. */
  readonly disableDenylist: boolean;
  /** vfio-pci's enable_sriov: its devices may be given virtual functions. */
  readonly enableSriov: boolean;
  /** module.async_probe: modules that are loaded probe asynchronously, unless their own parameter says no. */
  readonly asyncProbe?: boolean;
  readonly waiting: readonly Waiting[];
  /** Files of devices that processes hold open. Default: none. */
  readonly deviceFiles?: readonly DeviceFile[];
  /** Other rules than mainline's. Default: mainline's. */
  readonly policy?: Policy;
}
