import { matchesRow } from './device-id.ts';
import type { Via } from './policy.ts';
import type { Device, DeviceId, Driver, KernelState } from './state.ts';

/** What a policy says of a match before the tables are asked; null for nothing. */
export function policyMatch(
  { policy }: KernelState,
  driver: Driver,
  device: Device,
  named: boolean,
  via: Via,
): { readonly answer: 'yes' | 'no'; readonly text: string } | null {
  if (!policy) return null;
  if (via === 'vfio_bind') return { answer: 'yes', text: 'vfio_bind asks for no match' };
  if (policy.bindTakesVfio && via === 'bind' && driver.vfio)
    return { answer: 'yes', text: `${driver.name} is a VFIO driver, which bind takes by its name` };
  const { ids } = driver;
  if (!device.pci || ids === null || ids === 'unknown') {
    if (policy.overrideNeedsMarkedRow && named && ids === null)
      return { answer: 'no', text: `${driver.name} has no row for driver_override` };
    return null;
  }
  if (hasDynamicId(driver, device, named)) return null;
  const pci = identity(device)!;
  const hits = ids.filter((id) => matchesRow(id, pci, device.bus));
  const marked = hits.some((id) => id.override_only !== 0);
  if (policy.markedRowsThroughBind && !named && marked && via === 'bind')
    return { answer: 'yes', text: `a row of ${driver.name}'s id table matches through bind` };
  if (policy.firstRowDecides && !named && hits[0] && hits[0].override_only !== 0)
    return { answer: 'no', text: `the first row of ${driver.name}'s id table that matches asks for driver_override` };
  if (policy.overrideNeedsMarkedRow && named && !marked)
    return { answer: 'no', text: `no row of ${driver.name}'s id table is for driver_override` };
  return null;
}

/** Whether one of a driver's dynamic ids matches. One by name is for that device, a marked one needs the override. */
export function hasDynamicId(driver: Driver, device: Device, named: boolean): boolean {
  const pci = identity(device);
  return (
    pci !== null &&
    driver.dynids.some(
      (id) =>
        (id.at === undefined || id.at === device.name) &&
        (named || id.override_only === 0) &&
        matchesRow(id, pci, device.bus),
    )
  );
}

/** What a device is matched by: its own ids, or those in its driver_probe_id. */
export function identity({ pci, probeId }: Device): Device['pci'] {
  return pci && probeId ? { ...pci, ...probeId } : pci;
}

/** The drivers in the order in which a device is offered to them: that of their registration. */
export function offeredTo({ drivers, policy }: KernelState, device: Device): readonly Driver[] {
  if (!policy?.priority) return drivers;
  const rank = (driver: Driver) =>
    driver.bus === device.bus && hasDynamicId(driver, device, device.override === driver.name)
      ? 0
      : driver.vfio
        ? 1
        : 2;
  return [...drivers].sort((a, b) => rank(a) - rank(b));
}

/** An id that is the name of a device, where the policy takes one. */
export function idByName({ policy }: KernelState, data: string, any: DeviceId): DeviceId | null {
  const name = data.trim();
  return policy?.idsByName && /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/i.test(name) ? { ...any, at: name } : null;
}
