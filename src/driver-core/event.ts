import { needObject } from '../arguments.ts';
import type { Errno, KernelState, LoadParameters } from './state.ts';

/**
 * Something that happens to the kernel. Paths are relative to the sysfs root and without a leading slash
 * (`bus/pci/drivers/vfio-pci/bind`); data is one character a byte, exactly what one write(2) carries.
 */
export type KernelEvent =
  | { readonly kind: 'write'; readonly path: string; readonly data: string }
  /** modprobe of a module of `state.modules`; insmod (`alone`) loads no other. `ids`: vfio-pci's, pci-stub's. */
  | {
      readonly kind: 'load';
      readonly module: string;
      readonly ids?: string;
      readonly parameters?: LoadParameters;
      readonly alone?: boolean;
    }
  /** modprobe -r of a module; rmmod (`alone`) unloads no other. */
  | { readonly kind: 'unload'; readonly module: string; readonly alone?: boolean }
  /** A device of `state.devices` is plugged in, and the bus's hot-plug driver notices. */
  | { readonly kind: 'plug'; readonly bus: string; readonly device: string }
  | { readonly kind: 'unplug'; readonly bus: string; readonly device: string }
  /** The kernel's worker does a probe that a device of `state.devices` lists as `asyncProbes`. */
  | { readonly kind: 'asyncProbe'; readonly bus: string; readonly device: string; readonly driver: string | null }
  /** open(2) of /dev/vfio/GROUP. */
  | { readonly kind: 'open'; readonly group: string; readonly by: string }
  | { readonly kind: 'setContainer'; readonly group: string }
  | { readonly kind: 'setIommu'; readonly group: string }
  | { readonly kind: 'getDevice'; readonly group: string; readonly device: string }
  /** The holder closes every descriptor of the group, or dies. */
  | { readonly kind: 'close'; readonly group: string }
  /** open(2) of /dev/vfio/devices/vfioN, the device's own file. */
  | { readonly kind: 'openCdev'; readonly device: string; readonly by: string }
  /** VFIO_DEVICE_BIND_IOMMUFD of a device whose file is open, to the one iommufd that the process has. */
  | { readonly kind: 'bindIommufd'; readonly device: string; readonly by: string }
  /** The holder closes the device's file, or dies. */
  | { readonly kind: 'closeCdev'; readonly device: string; readonly by: string };

/** The fact that is missing: put it into `state.evidence` and step again. */
export interface Missing {
  readonly bus: string;
  readonly driver: string;
  readonly device: string;
  readonly about: 'matches' | 'probe' | 'configure';
}

export type Result =
  | { readonly kind: 'ok' }
  | { readonly kind: 'errno'; readonly errno: Errno }
  /**
   * The call does not return before the group's holder closes it; a later `close` completes it. `again`: it waits for
   * the lock of one that waits so, has done nothing yet, and is to be done after the close.
   */
  | { readonly kind: 'blocks'; readonly group: string; readonly by: string; readonly again?: true }
  | { readonly kind: 'unknown'; readonly why: string; readonly missing: readonly Missing[] };

/** One rule that was applied, with where the kernel has it. */
export interface TraceEntry {
  /** `file:function` in the kernel's sources, or in kmod's after `kmod: `. */
  readonly rule: string;
  readonly text: string;
  readonly driver?: string;
  readonly device?: string;
  /** Read in the kernel's source, and not compared with a running kernel. */
  readonly fromSource?: true;
}

/** What an event leads to. */
export interface Transition {
  readonly state: KernelState;
  readonly result: Result;
  readonly trace: readonly TraceEntry[];
}

export const OK: Result = { kind: 'ok' };

export function errno(name: Errno): Result {
  return { kind: 'errno', errno: name };
}

export function unknown(why: string, missing: readonly Missing[] = []): Result {
  return { kind: 'unknown', why, missing };
}

/** `ok`, `EBUSY`, `blocks` or `unknown`: a result in one word. */
export function resultWord(result: Result): string {
  needObject('result', result, 'kind');
  return result.kind === 'errno' ? result.errno : result.kind;
}
