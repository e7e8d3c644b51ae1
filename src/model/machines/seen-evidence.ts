import { basename } from 'node:path/posix';
import type { Driver, Evidence } from '../../driver-core/index.ts';
import { grouped } from '../../grouped.ts';
import { underscored } from '../../pattern/normalize.ts';
import type { DeviceDescription, MachineDescription } from './description.ts';

/** The driver_override of a device as the model has it, from what its file says. */
export function overrideOf(text: string | undefined): string | null {
  return text === undefined || text === '' || text === '(null)' ? null : text;
}

/** What a machine shows of a driver for every device of a modalias that has the same driver. */
interface Fact {
  readonly driver: string;
  readonly says: Pick<Evidence, 'matches' | 'probe'>;
}

/**
 * What the machine shows of drivers whose tables or probes are not known, for each device in turn: a driver that one
 * device is bound to takes all of its modalias, and so does one by an override, though its table may not match.
 */
export function evidenceOf(
  { aliases = {}, builtIn }: MachineDescription,
  devices: readonly DeviceDescription[],
  drivers: readonly Driver[],
): Evidence[] {
  /** By bus and modalias, which drivers devices are bound to, and whether one is without an override. */
  const bound = new Map<string, Map<string, boolean>>();
  for (const { bus, driver, attributes = {} } of devices)
    if (driver !== undefined && attributes.modalias !== undefined) {
      const key = `${bus} ${attributes.modalias}`;
      const by = bound.get(key) ?? new Map<string, boolean>();
      by.set(driver, by.get(driver) === true || overrideOf(attributes.driver_override) === null);
      bound.set(key, by);
    }
  const owned = new Set(drivers.flatMap(({ module }) => (module === null ? [] : underscored(module))));
  const each = [...new Set(drivers)];
  const ofBus = grouped(each, ({ bus }) => bus);
  const places = grouped(each.keys(), (at) => `${each[at]!.bus} ${each[at]!.name}`);
  const factsFor = (bus: string, modalias: string | undefined, has: string | undefined): Fact[] => {
    const served = modalias === undefined || !Object.hasOwn(aliases, modalias) ? undefined : aliases[modalias]!;
    const by = bound.get(`${bus} ${modalias}`);
    const serving = served && new Set(served.map(underscored));
    // Drivers of which sysfs shows no module are built in; where others serve the device, none of them does.
    const byOthers = builtIn && serving && [...serving].every((one) => owned.has(one));
    const names = new Set([...(has === undefined ? [] : [has]), ...(by?.keys() ?? [])]);
    const at = [...names].flatMap((name) => places.get(`${bus} ${name}`) ?? []).sort((a, b) => a - b);
    const some = serving ? (ofBus.get(bus) ?? []) : at.map((one) => each[one]!);
    return some.flatMap((driver): Fact[] => {
      const seen = by?.get(driver.name);
      const taken = names.has(driver.name);
      const { module } = driver;
      const listed = module === null ? (byOthers ? false : undefined) : serving?.has(underscored(module));
      const matches = seen === true ? true : driver.ids === 'unknown' ? listed : undefined;
      if (!taken && matches === undefined) return [];
      const says = { ...(matches === undefined ? {} : { matches }), ...(taken ? { probe: 'ok' as const } : {}) };
      return [{ driver: driver.name, says }];
    });
  };
  const facts = new Map<string, Fact[]>();
  return devices.flatMap(({ path, bus, driver, attributes: { modalias } = {} }) => {
    const key = `${bus} ${driver ?? ''} ${modalias ?? ''}`;
    let known = facts.get(key);
    if (!known) {
      known = factsFor(bus, modalias, driver);
      facts.set(key, known);
    }
    const device = basename(path);
    return known.map(({ driver, says }): Evidence => ({ bus, driver, device, ...says }));
  });
}
