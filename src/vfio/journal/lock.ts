import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ModaliasError } from '../../errors.ts';
import { isAlive, type ProcessIdentity, thisProcess } from './process-identity.ts';

/** Held while the machine is changed; `release` may be called twice. */
export interface Lock {
  release(): void;
}

/** How often to retry a contended lock, and the delay between, in milliseconds. */
const ATTEMPTS = 200;
const PAUSE = 5;

/**
 * Takes the lock of a state directory, so that two runs do not change devices at once. The file says which process
 * holds it, so that a stale lock can be recognised. Throws `locked` while the owner lives, or may live where this
 * process cannot see, and `state-directory` where the directory cannot be written.
 */
export function takeLock(directory: string): Lock {
  const file = path.join(directory, 'lock');
  const me = thisProcess();
  const nonce = randomUUID();
  const own: Own = { file: `${file}.${nonce}`, text: `${formatOwner(me)} ${nonce}\n`, me };
  try {
    makeStateDirectory(directory);
    fs.writeFileSync(own.file, own.text, { flag: 'wx' });
  } catch (cause) {
    // A full disk can hold the name but not the text.
    if (['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code!)) fs.rmSync(own.file, { force: true });
    throw new ModaliasError(
      'state-directory',
      `the state directory cannot be written (${(cause as Error).message}); name another with --state, or run as root`,
      { file: directory },
      { cause },
    );
  }
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // A link appears atomically: no other run can see a lock without its owner.
      if (linked(own.file, file)) {
        sweep(directory, me);
        return { release: () => removeIf(file, own.text) };
      }
      const owner = readOwner(file);
      if (owner === undefined) continue;
      const alive = isAlive(owner, me);
      if (alive === 'no') removeDead(file, owner, own);
      else throw locked(file, owner, alive);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
    throw new ModaliasError('locked', 'the lock is contended; try again', { file });
  } finally {
    fs.rmSync(own.file, { force: true });
  }
}

/** Id of the process that holds a state directory's lock, if another one holds it or may; else null. */
export function lockOwner(directory: string): number | null {
  const owner = readOwner(path.join(directory, 'lock'));
  if (!owner || owner.pid === process.pid) return null;
  return isAlive(owner, thisProcess()) === 'no' ? null : owner.pid;
}

function locked(file: string, { pid }: Owner, alive: 'yes' | 'unknown'): ModaliasError {
  const message =
    alive === 'yes'
      ? `process ${pid} is changing devices and holds the lock; wait for it to end`
      : `process ${pid} of another PID namespace (a container, or the host) holds the lock, and cannot be seen from here; wait for it to end, or remove this file if it has`;
  return new ModaliasError('locked', message, { file });
}

/** This run: a file with its text, to be linked to a lock's name. */
interface Own {
  readonly file: string;
  readonly text: string;
  readonly me: ProcessIdentity;
}

interface Owner extends ProcessIdentity {
  /** The whole file; unique for each lock. */
  readonly text: string;
}

function formatOwner({ pid, started, namespace, boot }: ProcessIdentity): string {
  return `${pid} ${started} ${namespace} ${boot}`;
}

/** The content of a lock's file; garbage belongs to nobody. Undefined if it is gone. Throws if it is not a file. */
function readOwner(file: string): Owner | undefined {
  let text: string;
  let isFile: boolean;
  try {
    isFile = fs.lstatSync(file).isFile();
    // Stryker disable next-line StringLiteral: what is not a file is refused below
    text = isFile ? fs.readFileSync(file, 'latin1') : '';
  } catch {
    return undefined;
  }
  if (!isFile)
    throw new ModaliasError('state-directory', 'this is not a regular file, so it is not a lock; move it away', {
      file,
    });
  const [pid, started = '?', namespace = '?', boot = '?'] = text.trim().split(' ');
  return { pid: Number(pid), started, namespace, boot, text };
}

function linked(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // vfat and some network file systems have no hard links.
    const why = `cannot create a lock here (${message}); name a directory on another file system with --state`;
    throw new ModaliasError('state-directory', why, { file: to }, { cause });
  }
}

/**
 * Removes a dead owner's lock. Only who has linked the claim to that very lock may, so that none of several removes the
 * lock that another has taken meanwhile; a claim whose owner was killed is removed in the same way.
 */
function removeDead(file: string, owner: Owner, own: Own): void {
  const claim = `${file}.${createHash('sha256').update(owner.text, 'latin1').digest('hex').slice(0, 16)}`;
  if (linked(own.file, claim)) {
    removeIf(file, owner.text);
    fs.rmSync(claim, { force: true });
    return;
  }
  const other = readOwner(claim);
  if (other && isAlive(other, own.me) === 'no') removeDead(claim, other, own);
}

function removeIf(file: string, text: string): void {
  if (readOwner(file)?.text === text) fs.rmSync(file, { force: true });
}

/** Removes what killed runs left beside the lock; only the holder does this. */
function sweep(directory: string, me: ProcessIdentity): void {
  for (const name of fs.readdirSync(directory)) {
    if (!name.startsWith('lock.')) continue;
    const file = path.join(directory, name);
    const owner = readOwner(file);
    // An empty one is just being written.
    if (owner && owner.text !== '' && isAlive(owner, me) === 'no') fs.rmSync(file, { force: true });
  }
}

/**
 * Creates the state directory if it is missing; its parent must exist. (Node's recursive mkdir does not end where the
 * system answers ENOENT for a directory that is there, as /proc does.)
 */
export function makeStateDirectory(directory: string): void {
  try {
    fs.mkdirSync(directory, { mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
