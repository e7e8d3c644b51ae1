import type { Tree } from '../sysfs/tree.ts';

/** A line of mountinfo. */
export interface Mount {
  /** `major:minor`; file systems that may span several disks have a number of their own, with major 0. */
  readonly device: string;
  /** Mount point. */
  readonly on: string;
  readonly type: string;
  /** What it was mounted from: `/dev/sda1`, a pool's name, or `10.0.0.5:/srv`. */
  readonly source: string;
  /** The options of the file system, such as `addr=10.0.0.5` of NFS. */
  readonly options: string;
}

const LIMIT = 4 << 20;

/**
 * Every visible mount. The first process sees the host's even if this one runs in a container's namespace.
 */
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
  const [type = '', source = '', options = ''] = words.slice(dash + 1);
  return { device: words[2]!, on: unescapeMount(words[4]!), type, source: unescapeMount(source), options };
}

/** Space, tab, newline and backslash are in octal. Control characters stay escaped. */
function unescapeMount(text: string): string {
  return text.replaceAll('\\040', ' ').replaceAll('\\134', '\\');
}
