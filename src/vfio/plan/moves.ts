import { makeDriver, parseOverride } from '../../driver-core/index.ts';
import type { Vfs } from '../sysfs/sriov.ts';
import type { MoveStep, Placement, Step } from './plan-types.ts';

/** A device that is moved: where it is in sysfs, and its bus. */
export interface Movable {
  readonly name: string;
  readonly bus: string;
  readonly path: string;
}

/**
 * The writes that move a device from one placement to another. The override comes first, so that between unbind and
 * bind only the target driver can bind; "\n" clears it, as an empty write changes nothing (dd.c:driver_set_override).
 * If the target override would keep the target driver out, it names that driver until it is bound. `bind` returns the
 * reason when it fails; drivers_probe does not and is never used.
 */
export function moveSteps(device: Movable, from: Placement, to: Placement): MoveStep[] {
  const at = `bus/${device.bus}/devices/${device.name}`;
  const steps: MoveStep[] = [];
  const write = (path: string, data: string) => steps.push({ op: 'write', device: device.name, path, data });
  let override = from.override;
  const setOverride = (target: string | null | undefined) => {
    if (target === undefined || target === override) return;
    write(`${at}/driver_override`, `${target ?? ''}\n`);
    override = target;
  };
  if (from.driver !== to.driver) {
    setOverride(keptOut(device.bus, to) ? to.driver : to.override);
    if (from.driver !== null) write(`bus/${device.bus}/drivers/${from.driver}/unbind`, device.name);
    if (to.driver !== null) write(`bus/${device.bus}/drivers/${to.driver}/bind`, device.name);
  }
  setOverride(to.override);
  steps.push({ op: 'verify', device: device.name, path: `${at}/driver`, driver: to.driver });
  return [
    ...(from.vfs && to.vfs && from.driver === to.driver ? [] : steps),
    ...functionSteps(device.name, at, from, to),
  ];
}

/**
 * The writes that give a physical function its virtual ones, or take them. New ones are never probed: while
 * sriov_drivers_autoprobe is 0 a driver binds them only under an override (pci-driver.c:pci_device_can_probe).
 */
function functionSteps(device: string, at: string, from: Placement, to: Placement): MoveStep[] {
  if (!from.vfs || !to.vfs) return [];
  const write = (file: string, value: number): MoveStep => ({
    op: 'write',
    device,
    path: `${at}/${file}`,
    data: `${value}`,
  });
  const { functions, autoprobe } = to.vfs;
  const probing = autoprobe === from.vfs.autoprobe ? [] : [write('sriov_drivers_autoprobe', autoprobe ? 1 : 0)];
  if (sameFunctions(from.vfs, to.vfs)) return probing;
  const made: MoveStep[] = [write('sriov_numvfs', functions.length), { op: 'functions', device, path: at, functions }];
  return functions.length > 0 ? [...probing, ...made] : [...made, ...probing];
}

/**
 * Whether a driver could not be bound under its placement's override: it names another driver, or none while the driver
 * has no row that matches without one. A bound device keeps its driver whatever is written to its override later, so
 * such placements exist.
 */
function keptOut(bus: string, { driver, override }: Placement): boolean {
  if (driver === null || override === undefined) return false;
  if (override !== null) return true;
  const { vfio, ids } = makeDriver(bus, driver);
  return vfio || ids === null || (ids !== 'unknown' && ids.every((row) => row.override_only !== 0));
}

/** A device that is moved from one placement to another. */
export interface Moved extends Movable {
  readonly before: Placement;
  readonly after: Placement;
}

/**
 * The rollback of moves, last device first. A move may write the override more than once: if it writes it at all, the
 * rollback begins with the override, whatever the last value was.
 */
export function rollbackSteps(moved: readonly Moved[]): MoveStep[] {
  return moved.toReversed().flatMap((device) => {
    const { before, after } = device;
    const written = moveSteps(device, before, after).some((step) => overrideWritten(step) !== undefined);
    return moveSteps(device, written ? { ...after, override: undefined } : after, before);
  });
}

/** The driver whose `bind` a step writes; null for any other step. */
export function bindTarget(step: Step): string | null {
  return step.op === 'write' ? driverOfFile(step.path, 'bind') : null;
}

function driverOfFile(path: string, file: 'bind' | 'unbind'): string | null {
  const m = /^bus\/[^/]+\/drivers\/([^/]+)\/([^/]+)$/.exec(path);
  return m?.[2] === file ? m[1]! : null;
}

/** The override that a step writes, null for none; undefined for a step that writes something else. */
export function overrideWritten(step: MoveStep): string | null | undefined {
  return step.op === 'write' && step.path.endsWith('/driver_override') ? parseOverride(step.data) : undefined;
}

/**
 * Whether a step towards a placement has an effect on a device whose placement is `now`: the move to roll back may be
 * only partly done. A bound device needs no other override than its final one.
 */
export function isNeeded(step: MoveStep, now: Placement, to: Placement): boolean {
  if (step.op !== 'write') return true;
  if (step.path.endsWith('/sriov_numvfs')) return !!now.vfs && !!to.vfs && !sameFunctions(now.vfs, to.vfs);
  if (step.path.endsWith('/sriov_drivers_autoprobe')) return now.vfs?.autoprobe !== to.vfs?.autoprobe;
  const override = overrideWritten(step);
  if (override !== undefined)
    return override !== now.override && (now.driver !== to.driver || override === to.override);
  const unbound = driverOfFile(step.path, 'unbind');
  return unbound === null ? now.driver !== to.driver : now.driver === unbound;
}

/** Whether there is nothing to write. */
export function samePlacement(a: Placement, b: Placement): boolean {
  const sameVfs = !a.vfs || !b.vfs || (sameFunctions(a.vfs, b.vfs) && a.vfs.autoprobe === b.vfs.autoprobe);
  return a.driver === b.driver && a.override === b.override && sameVfs;
}

function sameFunctions(a: Vfs, b: Vfs): boolean {
  return a.functions.join() === b.functions.join();
}
