import { type KernelState, possibleDrivers, showOverride } from '../../../src/driver-core/index.ts';
import type { Guest } from '../guest.ts';

/** What of a list is on the PCI bus. */
export const onPci = <T extends { readonly bus: string }>(list: readonly T[]): T[] =>
  list.filter(({ bus }) => bus === 'pci');

/** Where a guest is not as a state says: devices, drivers, overrides, drivers_autoprobe, modules. */
export async function differencesOf(guest: Guest, state: KernelState): Promise<string[]> {
  const waiting = state.waiting.map(({ device }) => device);
  const { autoprobe, devices, modules } = await guest.snapshot(waiting);
  const found: string[] = [];
  const differs = (what: string, real: unknown, predicted: unknown) => {
    if (real !== predicted) found.push(`${what}: found ${real}, expected ${predicted}`);
  };
  const bus = state.buses.find(({ name }) => name === 'pci');
  differs('drivers_autoprobe', autoprobe.trim(), bus?.autoprobe === false ? '0' : '1');
  const present = onPci(state.devices).filter((one) => one.present);
  const names = (list: readonly { readonly name: string }[]) =>
    list
      .map(({ name }) => name)
      .sort()
      .join(' ');
  differs('devices', names(devices), names(present));
  for (const { name, driver, override } of present) {
    const real = devices.find((one) => one.name === name);
    if (!real) continue;
    // Its link is gone by then.
    const possible = waiting.includes(name) ? [null] : possibleDrivers(driver);
    if (!possible.includes(real.driver)) found.push(`${name}: found ${real.driver}, expected ${possible.join(' or ')}`);
    if (real.override !== null) differs(`driver_override of ${name}`, real.override, showOverride('pci', override));
  }
  for (const { name, loaded, drivers } of state.modules)
    if (onPci(drivers).length > 0) differs(`${name} is loaded`, modules.includes(name), loaded);
  return found;
}
