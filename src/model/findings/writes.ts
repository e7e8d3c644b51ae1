import { followLinks } from '../../driver-core/links.ts';
import type { Observation, ObservedAct } from './observe.ts';

/** A write to a file by which drivers are bound. */
export interface BindingWrite {
  readonly act: ObservedAct;
  /** Index of the step. */
  readonly at: number;
  readonly file: 'bind' | 'unbind' | 'new_id' | 'remove_id' | 'driver_override' | 'drivers_probe' | 'drivers_autoprobe';
  readonly bus: string;
  /** The driver whose file it is. */
  readonly driver: string | null;
  /** The device that the path or the data names. */
  readonly device: string | null;
  readonly data: string;
}

const FILES =
  /^bus\/([^/]+)\/(?:drivers\/([^/]+)\/(bind|unbind|new_id|remove_id)|devices\/([^/]+)\/(driver_override)|(drivers_probe|drivers_autoprobe))$/;

/** The writes of a run by which drivers are bound, links in their paths followed. */
export function bindingWrites({ steps }: Observation): BindingWrite[] {
  return steps.flatMap((act, at) => {
    if (act.kind !== 'act' || act.event.kind !== 'write') return [];
    const followed = followLinks(act.before, act.event.path);
    const path = typeof followed === 'string' ? act.event.path : asOnBus(act, followed.path);
    const m = FILES.exec(path);
    if (!m) return [];
    const [, bus = '', driver, ofDriver, device, override, ofBus] = m;
    const { data } = act.event;
    const file = (ofDriver ?? override ?? ofBus) as BindingWrite['file'];
    const named = device ?? (/^(?:bind|unbind|drivers_probe)$/.test(file) ? data.replace(/\n$/, '') : null);
    return [{ act, at, file, bus, driver: driver ?? null, device: named, data }];
  });
}

/** A device's own directory as bus/BUS/devices/NAME. */
function asOnBus({ before }: ObservedAct, path: string): string {
  const m = /^devices\/(?:[^/]+\/)*([^/]+)\/driver_override$/.exec(path);
  const device = m && before.devices.find(({ name, present }) => present && name === m[1]);
  return device ? `bus/${device.bus}/devices/${device.name}/driver_override` : path;
}
