import fs from 'node:fs';

/**
 * Identifies a process uniquely: process ids are reused, each PID namespace has its own, and each boot starts over. A
 * field is `?` if /proc does not show it. Independent of --proc: locks belong to this machine.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, in clock ticks since boot. */
  readonly started: string;
  /** What /proc/PID/ns/pid says: `pid:[4026531836]`. */
  readonly namespace: string;
  /** The kernel's boot id. */
  readonly boot: string;
}

/**
 * The first PID namespace of every boot (include/linux/proc_ns.h: PROC_PID_INIT_INO); its /proc shows the processes of
 * all others.
 */
const FIRST_NAMESPACE = `pid:[${0xeffffffc}]`;

/** This process. */
export function thisProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    started: startTime(process.pid) ?? '?',
    namespace: namespaceOf('self'),
    boot: read('/proc/sys/kernel/random/boot_id')?.trim() || '?',
  };
}

/** Whether a process still runs; unknown if its PID namespace cannot be seen from here. */
export function isAlive(other: ProcessIdentity, me: ProcessIdentity): 'yes' | 'no' | 'unknown' {
  if (!Number.isInteger(other.pid) || other.pid <= 0) return 'no';
  if (differs(other.boot, me.boot)) return 'no';
  if (!differs(other.namespace, me.namespace)) return aliveHere(other) ? 'yes' : 'no';
  if (listed(other)) return 'yes';
  return me.namespace === FIRST_NAMESPACE && process.getuid?.() === 0 ? 'no' : 'unknown';
}

function differs(a: string, b: string): boolean {
  return a !== '?' && b !== '?' && a !== b;
}

function aliveHere({ pid, started }: ProcessIdentity): boolean {
  const now = startTime(pid);
  if (now !== undefined) return now !== null && !differs(now, started);
  try {
    // A /proc mounted with hidepid shows no processes of others.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether /proc shows a process of another namespace; NSpid ends with its id there. */
function listed({ pid, started, namespace }: ProcessIdentity): boolean {
  return fs.readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name) || namespaceOf(name) !== namespace) return false;
    const there = /^NSpid:.*\s(\d+)$/m.exec(read(`/proc/${name}/status`) ?? '')?.[1];
    const now = startTime(Number(name));
    return Number(there) === pid && typeof now === 'string' && !differs(now, started);
  });
}

function namespaceOf(pid: string): string {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return '?';
  }
}

/** When a process started; null for a zombie, undefined if /proc does not show it. */
function startTime(pid: number): string | null | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? '?');
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
