import { attachDriver } from './attach.ts';
import { deviceId, matchesRow, PCI_ANY_ID } from './device-id.ts';
import { errno, type KernelEvent, OK, type Transition, unknown } from './event.ts';
import { findModule, withDriver } from './lookup.ts';
import { idTable } from './match.ts';
import { idByName } from './policy-match.ts';
import type { DeviceId, Driver, KernelState } from './state.ts';
import { scanHex } from './text.ts';

const NEW_ID = 'drivers/pci/pci-driver.c:new_id_store';
const REMOVE_ID = 'drivers/pci/pci-driver.c:remove_id_store';

const ANY_DEVICE = deviceId(PCI_ANY_ID, PCI_ANY_ID);

/** The id in `vendor device [subvendor [subdevice [class [class_mask [driver_data]]]]]`; null with fewer than two. */
function parseId(data: string, most: 6 | 7 | 8, separator = ''): { id: DeviceId; fields: number } | null {
  const n = scanHex(data, most, separator);
  if (n.length < 2) return null;
  const u32 = (i: number, absent: number) => (n[i] === undefined ? absent : Number(BigInt.asUintN(32, n[i])));
  const id = deviceId(u32(0, 0), u32(1, 0), {
    subvendor: u32(2, PCI_ANY_ID),
    subdevice: u32(3, PCI_ANY_ID),
    class: u32(4, 0),
    class_mask: u32(5, 0),
    driver_data: n[6] ?? 0n,
    override_only: u32(7, 0),
  });
  return { id, fields: n.length };
}

/**
 * A write to drivers/DRIVER/new_id. The new id is compared as if it were a device, so a row with a concrete subsystem
 * or a class does not collide. What is accepted is offered every unbound device, whatever drivers_autoprobe says.
 */
export function newId(state: KernelState, driver: Driver, data: string): Transition {
  const fail = (name: 'EINVAL' | 'EEXIST', text: string): Transition => {
    return { state, result: errno(name), trace: [{ rule: NEW_ID, text, driver: driver.name }] };
  };
  const byName = idByName(state, data, ANY_DEVICE);
  if (byName && driver.dynids.some(({ at }) => at === byName.at)) return fail('EEXIST', 'the device is listed already');
  if (byName) return addId(state, driver, byName);
  const parsed = parseId(data, state.policy?.newIdFlags ? 8 : 7);
  if (!parsed) return fail('EINVAL', 'expected at least a vendor and a device in hexadecimal');
  const { id, fields } = parsed;
  const table = idTable(state, driver);
  if (table === 'unknown') {
    const text = `${driver.name}'s id table was not read`;
    return { state, result: unknown(text), trace: [{ rule: NEW_ID, text, driver: driver.name }] };
  }
  const rows = table ?? [];
  if (fields < 7 && rows.some((row) => row.override_only === 0 && matchesRow(row, id)))
    return fail('EEXIST', 'a row of the id table matches already');
  if (table !== null && !rows.some((row) => row.driver_data === id.driver_data))
    return fail('EINVAL', 'no row of the id table has that driver_data');
  if (fields < 7 && driver.dynids.some((row) => matchesRow(row, id)))
    return fail('EEXIST', 'a dynamic id matches already');
  return addId(state, driver, id);
}

/** Adds an id without a check and offers the driver every unbound device (pci-driver.c:do_pci_add_dynid). */
function addId(state: KernelState, driver: Driver, id: DeviceId): Transition {
  const dynids = [...driver.dynids, id];
  const added = withDriver(state, driver.bus, driver.name, { dynids });
  const { state: after, trace } = attachDriver(added, { ...driver, dynids });
  const first = { rule: 'drivers/pci/pci-driver.c:do_pci_add_dynid', text: 'the id is added', driver: driver.name };
  return { state: after, result: OK, trace: [first, ...trace] };
}

/** A write to drivers/DRIVER/remove_id: the first equal dynamic id goes, and no device is unbound. */
export function removeId(state: KernelState, driver: Driver, data: string): Transition {
  const byName = idByName(state, data, ANY_DEVICE);
  const parsed = byName ? { id: byName } : parseId(data, 6);
  const say = (text: string) => [{ rule: REMOVE_ID, text, driver: driver.name }];
  if (!parsed)
    return { state, result: errno('EINVAL'), trace: say('expected at least a vendor and a device in hexadecimal') };
  const want = parsed.id;
  const at = driver.dynids.findIndex(
    (id) =>
      id.at === want.at &&
      id.vendor === want.vendor &&
      id.device === want.device &&
      (want.subvendor === PCI_ANY_ID || id.subvendor === want.subvendor) &&
      (want.subdevice === PCI_ANY_ID || id.subdevice === want.subdevice) &&
      ((id.class ^ want.class) & want.class_mask) === 0,
  );
  if (at < 0) return { state, result: errno('ENODEV'), trace: say('no such dynamic id') };
  const dynids = driver.dynids.toSpliced(at, 1);
  return { state: withDriver(state, driver.bus, driver.name, { dynids }), result: OK, trace: say('the id is gone') };
}

/**
 * The `ids=` parameter of vfio-pci and pci-stub, `v:d[:sv[:sd[:class[:mask]]]]` separated by commas; malformed ones are
 * skipped (vfio_pci.c:vfio_pci_fill_ids, pci-stub.c:pci_stub_init).
 */
export function addParameterIds(state: KernelState, bus: string, driver: string, ids: string): Transition {
  let now: Transition = { state, result: OK, trace: [] };
  for (const text of ids.split(',')) {
    const parsed = parseId(text, 6, ':');
    const current = now.state.drivers.find((d) => d.bus === bus && d.name === driver);
    if (!parsed || !current) continue;
    const added = addId(now.state, current, parsed.id);
    now = { ...added, trace: [...now.trace, ...added.trace] };
  }
  return now;
}

/** An id that somebody gives a driver, as it was written. */
export interface GivenId {
  readonly text: string;
  readonly id: DeviceId;
}

/** The ids that an event gives a driver: of new_id, or of the parameter `ids=`, which modprobe.d may hold, too. */
export function idsGiven(state: KernelState, event: KernelEvent): GivenId[] {
  const given = (text: string, separator = ''): GivenId[] => {
    const parsed = parseId(text, 7, separator);
    return parsed ? [{ text: text.trim(), id: parsed.id }] : [];
  };
  if (event.kind === 'write') return /\/new_id$/.test(event.path) ? given(event.data) : [];
  if (event.kind !== 'load') return [];
  const listed = event.alone ? undefined : findModule(state, event.module)?.options?.ids;
  const ids = event.ids ?? event.parameters?.ids ?? listed;
  return (ids ?? '').split(',').flatMap((text) => given(text, ':'));
}
