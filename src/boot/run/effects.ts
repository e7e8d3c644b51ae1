import type { Because } from '../because.ts';
import type { UdevDevice } from '../udev/device.ts';
import type { RuleEffects } from '../udev/event.ts';
import { runCommand } from './commands.ts';
import { loadDoings } from './load.ts';
import type { Stage } from './stage.ts';
import { writeDoings } from './write.ts';

/** Where a path of a udev rule leads, below the sysfs root. udev-util.c:udev_resolve_subsys_kernel. */
function sysfsPath(device: UdevDevice, path: string): string | undefined {
  const m = /^\[([^/\]]+)\/([^\]]+)\]\/?(.*)$/.exec(path);
  if (!m) return `${device.path}/${path}`;
  const [, subsystem, name, attribute] = m as unknown as [string, string, string, string];
  if (subsystem !== 'drivers') return `bus/${subsystem}/devices/${name}/${attribute}`;
  const colon = name.indexOf(':');
  return colon < 0 ? undefined : `bus/${name.slice(0, colon)}/drivers/${name.slice(colon + 1)}/${attribute}`;
}

/** What rules of udev do in a stage; `start` is called for units that they start. */
export function ruleEffects(stage: Stage, start: (unit: string, because: Because) => void): RuleEffects {
  return {
    write: (device, path, value, because) => {
      const at = sysfsPath(device, path);
      return at === undefined ? [] : writeDoings(stage, at, value, because);
    },
    load: (names, because) =>
      names.flatMap((name) => loadDoings(stage, name, [because], { applyBlacklist: true }, runCommand)),
    run: (command, because) => runCommand(stage, command, because, 0),
    start,
  };
}
