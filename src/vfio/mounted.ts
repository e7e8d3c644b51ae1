import type { MachineRoots } from './roots.ts';
import type { Tree } from './tree.ts';

export interface MountedOn {
  /** Path in sysfs of the disk below everything that is stacked on it. */
  readonly path: string;
  readonly kind: 'mounted' | 'swap';
  readonly text: string;
}

/** Layers of device mapper, md and the like that are looked through. */
const DEEPEST = 8;

/** Every block device that a mounted file system or swap lies on, looked through partitions, device mapper and md. */
export function readMountedDevices({ sysfs, proc }: MachineRoots): MountedOn[] {
  const found: MountedOn[] = [];
  const seen = new Set<string>();
  const add = (block: string | undefined, kind: MountedOn['kind'], text: string) => {
    for (const path of block === undefined ? [] : disksUnder(sysfs, block, 0)) {
      const name = block!.slice(block!.lastIndexOf('/') + 1);
      const said = `${name} ${text}`;
      if (!seen.has(`${path} ${said}`)) found.push({ path, kind, text: said });
      seen.add(`${path} ${said}`);
    }
  };
  // The first process sees the host's mounts even when this one runs in a container's namespace.
  for (const pid of ['1', 'self']) {
    for (const line of (proc.read(`${pid}/mountinfo`, 1 << 20) ?? '').split('\n')) {
      const mount = parseMountinfo(line);
      if (mount) add(blockOf(sysfs, mount.device, mount.source), 'mounted', `is mounted on ${mount.on}`);
    }
  }
  for (const line of (proc.read('swaps') ?? '').split('\n').slice(1)) {
    const file = line.split(/\s/, 1)[0] ?? '';
    if (file.startsWith('/dev/')) add(sysfs.real(`class/block/${file.slice(5)}`), 'swap', 'is used for swap');
  }
  return found;
}

/** proc(5): id, parent, major:minor, root, mount point, options, optional fields, `-`, type, source, super options. */
function parseMountinfo(line: string): { device: string; on: string; source: string } | undefined {
  const words = line.split(' ');
  const dash = words.indexOf('-', 6);
  if (dash < 0 || !/^\d+:\d+$/.test(words[2]!)) return undefined;
  return { device: words[2]!, on: unescapeMount(words[4]!), source: unescapeMount(words[dash + 2] ?? '') };
}

/** Space, tab, newline and backslash stand in octal. What would upset a terminal stays escaped. */
function unescapeMount(text: string): string {
  return text.replaceAll('\\040', ' ').replaceAll('\\134', '\\');
}

/** btrfs and others mount under a number of their own (major 0); then the source tells, as /dev/NAME. */
function blockOf(sysfs: Tree, device: string, source: string): string | undefined {
  if (!device.startsWith('0:')) return sysfs.real(`dev/block/${device}`);
  return source.startsWith('/dev/') ? sysfs.real(`class/block/${source.slice(5).replaceAll('/', '!')}`) : undefined;
}

function disksUnder(sysfs: Tree, block: string, depth: number): string[] {
  const below = sysfs.list(`${block}/slaves`);
  if (below.length === 0 || depth > DEEPEST) return [block];
  return below.flatMap((name) => {
    const path = sysfs.real(`${block}/slaves/${name}`);
    return path === undefined ? [] : disksUnder(sysfs, path, depth + 1);
  });
}
