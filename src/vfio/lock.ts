import fs from 'node:fs';
import path from 'node:path';
import { ModaliasError } from '../errors.ts';
import { makeStateDirectory } from './state-directory.ts';

/** Held while the machine is changed; `release` may be called twice. */
export interface Lock {
  release(): void;
}

/** Several runs of one process have names of their own. */
let attempts = 0;

/**
 * Takes the lock of a state directory, so that two runs do not change devices at once. The file holds the owner's process id and the
 * time at which that process began, so that a lock whose owner was killed is known for what it is, even when its id was given to
 * another process. Throws `locked` while the owner lives and `state-directory` where the directory cannot be written.
 */
export function takeLock(directory: string): Lock {
  const file = path.join(directory, 'lock');
  const own = path.join(directory, `lock.${process.pid}.${++attempts}`);
  try {
    makeStateDirectory(directory);
    // A killed run with the same process id left this name behind, linked to the lock: it must not be written into.
    fs.rmSync(own, { force: true });
    fs.writeFileSync(own, `${process.pid} ${startTime(process.pid) ?? '?'}\n`);
  } catch (cause) {
    throw new ModaliasError(
      'state-directory',
      `the state directory cannot be written (${(cause as Error).message}); name another with --state, or run as root`,
      { file: directory },
      { cause },
    );
  }
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      // A link appears whole or not at all: no other run can see a lock without its owner.
      if (linked(own, file)) return { release: () => releaseOwn(file, own) };
      const owner = readOwner(file);
      if (owner === undefined) continue;
      if (alive(owner)) {
        throw new ModaliasError(
          'locked',
          `process ${owner.pid} is changing devices and holds the lock; wait for it to end`,
          { file },
        );
      }
      steal(file, owner.text);
    }
    throw new ModaliasError('locked', 'the lock changes hands all the time; try again', { file });
  } catch (error) {
    fs.rmSync(own, { force: true });
    throw error;
  }
}

interface Owner {
  readonly pid: number;
  readonly started: string;
  readonly text: string;
}

function linked(own: string, file: string): boolean {
  try {
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readOwner(file: string): Owner | undefined {
  let text: string;
  try {
    text = fs.readFileSync(file, 'latin1').slice(0, 100);
  } catch {
    return undefined;
  }
  const [pid, started] = text.trim().split(' ');
  return { pid: Number(pid), started: started ?? '?', text };
}

/** A lock with no sense in it belongs to nobody. */
function alive(owner: Owner): boolean {
  if (!Number.isInteger(owner.pid) || owner.pid <= 0) return false;
  const started = startTime(owner.pid);
  return started !== undefined && (owner.started === '?' || owner.started === started);
}

/** Takes a dead owner's lock away, by a rename, which only one of several can do; gives it back if it was renewed meanwhile. */
function steal(file: string, text: string): void {
  const aside = `${file}.stale.${process.pid}.${++attempts}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return;
  }
  if (fs.readFileSync(aside, 'latin1').slice(0, 100) !== text) linked(aside, file);
  fs.rmSync(aside, { force: true });
}

function releaseOwn(file: string, own: string): void {
  try {
    if (fs.statSync(file).ino === fs.statSync(own).ino) fs.rmSync(file, { force: true });
  } catch {
    // Already released.
  }
  fs.rmSync(own, { force: true });
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; undefined where there is no such process. Not of --proc: locks are of this machine. */
function startTime(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
