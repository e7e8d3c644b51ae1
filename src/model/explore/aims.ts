import type { Device, KernelState } from '../../driver-core/index.ts';
import { devicesNamed, type Stated } from './properties.ts';
import { driverOf, keyOf } from './undisturbed.ts';

/** A device, and the driver that the programs bring it to. */
export interface Aim {
  readonly bus: string;
  readonly device: string;
  /** The driver that it has before. */
  readonly from: string | null;
  readonly driver: string | null;
  /** The module of the driver, null where it is built in or not known. */
  readonly module: string | null;
}

/** Where each device is brought to: what is stated, or where an undisturbed run leaves it on another driver. */
export function aimsOf(
  start: KernelState,
  devices: readonly Device[],
  ends: readonly KernelState[],
  stated: readonly Stated[],
): Aim[] {
  return devices.map((device) => {
    const key = keyOf(device);
    const from = driverOf(start, key) ?? null;
    const asked = stated.find((one) => one.kind === 'ends' && devicesNamed(start, [], one.device).includes(key));
    const reached = ends
      .map((end) => driverOf(end, key))
      .find((driver) => driver !== from && typeof driver === 'string');
    const left = ends.map((end) => end.devices.find((one) => keyOf(one) === key)?.override).find(Boolean);
    const drivers = [...start.drivers, ...start.modules.flatMap((module) => module.drivers)];
    const named = drivers.find(({ name }) => left?.replaceAll('_', '-') === name.replaceAll('_', '-'))?.name;
    const driver = (asked && 'driver' in asked ? asked.driver : (reached ?? named)) ?? null;
    const module = drivers.find(({ bus, name }) => bus === device.bus && name === driver)?.module ?? null;
    return { bus: device.bus, device: device.name, from, driver, module };
  });
}
