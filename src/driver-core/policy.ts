/**
 * How a kernel would match and bind that has other rules than mainline's: each member is one difference, absent for
 * none. They are what was proposed; no release has them.
 */
export interface Policy {
  readonly name: string;
  /** A dynamic id matches whatever driver_override says. */
  readonly dynamicIdsIgnoreOverride?: boolean;
  /** The first row that matches decides: if it is override_only and there is no override, later rows are not asked. */
  readonly firstRowDecides?: boolean;
  /** Under an override only rows that are override_only match, and one is needed. */
  readonly overrideNeedsMarkedRow?: boolean;
  /** Rows that are override_only match without an override, but through the file bind only. */
  readonly markedRowsThroughBind?: boolean;
  /** VFIO drivers have a file vfio_bind, which asks nobody whether they match. */
  readonly vfioBind?: boolean;
  /** The file bind takes any device for a VFIO driver. */
  readonly bindTakesVfio?: boolean;
  /** PCI devices have a file driver_probe_id, with the vendor and device that they are matched by. */
  readonly probeId?: boolean;
  /** A device is offered to drivers that have a dynamic id for it first, then to VFIO drivers, then to the others. */
  readonly priority?: boolean;
  /** new_id and remove_id take the name of a device in place of an id. */
  readonly idsByName?: boolean;
  /** new_id takes an eighth number, override_only. */
  readonly newIdFlags?: boolean;
}

/** How a driver meets a device: offered by a walk, or named in one of its files. */
export type Via = 'walk' | 'bind' | 'vfio_bind';
