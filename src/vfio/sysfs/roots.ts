import { needObject } from '../../arguments.ts';
import { ModaliasError } from '../../errors.ts';
import { formatRelease, NEWEST_RELEASE, parseRelease, type Release, toRelease } from '../../release.ts';
import { Tree } from './tree.ts';

/** The roots of a machine. */
export interface MachineRoots {
  readonly sysfs: Tree;
  readonly proc: Tree;
  /** A kernel release to use instead of the one that proc names. */
  readonly release?: string | Release;
}

/** Where the file systems of a machine, or copies of them, are mounted. */
export interface RootPaths {
  /** Default: /sys. */
  readonly sysfs?: string | undefined;
  /** Default: /proc. */
  readonly proc?: string | undefined;
  /** A kernel release to use instead of the one that proc names. Default: that one. */
  readonly release?: string | Release | undefined;
}

/** The roots of a machine; by default this one's. */
export function machineRoots(paths: RootPaths = {}): MachineRoots {
  needObject('paths', paths);
  const { sysfs = '/sys', proc = '/proc', release } = paths;
  return { sysfs: new Tree(sysfs), proc: new Tree(proc), ...(release === undefined ? {} : { release }) };
}

/**
 * The kernel's release as `uname -r` prints it and as the rules use it. If proc does not show it, the text is null and
 * the newest rules apply.
 */
export function readRelease(roots: Omit<MachineRoots, 'sysfs'>): { text: string | null; release: Release } {
  const given = roots.release;
  if (given !== undefined) {
    const release = toRelease(given);
    return { text: typeof given === 'string' ? given : formatRelease(given), release };
  }
  const text = roots.proc.line('sys/kernel/osrelease')?.trim() ?? '';
  try {
    return { text, release: parseRelease(text) };
  } catch (error) {
    if (error instanceof ModaliasError) return { text: null, release: NEWEST_RELEASE };
    throw error;
  }
}

/** The kernel's boot id, which no two boots share; null if proc does not show it. */
export function readBoot(proc: Tree): string | null {
  return proc.line('sys/kernel/random/boot_id')?.trim() || null;
}
