import type { Tree } from '../sysfs/tree.ts';

/** A process with files open that matter here. */
export interface OpenProcess {
  readonly pid: string;
  /** `process 812 (qemu-system-x86)`. */
  readonly text: string;
  readonly files: readonly OpenFile[];
}

export interface OpenFile {
  /** Number of the descriptor. */
  readonly fd: string;
  /** What its link in /proc/PID/fd says: a path, or `anon_inode:[vfio-device]`. */
  readonly file: string;
}

/** Processes with open files that are asked for. Those whose descriptors may not be read (of other users) are passed over. */
export function readOpenFiles(proc: Tree, asked: (file: string) => boolean): OpenProcess[] {
  const processes: OpenProcess[] = [];
  for (const pid of proc.list('').filter((name) => /^\d+$/.test(name))) {
    const files = proc.list(`${pid}/fd`).flatMap((fd): OpenFile[] => {
      const file = proc.link(`${pid}/fd/${fd}`) ?? '';
      return asked(file) ? [{ fd, file }] : [];
    });
    if (files.length === 0) continue;
    const name = proc.line(`${pid}/comm`)?.replaceAll(/[^\x20-\x7e]/g, '?') ?? '';
    processes.push({ pid, text: `process ${pid}${name === '' ? '' : ` (${name})`}`, files });
  }
  return processes;
}

/** How many processes, of other users, do not show what they have open: 0 for root. */
export function countUnseen(proc: Tree): number {
  const pids = proc.list('').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => proc.exists(`${pid}/fd`) && !proc.exists(`${pid}/fd/.`)).length;
}
