import type { Tree } from './tree.ts';

const DEEPEST = 16;
const MOST_DIRECTORIES = 5000;

/**
 * Names of what a user would miss below a device in sysfs: disks, network interfaces, USB devices, graphics and sound
 * cards, input. Whatever is on the path to `except`, or below it, is left out. Sorted by path.
 */
export function hangingOn(tree: Tree, path: string, except: string): string[] {
  const found: string[] = [];
  let left = MOST_DIRECTORIES;
  const walk = (at: string, depth: number) => {
    if (depth > DEEPEST || --left < 0) return;
    for (const name of tree.directories(at)) {
      const child = `${at}/${name}`;
      if (child === except) continue;
      const asked = except.startsWith(`${child}/`);
      if (!asked && isMissed(tree.link(`${child}/subsystem`), name)) found.push(name);
      // What is plugged into a USB device or is on a disk is covered by it.
      else walk(child, depth + 1);
    }
  };
  walk(path, 0);
  return found;
}

/** `1-4.2` is a USB device; `usb1` is the controller's own hub, `1-4:1.0` an interface. */
const MISSED: Readonly<Record<string, RegExp>> = {
  'bus/usb': /^\d+-[\d.]+$/,
  'class/block': /./,
  'class/net': /./,
  'class/drm': /^card\d+$/,
  'class/sound': /^card\d+$/,
  'class/tty': /./,
  'class/input': /^event\d+$/,
};

function isMissed(subsystem: string | undefined, name: string): boolean {
  const kind = /(?:^|\/)((?:bus|class)\/[^/]+)$/.exec(subsystem ?? '')?.[1];
  return kind !== undefined && Object.hasOwn(MISSED, kind) && MISSED[kind]!.test(name);
}
