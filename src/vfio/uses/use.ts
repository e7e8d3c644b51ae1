import type { Device } from '../sysfs/device.ts';
import type { MachineRoots } from '../sysfs/roots.ts';
import type { MountedOn } from './block-devices.ts';
import type { NodeOwners, OpenProcess } from './holders.ts';
import type { Mount } from './mounts.ts';

/** A use of the device that would break if it went away. */
export interface Use {
  /** Name of the device. */
  readonly device: string;
  readonly kind:
    | 'mounted'
    | 'swap'
    | 'stacked'
    | 'pool'
    | 'network-disk'
    | 'route'
    | 'connection'
    | 'address'
    | 'framebuffer'
    | 'keyboard'
    | 'process';
  /** In words: `nvme0n1p2 is mounted on /`. */
  readonly text: string;
}

/** What the kinds of uses are found by. */
export interface UseContext {
  readonly roots: MachineRoots;
  /** The devices that may be used; none of them is a bridge. */
  readonly devices: readonly Device[];
  /** Those among them that are asked for. */
  readonly targets: readonly Device[];
  /** Files of the devices in /dev and in sysfs. */
  readonly nodes: NodeOwners;
  /** Processes with one of these files open. */
  readonly processes: readonly OpenProcess[];
  /** Every visible mount. */
  readonly mounts: readonly Mount[];
  /** What is mounted or otherwise built on block devices. */
  readonly mounted: readonly MountedOn[];
  /** A use of the innermost device that contains a sysfs path; none if no device does. */
  readonly at: (path: string, kind: Use['kind'], text: string) => Use[];
}

/** A kind of use: it finds what is used in this way. */
export type UseKind = (context: UseContext) => Use[];
