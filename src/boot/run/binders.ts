import { findDevice, type KernelState } from '../../driver-core/index.ts';
import { parseIds } from '../../vfio/sysfs/pci-ids.ts';
import type { Because } from '../because.ts';
import type { Stage } from './stage.ts';
import type { Doing } from './task.ts';

/** Loads a module by the name of a driver, as modprobe takes it. */
export type Load = (name: string) => readonly Doing[];

/** A write through the link `driver` of the subject, where it has a driver. */
function unbind({ subject: { bus, name } }: Stage, because: Because): Doing {
  const event = (state: KernelState) => {
    const driver = findDevice(state, bus, name)?.driver;
    if (typeof driver !== 'string') return null;
    return { kind: 'write' as const, path: `bus/${bus}/drivers/${driver}/unbind`, data: name };
  };
  return { event, because: [because] };
}

/**
 * `driverctl load-override` and `set-override`: modprobe, unbind, the override, drivers_probe. Debian's 0.115 adds the
 * ids to vfio-pci in between, which makes it take every like device that has no driver then (driverctl: set_override).
 */
export function driverctlDoings(stage: Stage, words: readonly string[], because: Because, load: Load): Doing[] {
  const at = words.findIndex((word) => word === 'load-override' || word === 'set-override');
  if (at < 0) return [];
  const given = words.slice(0, at);
  const option = given.findIndex((word) => word === '-b' || word === '--bus');
  const [device = '', named] = words.slice(at + 1);
  const slash = device.indexOf('/');
  const bus = slash < 0 ? (given[option + 1] ?? 'pci') : device.slice(0, slash);
  const name = device.slice(slash + 1);
  const saved = words[at] === 'load-override' ? stage.files.text(`etc/driverctl.d/${bus}-${name}`) : undefined;
  const driver = named ?? saved?.replace(/\n+$/, '');
  if (driver === undefined || driver === '' || driver === 'none') return [];
  const why: Because[] =
    saved === undefined
      ? [because]
      : [because, { file: stage.files.label(`etc/driverctl.d/${bus}-${name}`), line: 1, rule: driver }];
  const script = stage.files.text('usr/sbin/driverctl') ?? '';
  const isSubject = bus === stage.subject.bus && name === stage.subject.name;
  const write = (path: string, data: string): Doing => ({ event: { kind: 'write', path, data }, because: why });
  const writesIds = driver === 'vfio-pci' && script.includes('/new_id');
  return [
    ...load(driver).map((doing) => ({ ...doing, because: [...why, ...doing.because] })),
    ...(isSubject ? [unbind(stage, because)] : []),
    ...(writesIds ? newId(stage, bus, name, why) : []),
    ...(isSubject
      ? [
          write(`bus/${bus}/devices/${name}/driver_override`, `${driver}\n`),
          write(`bus/${bus}/drivers_probe`, `${name}\n`),
        ]
      : []),
  ];
}

function newId({ idsOf }: Stage, bus: string, name: string, because: readonly Because[]): Doing[] {
  const ids = bus === 'pci' ? idsOf(name) : null;
  if (ids === null) return [];
  const data = `0x${ids.vendor} 0x${ids.device}`;
  return [{ event: { kind: 'write', path: 'bus/pci/drivers/vfio-pci/new_id', data }, because }];
}

/**
 * `modalias vfio bind`, which takes a device from any driver; refused where `--id` says that it has to be another. With
 * `--vfs` the device keeps its driver.
 */
export function bindDoings(stage: Stage, words: readonly string[], because: Because, load: Load): Doing[] {
  const { bus, name } = stage.subject;
  const devices: string[] = [];
  const ids: string[] = [];
  let driver: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    const [option = '', inline] = word.split('=', 2);
    if (option === '--vfs') return [];
    if (option === '--id') ids.push(inline ?? words[++index] ?? '');
    else if (option === '--driver') driver = inline ?? words[++index];
    else if (!word.startsWith('-')) devices.push(word);
  }
  const mine = devices.findIndex((word) => word === name || word.endsWith(`/${name}`) || name.endsWith(`:${word}`));
  if (mine < 0) return [];
  const expected = parseIds((ids.length === 1 ? ids[0] : ids[mine]) ?? '');
  const found = stage.idsOf(name);
  if (
    expected &&
    found &&
    Object.entries(expected).some(([key, value]) => found[key as keyof typeof found] !== value)
  ) {
    const message = `${name} holds another device than --id of the unit says: it is left alone`;
    stage.note({
      code: 'other-device',
      severity: 'warning',
      message,
      ...(because.file === null ? {} : { file: because.file }),
    });
    return [];
  }
  const target = driver ?? stage.vfio?.driver;
  if (target === undefined) return [];
  const module = driver === undefined ? stage.vfio!.module : driver;
  // sysfs-hands.ts waits for a driver that is being registered.
  const write = (path: string, data: string): Doing => {
    return { event: { kind: 'write', path, data }, because: [because], patient: true };
  };
  return [
    ...load(module).map((doing) => ({ ...doing, because: [because, ...doing.because] })),
    write(`bus/${bus}/devices/${name}/driver_override`, `${target}\n`),
    unbindUnless(stage, target, because),
    write(`bus/${bus}/drivers/${target}/bind`, name),
  ];
}

function unbindUnless(stage: Stage, target: string, because: Because): Doing {
  const { event } = unbind(stage, because);
  const { bus, name } = stage.subject;
  return {
    event: (state) => {
      if (findDevice(state, bus, name)?.driver === target) return null;
      return typeof event === 'function' ? event(state) : event;
    },
    because: [because],
    patient: true,
  };
}
