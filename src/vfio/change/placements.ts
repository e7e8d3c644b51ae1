import { isMade } from '../plan/functions.ts';
import { samePlacement } from '../plan/moves.ts';
import type { Placement, PlannedDevice, Step } from '../plan/plan-types.ts';
import { isUnbinding, readOverride } from '../sysfs/device.ts';
import { readVfs } from '../sysfs/sriov.ts';
import type { Tree } from '../sysfs/tree.ts';
import type { Failure, Run } from './take-step.ts';

/** A device that is not where it was before the plan. */
export interface Leftover {
  readonly name: string;
  readonly path: string;
  readonly now: Placement;
  readonly before: Placement;
  /** Its unbind waits for a process that holds it. */
  readonly unbinding: boolean;
}

/** Where a device is now; with its virtual functions where names that these may have are given. */
export function readPlacement(sysfs: Tree, path: string, functions?: readonly string[]): Placement {
  const placement = { driver: sysfs.linkName(`${path}/driver`) ?? null, override: readOverride(sysfs, path) };
  return functions === undefined ? placement : { ...placement, vfs: readVfs(sysfs, path, functions) };
}

/** Where a device is now, as far as its placements before and after a plan say of it. */
export function currentPlacement(
  sysfs: Tree,
  { path, before, after }: Pick<PlannedDevice, 'path' | 'before' | 'after'>,
): Placement {
  const functions = before.vfs && [...before.vfs.functions, ...(after.vfs?.functions ?? [])];
  return readPlacement(sysfs, path, functions);
}

/** Names of devices that were unplugged; virtual functions come and go with what the plan does. */
export function goneOf(sysfs: Tree, devices: readonly PlannedDevice[]): string[] {
  return devices.flatMap(({ name, path, physfn }) => (physfn !== null || sysfs.exists(path) ? [] : name));
}

/** Whether a device has something to roll back, and no pending write in its way. */
export function isMoved(
  sysfs: Tree,
  device: PlannedDevice,
  pending: readonly Failure[],
  all: readonly PlannedDevice[],
) {
  if (isPending(device, pending, all) || !sysfs.exists(device.path)) return false;
  return !samePlacement(currentPlacement(sysfs, device), device.before);
}

/**
 * Whether a write is pending for a device, or for a virtual function of the same physical one: to remove all while one
 * is held would make the kernel wait with the lock of the physical function.
 */
function isPending(device: PlannedDevice, pending: readonly Failure[], all: readonly PlannedDevice[]): boolean {
  const card = ({ bus, name, physfn }: PlannedDevice) => `${bus}/${physfn ?? name}`;
  return pending.some(({ step }) => all.some((one) => isOf(step, one) && card(one) === card(device)));
}

/** Whether a step belongs to a device: names are unique on a bus only. */
export function isOf(step: Step, { name, bus }: PlannedDevice): boolean {
  return step.op !== 'modprobe' && step.device === name && step.path.startsWith(`bus/${bus}/`);
}

/**
 * What is left of a plan on a device: nothing of a virtual function that the plan made, which its physical one is
 * listed for. The override of a device whose write is pending is not read: on 6.1 that would wait for the same lock.
 * `written` are the overrides written last, by the devices' names.
 */
export function leftover(
  { sysfs, written, foreign }: Pick<Run, 'sysfs' | 'written' | 'foreign'>,
  device: PlannedDevice,
  pending: readonly Failure[],
): Leftover[] {
  const { name, path, before, after } = device;
  if (!sysfs.exists(path) || isMade(device)) return [];
  const unread = (): Placement => ({
    driver: sysfs.linkName(`${path}/driver`) ?? null,
    override: written.has(name) ? written.get(name) : before.override,
    ...(before.vfs && { vfs: readVfs(sysfs, path, after.vfs?.functions) }),
  });
  const now = pending.some(({ step }) => isOf(step, device)) ? unread() : currentPlacement(sysfs, device);
  const vfs = now.vfs && { ...now.vfs, functions: before.vfs?.functions ?? [] };
  return samePlacement(foreign.has(name) && vfs ? { ...now, vfs } : now, before)
    ? []
    : [{ name, path, now, before, unbinding: isUnbinding(sysfs, path) }];
}
