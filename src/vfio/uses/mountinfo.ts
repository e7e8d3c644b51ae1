import type { Tree } from '../sysfs/tree.ts';

/** A line of mountinfo. */
export interface Mount {
  /** `major:minor`; file systems that may lie on several disks have a number of their own, with major 0. */
  readonly device: string;
  /** Mount point. */
  readonly on: string;
  readonly type: string;
  /** What it was mounted from: `/dev/sda1`, or a pool's name. */
  readonly source: string;
}

const LIMIT = 4 << 20;

/** Every mount that can be seen. The first process sees the host's even when this one runs in a container's namespace. */
export function readMounts(proc: Tree): Mount[] {
  return ['1', 'self'].flatMap((pid) =>
    (proc.read(`${pid}/mountinfo`, LIMIT) ?? '').split('\n').flatMap((line) => parseMountinfo(line) ?? []),
  );
}

/** proc(5): id, parent, major:minor, root, mount point, options, optional fields, `-`, type, source, super options. */
function parseMountinfo(line: string): Mount | undefined {
  const words = line.split(' ');
  const dash = words.indexOf('-', 6);
  if (dash < 0 || !/^\d+:\d+$/.test(words[2]!)) return undefined;
  const [type = '', source = ''] = words.slice(dash + 1);
  return { device: words[2]!, on: unescapeMount(words[4]!), type, source: unescapeMount(source) };
}

/** Space, tab, newline and backslash stand in octal. What would upset a terminal stays escaped. */
function unescapeMount(text: string): string {
  return text.replaceAll('\\040', ' ').replaceAll('\\134', '\\');
}
