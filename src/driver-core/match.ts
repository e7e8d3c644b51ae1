import { needObject, needText } from '../arguments.ts';
import { liveRows, matchesRow } from './device-id.ts';
import type { Missing } from './event.ts';
import { factAbout } from './lists/facts.ts';
import { seenTo } from './lookup.ts';
import type { Via } from './policy.ts';
import { hasDynamicId, identity, policyMatch } from './policy-match.ts';
import type { Decision, Device, Driver, KernelState } from './state.ts';

/** Whether the bus matches a driver and a device, and why. */
export interface Match {
  readonly answer: Decision;
  /** `file:function` of the rule that decided. */
  readonly rule: string;
  readonly text: string;
  readonly missing: readonly Missing[];
}

/**
 * What driver_override does on a bus when it names the driver: `binds` whatever the tables say; `eligible` makes rows
 * marked override_only count, and a row is still needed; `filters` only keeps the others away; `none`: the bus has no
 * such file.
 */
export type OverrideEffect = 'binds' | 'eligible' | 'filters' | 'none';

interface BusRule {
  readonly override: OverrideEffect;
  readonly rule: string;
}

/** Buses with driver_override, and the function that compares it. Every other bus: none. */
const BUSES: { readonly [bus: string]: BusRule } = {
  pci: { override: 'binds', rule: 'drivers/pci/pci-driver.c:pci_match_device' },
  platform: { override: 'binds', rule: 'drivers/base/platform.c:platform_match' },
  amba: { override: 'binds', rule: 'drivers/amba/bus.c:amba_match' },
  'fsl-mc': { override: 'binds', rule: 'drivers/bus/fsl-mc/fsl-mc-bus.c:fsl_mc_bus_match' },
  cdx: { override: 'eligible', rule: 'drivers/cdx/cdx.c:cdx_bus_match' },
  vmbus: { override: 'binds', rule: 'drivers/hv/vmbus_drv.c:hv_vmbus_get_id' },
  css: { override: 'filters', rule: 'drivers/s390/cio/css.c:css_bus_match' },
  rpmsg: { override: 'binds', rule: 'drivers/rpmsg/rpmsg_core.c:rpmsg_dev_match' },
  spi: { override: 'binds', rule: 'drivers/spi/spi.c:spi_match_device' },
};

/** What driver_override does on a bus. */
export function overrideEffect(bus: string): OverrideEffect {
  needText('bus', bus);
  return BUSES[bus]?.override ?? 'none';
}

/**
 * Whether a bus would let a driver have a device now, as driver_match_device() asks it. How they meet (`via`) matters
 * to policies only, not to mainline.
 */
export function matchDevice(state: KernelState, driver: Driver, device: Device, via: Via = 'walk'): Match {
  needObject('state', state, 'features', 'evidence');
  needObject('driver', driver, 'bus', 'name');
  needObject('device', device, 'bus', 'name');
  const bus = BUSES[device.bus] ?? { override: 'none', rule: `bus ${device.bus}: match()` };
  const say = (answer: Decision, text: string, missing: readonly Missing[] = []): Match => {
    return { answer, rule: bus.rule, text, missing };
  };
  if (driver.bus !== device.bus) return say('no', `${driver.name} is a driver of another bus, ${driver.bus}`);
  if (device.bus === 'pci' && !device.matchReady) return say('no', 'the device is not ready to be matched yet');

  const named = device.override === driver.name;
  const unasked = via === 'vfio_bind' ? policyMatch(state, driver, device, named, via) : null;
  if (unasked) return say(unasked.answer, unasked.text);
  if (state.policy?.dynamicIdsIgnoreOverride && hasDynamicId(driver, device, named))
    return say('yes', `a dynamic id of ${driver.name} matches`);
  if (bus.override !== 'none' && device.override !== null && !named)
    return say('no', `driver_override is '${device.override}', not '${driver.name}'`);
  const other = policyMatch(state, driver, device, named, via);
  if (other) return say(other.answer, other.text);
  const row = matchTables(state, driver, device, named);
  if (row.answer === 'yes') return say('yes', row.text);
  if (named && bus.override === 'binds') return say('yes', `driver_override names ${driver.name}`);
  return say(row.answer, row.text, row.missing);
}

/**
 * A driver's id table as far as the kernel reads it. Rows marked override_only came with the mark, in 5.15: before,
 * vfio-pci had no table at all (drivers/vfio/pci/vfio_pci.c: its id_table was NULL, for dynamic ids only).
 */
export function idTable(state: KernelState, driver: Driver): Driver['ids'] {
  if (driver.ids === null || driver.ids === 'unknown') return driver.ids;
  const rows = liveRows(driver.ids);
  if (state.features.overrideOnly) return rows;
  const unmarked = rows.filter((row) => row.override_only === 0);
  return unmarked.length === 0 && rows.length > 0 ? null : unmarked;
}

type TableAnswer = Pick<Match, 'answer' | 'text' | 'missing'>;

/** Dynamic ids first, then the driver's own table, then what was observed. */
function matchTables(state: KernelState, driver: Driver, device: Device, named: boolean): TableAnswer {
  const pci = identity(device);
  if (hasDynamicId(driver, device, named))
    return { answer: 'yes', text: `a dynamic id of ${driver.name} matches`, missing: [] };
  const ids = idTable(state, driver);
  if (ids === null) return { answer: 'no', text: `${driver.name} has no id table`, missing: [] };
  if (pci && ids !== 'unknown') {
    const hit = ids.find((id) => (named || id.override_only === 0) && matchesRow(id, pci, device.bus));
    return hit
      ? { answer: 'yes', text: `a row of ${driver.name}'s id table matches`, missing: [] }
      : { answer: 'no', text: `no row of ${driver.name}'s id table matches`, missing: [] };
  }
  const seen = factAbout(state.evidence, { bus: device.bus, driver: driver.name, device: device.name }, 'matches');
  if (seen)
    return {
      answer: seen.matches ? 'yes' : 'no',
      text: `${driver.name} ${seenTo(seen, 'matches')} ${seen.matches ? 'to match' : 'not to match'} ${device.name}`,
      missing: [],
    };
  const missing: Missing = { bus: device.bus, driver: driver.name, device: device.name, about: 'matches' };
  return { answer: 'unknown', text: `${driver.name}'s id table was not read`, missing: [missing] };
}
