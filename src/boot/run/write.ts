import type { KernelState } from '../../driver-core/index.ts';
import type { Because } from '../because.ts';
import type { Stage } from './stage.ts';
import type { Doing, EventOf } from './task.ts';

/** Attributes of sysfs that have a say in which driver a device has. */
const MATTERS =
  /\/(?:driver_override|unbind|bind|new_id|remove_id|drivers_probe|drivers_autoprobe|remove|rescan|sriov_numvfs|sriov_drivers_autoprobe)$/;

/** A write to sysfs, where it can matter to the subject; `path` is below the sysfs root. */
export function writeDoings({ subject }: Stage, path: string, data: string, because: Because): Doing[] {
  const at = path.replace(/\/+/g, '/').replace(/^\//, '');
  if (!MATTERS.test(`/${at}`)) return [];
  const device = /^(?:devices\/|bus\/[^/]+\/devices\/)(?:.*\/)?([^/]+)$/.exec(
    at.replace(/\/(?:driver\/)?[^/]+$/, ''),
  )?.[1];
  if (device !== undefined && device !== subject.name && !at.endsWith('/remove')) return viaDriver(at, data, because);
  return [{ event: eventOfWrite(subject, at, data), because: [because] }];
}

/** Another device's `driver/unbind` acts on the driver: only the name that is written matters. */
function viaDriver(at: string, data: string, because: Because): Doing[] {
  return at.endsWith('/driver/bind') ? [{ event: { kind: 'write', path: at, data }, because: [because] }] : [];
}

function eventOfWrite(subject: Stage['subject'], path: string, data: string): EventOf {
  const through = /\/driver\/(unbind|bind|new_id|remove_id)$/.exec(path)?.[1];
  if (through === undefined) return { kind: 'write', path, data };
  return (state: KernelState) => {
    const { driver } = state.devices.find((one) => one.name === subject.name && one.bus === subject.bus) ?? {};
    if (typeof driver !== 'string') return null;
    return { kind: 'write', path: `bus/${subject.bus}/drivers/${driver}/${through}`, data };
  };
}
