import { needObject, needText } from '../arguments.ts';
import { bind, driversProbe } from './bind.ts';
import { newId, removeId } from './dynamic-ids.ts';
import { errno, OK, type Result, type Transition, unknown } from './event.ts';
import { writeType } from './groups.ts';
import { remove, rescan, resetDevice, unbindAll } from './hotplug.ts';
import { followLinks } from './links.ts';
import { withDeviceAt } from './lists/devices.ts';
import { deviceCalled, findDevice, findDriver, findGroup, withDevice } from './lookup.ts';
import { overrideEffect } from './match.ts';
import { PARAMETERS, readParameter, writeParameter } from './parameters.ts';
import { writeNumVfs, writeVfsAutoprobe } from './sriov.ts';
import type { Device, Driver, KernelState } from './state.ts';
import { cString, PAGE_SIZE, scanHex } from './text.ts';

/** The result of reading a sysfs file. */
export type AttributeRead = { readonly result: Result; readonly data: string };

/** One family of sysfs files: its paths and what the kernel does on a write and a read. */
interface Attribute {
  readonly path: RegExp;
  readonly write: (state: KernelState, parts: readonly string[], data: string) => Transition;
  readonly read?: (state: KernelState, parts: readonly string[]) => AttributeRead;
}

function absent(state: KernelState, text: string): Transition {
  return { state, result: errno('ENOENT'), trace: [{ rule: 'fs/kernfs/dir.c:kernfs_iop_lookup', text }] };
}

const NO_SUCH_FILE = 'there is no such file';

type DriverWrite = (state: KernelState, driver: Driver, data: string) => Transition;

/** A file below bus/BUS/drivers/DRIVER; `there` says whether the driver has it. */
function ofDriver(name: string, write: DriverWrite, there: (bus: string, suppressBind: boolean) => boolean): Attribute {
  return {
    path: new RegExp(`^bus/([^/]+)/drivers/([^/]+)/${name}$`),
    write: (state, [bus = '', name = ''], data) => {
      const driver = findDriver(state, bus, name);
      if (!driver || !there(bus, driver.suppressBind)) return absent(state, `${name} has no such file`);
      return data === '' ? nothing(state) : write(state, driver, data);
    },
  };
}

/** A write of no bytes reaches no store function (fs/kernfs/file.c:kernfs_fop_write_iter). */
function nothing(state: KernelState): Transition {
  const rule = 'fs/kernfs/file.c:kernfs_fop_write_iter';
  return { state, result: OK, trace: [{ rule, text: 'a write of no bytes does nothing' }] };
}

/** The device that bus/BUS/devices/NAME or the last directory below devices/ means. */
function deviceAt(state: KernelState, parts: readonly string[]): Device | undefined {
  const [bus, name, real] = parts;
  if (real !== undefined) return deviceCalled(state, real);
  return findDevice(state, bus!, name!);
}

function ofDevice(
  name: string,
  there: (device: Device) => boolean,
  write: (state: KernelState, device: Device, data: string) => Transition,
  read?: (device: Device) => string,
): Attribute {
  const attribute: Attribute = {
    path: new RegExp(`^(?:bus/([^/]+)/devices/([^/]+)|devices/(?:[^/]+/)*([^/]+))/${name}$`),
    write: (state, parts, data) => {
      const device = deviceAt(state, parts);
      if (!device || !there(device)) return absent(state, NO_SUCH_FILE);
      return data === '' ? nothing(state) : write(state, device, data);
    },
  };
  if (!read) return attribute;
  return {
    ...attribute,
    read: (state, parts) => {
      const device = deviceAt(state, parts);
      if (!device || !there(device)) return { result: errno('ENOENT'), data: '' };
      return { result: OK, data: read(device) };
    },
  };
}

/** drivers/pci/iov.c:sriov_pf_attrs_are_visible */
function isPhysical({ pci }: Device): boolean {
  return pci !== null && pci.sriov !== null;
}

const ATTRIBUTES: readonly Attribute[] = [
  ofDriver('bind', bind, (_bus, suppressed) => !suppressed),
  ofDriver(
    'vfio_bind',
    (state, driver, data) =>
      state.policy?.vfioBind && driver.vfio ? bind(state, driver, data, 'vfio_bind') : absent(state, NO_SUCH_FILE),
    () => true,
  ),
  ofDriver('unbind', unbindAll, (_bus, suppressed) => !suppressed),
  ofDriver('new_id', newId, (bus) => bus === 'pci'),
  ofDriver('remove_id', removeId, (bus) => bus === 'pci'),
  ofDevice(
    'driver_override',
    (device) => overrideEffect(device.bus) !== 'none',
    (state, device, data) => {
      const { override, result } = writeOverride(device.override, data);
      const rule = 'drivers/base/dd.c:__device_set_driver_override';
      const text = override === null ? 'no override' : `the override is '${override.slice(0, 80)}'`;
      const after = withDevice(state, device.bus, device.name, { override });
      return { state: after, result, trace: [{ rule, text, device: device.name }] };
    },
    (device) => showOverride(device.bus, device.override),
  ),
  ofDevice(
    'driver_probe_id',
    (device) => device.bus === 'pci',
    (state, device, data) => (state.policy?.probeId ? writeProbeId(state, device, data) : absent(state, NO_SUCH_FILE)),
  ),
  ofDevice('remove', (device) => device.bus === 'pci', remove),
  ofDevice(
    'rescan',
    (device) => device.bus === 'pci',
    (state, device, data) => rescan(state, device.bus, data, device),
  ),
  ofDevice('sriov_numvfs', isPhysical, writeNumVfs, (device) => `${device.pci!.numVfs}\n`),
  ofDevice(
    'sriov_drivers_autoprobe',
    isPhysical,
    writeVfsAutoprobe,
    (device) => `${device.pci!.vfsAutoprobe ? 1 : 0}\n`,
  ),
  ofDevice('reset', (device) => device.bus === 'pci', resetDevice),
  ...PARAMETERS.map(
    (parameter): Attribute => ({
      path: new RegExp(`^module/${parameter.module}/parameters/${parameter.name}$`),
      write: (state, _parts, data) => writeParameter(state, parameter, data),
      read: (state) => readParameter(state, parameter),
    }),
  ),
  {
    // The code that loads modules takes it (kernel/module/main.c:unknown_module_param_cb); no module has it itself.
    path: /^module\/[^/]+\/parameters\/async_probe$/,
    write: (state) => absent(state, 'async_probe is taken when a module is loaded, and has no file'),
    read: () => ({ result: errno('ENOENT'), data: '' }),
  },
  {
    path: /^bus\/(pci)\/rescan$/,
    write: (state, [bus = ''], data) => (data === '' ? nothing(state) : rescan(state, bus, data)),
  },
  {
    path: /^bus\/([^/]+)\/drivers_probe$/,
    write: (state, [bus = ''], data) => (data === '' ? nothing(state) : driversProbe(state, bus, data)),
  },
  {
    path: /^bus\/([^/]+)\/drivers_autoprobe$/,
    write: (state, [bus = ''], data) => {
      if (data === '') return nothing(state);
      const autoprobe = data[0] !== '0';
      const buses = state.buses.map((b) => (b.name === bus ? { ...b, autoprobe } : b));
      const rule = 'drivers/base/bus.c:drivers_autoprobe_store';
      return { state: { ...state, buses }, result: OK, trace: [{ rule, text: autoprobe ? '1' : '0' }] };
    },
    read: (state, [bus = '']) => {
      return { result: OK, data: `${(state.buses.find((b) => b.name === bus)?.autoprobe ?? true) ? 1 : 0}\n` };
    },
  },
  {
    path: /^kernel\/iommu_groups\/([^/]+)\/type$/,
    write: (state, [id = ''], data) => {
      const group = findGroup(state, id);
      if (!group) return absent(state, `there is no group ${id}`);
      return data === '' ? nothing(state) : writeType(state, group, data);
    },
    read: (state, [id = '']) => {
      const group = findGroup(state, id);
      return group ? { result: OK, data: `${group.type}\n` } : { result: errno('ENOENT'), data: '' };
    },
  },
];

/**
 * One write(2) to a sysfs file opened for writing without O_CREAT (which would make a missing file EACCES). Files that
 * the model does not know are `unknown`.
 */
export function writeAttribute(state: KernelState, path: string, data: string): Transition {
  const followed = followLinks(state, path);
  if (followed === 'absent') return absent(state, 'a link on the way leads nowhere');
  if (followed === 'unknown') return { state, result: unknown(`where ${path} leads is not known`), trace: [] };
  for (const attribute of ATTRIBUTES) {
    const m = attribute.path.exec(followed.path);
    if (m) return attribute.write(state, m.slice(1), data);
  }
  return { state, result: unknown(`${path} is not modelled`), trace: [] };
}

/**
 * What reading one of the readable files gives: driver_override, drivers_autoprobe, sriov_numvfs,
 * sriov_drivers_autoprobe, a group's type.
 */
export function readAttribute(state: KernelState, path: string): AttributeRead {
  needObject('state', state, 'devices', 'drivers');
  needText('path', path);
  const followed = followLinks(state, path);
  if (followed === 'absent') return { result: errno('ENOENT'), data: '' };
  for (const { path: pattern, read } of ATTRIBUTES) {
    const m = followed !== 'unknown' && read && pattern.exec(followed.path);
    if (m) return read(state, m.slice(1));
  }
  return { result: unknown(`${path} is not modelled`), data: '' };
}

/**
 * What a write to driver_override leaves there (dd.c:__device_set_driver_override, before 6.12's backport
 * driver.c:driver_set_override; alike). The name ends at the first NUL or newline; nothing before it clears. A write of
 * no bytes never reaches the kernel's function and changes nothing. A page less one byte is EINVAL.
 */
export function writeOverride(old: string | null, data: string): { override: string | null; result: Result } {
  if (old !== null) needText('old', old);
  needText('data', data);
  if (data.length === 0) return { override: old, result: OK };
  if (Math.min(data.length, PAGE_SIZE) >= PAGE_SIZE - 1) return { override: old, result: errno('EINVAL') };
  const name = cString(data).split('\n', 1)[0]!;
  return { override: name === '' ? null : name, result: OK };
}

/** What reading driver_override gives: the name, or `(null)`, and a newline; spi shows an empty line. */
export function showOverride(bus: string, override: string | null): string {
  needText('bus', bus);
  if (override !== null) needText('override', override);
  return `${override ?? (bus === 'spi' ? '' : '(null)')}\n`;
}

/** The override that a driver_override file's text means. A literal override of `(null)` looks like none. */
export function parseOverride(shown: string): string | null {
  needText('shown', shown);
  const name = shown.replace(/\n$/, '');
  return name === '' || name === '(null)' ? null : name;
}

/** What a policy's driver_probe_id does: two numbers are the id, anything else takes it away. */
function writeProbeId(state: KernelState, device: Device, data: string): Transition {
  const [vendor, id] = scanHex(data, 2).map(Number);
  const { probeId: _, ...own } = device;
  const now = vendor !== undefined && id !== undefined ? { ...own, probeId: { vendor, device: id } } : own;
  const devices = withDeviceAt(state.devices, state.devices.indexOf(device), now);
  const text = now === own ? 'it is matched by its own id' : `it is matched as ${data.trim()}`;
  return {
    state: { ...state, devices },
    result: OK,
    trace: [{ rule: 'policy: driver_probe_id', text, device: device.name }],
  };
}
