import type { Code } from '../../codes.ts';
import type { Reset } from '../sysfs/card.ts';
import type { IommuGroup } from '../sysfs/groups.ts';
import type { Vfs } from '../sysfs/sriov.ts';

/**
 * Which driver a device has and what its driver_override holds. `override` is undefined where there is no such
 * attribute.
 */
export interface Placement {
  readonly driver: string | null;
  readonly override: string | null | undefined;
  /** Of a physical function that is given virtual ones, or loses them; absent for every other device. */
  readonly vfs?: Vfs;
}

/** A change to the machine, or a check of it. Paths are relative to the sysfs root. */
export type Step =
  | {
      readonly op: 'modprobe';
      readonly module: string;
      readonly bus: string;
      readonly driver: string;
      /** The driver is known to register its devices with VFIO. */
      readonly vfio: boolean;
    }
  /**
   * One write(2). A `bind` is omitted if the device has the driver already: loading its module may have bound it.
   */
  | { readonly op: 'write'; readonly device: string; readonly path: string; readonly data: string }
  /** The `driver` link of the device is read back and must lead to this driver. */
  | { readonly op: 'verify'; readonly device: string; readonly path: string; readonly driver: string | null }
  /** The `virtfn` links of the device are waited for; they must lead to exactly these functions. */
  | { readonly op: 'functions'; readonly device: string; readonly path: string; readonly functions: readonly string[] };

/** A step that moves or checks one device. */
export type MoveStep = Exclude<Step, { readonly op: 'modprobe' }>;

/**
 * What the kernel's rules say about a step: `ok`, an errno, `blocks` (the call does not return while a process holds
 * the device), `failed` (a check does not find what it expects), `unknown`, or `not-taken` after a step that ends the
 * run.
 */
export interface Prediction {
  /** Index in the plan's steps. */
  readonly step: number;
  readonly result: string;
  /** `file:function` of the rule that decided last. */
  readonly rule: string | null;
  readonly text: string | null;
}

export interface Warning {
  /** A stable word, such as `mounted`, `default-route`, `not-viable`. */
  readonly code: Code;
  /** Name of the device or `group N`. */
  readonly about: string;
  readonly message: string;
  /** The plan is not run while this stands: `always`, or unless --allow-in-use is given (`in-use`); null only warns. */
  readonly blocks: 'always' | 'in-use' | null;
}

export interface PlannedDevice {
  readonly name: string;
  readonly bus: string;
  readonly path: string;
  readonly modalias: string | null;
  readonly group: string | null;
  /** Module of the new driver, to load it; null for none. */
  readonly module: string | null;
  /** The new driver is known to register its devices with VFIO. */
  readonly vfio: boolean;
  readonly before: Placement;
  /** Module of the driver that it has; null where it is built in or there is no driver. */
  readonly beforeModule: string | null;
  readonly after: Placement;
  /** It has its new driver already: nothing is written. */
  readonly already: boolean;
  /** How it is reset between guests; null on other buses than pci. */
  readonly reset: Reset | null;
  /**
   * The physical function that the plan makes it of, or removes it from; null for a device that stays. Of one that is
   * made, name, modalias and group are predicted.
   */
  readonly physfn: string | null;
}

export interface PredictedGroup {
  readonly id: string;
  /** `yes`, `no` or `unknown`, after the plan. */
  readonly viable: string;
  readonly blockers: readonly { readonly device: string; readonly driver: string }[];
}

/** Everything about one run before it happens. */
export interface Plan {
  readonly version: 1;
  readonly kernel: string | null;
  readonly devices: readonly PlannedDevice[];
  /** The current IOMMU group of the first device. */
  readonly group: IommuGroup | null;
  readonly groups: readonly IommuGroup[];
  readonly steps: readonly Step[];
  /**
   * Undoes the plan, in this order; for each device, driver_override first. What is already undone is skipped.
   */
  readonly rollback: readonly MoveStep[];
  readonly predicted: {
    readonly steps: readonly Prediction[];
    readonly devices: readonly { readonly name: string; readonly driver: string | null | 'unknown' }[];
    readonly groups: readonly PredictedGroup[];
  };
  readonly warnings: readonly Warning[];
  /** False while a warning blocks the plan. */
  readonly runnable: boolean;
}
