import { randomBytes } from 'node:crypto';
import { writeFile as writeFileCallback } from 'node:fs';
import { copyFile, link, open, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ModaliasError } from '../errors.ts';
import { systemReason } from './reasons.ts';

/** A file to be written: bytes, or text whose characters U+0000 to U+00FF stand for one byte each. */
export interface OutputFile {
  readonly path: string;
  readonly data: Uint8Array | string;
}

/** Writes one file whole or not at all; see `writeFiles`. */
export function writeWhole(path: string, data: Uint8Array | string): Promise<void> {
  return writeFiles([{ path, data }]);
}

interface Staged {
  readonly target: string;
  readonly temporary: string;
  /** A second link to the replaced file, to undo the rename; null if not needed or if there was no file. */
  readonly backup: string | null;
  moved: boolean;
}

/**
 * Replaces all the files or none: each is written beside its target under a temporary name and synced; only once all
 * are complete are they renamed, and if a rename fails the others are undone. A reader sees the old file or the new
 * one, never a partial one. Missing directories are not created. Symbolic links are followed, dangling ones too; a
 * target that is not a regular file (a pipe, a device) or an open file (/dev/stdout) is written in place. Throws
 * `unwritable`.
 */
export async function writeFiles(files: readonly OutputFile[]): Promise<void> {
  const staged: Staged[] = [];
  let at = '';
  try {
    // Side by side, so that their syncs share one commit of the file system's journal.
    const outcomes = await Promise.allSettled(files.map((file) => stage(file, files.length > 1)));
    for (const outcome of outcomes) if (outcome.status === 'fulfilled' && outcome.value) staged.push(outcome.value);
    const failed = outcomes.findIndex((outcome) => outcome.status === 'rejected');
    if (failed !== -1) {
      at = files[failed]!.path;
      throw (outcomes[failed] as PromiseRejectedResult).reason;
    }
    for (const one of staged) {
      at = one.target;
      await rename(one.temporary, one.target);
      one.moved = true;
    }
    for (const directory of new Set(staged.map((one) => dirname(one.target)))) await syncDirectory(directory);
  } catch (error) {
    for (const one of staged) await undo(one);
    throw unwritable(at, error);
  } finally {
    for (const one of staged) if (one.backup) await rm(one.backup, { force: true });
  }
}

async function stage(file: OutputFile, keepOld: boolean): Promise<Staged | null> {
  const data = typeof file.data === 'string' ? Buffer.from(file.data, 'latin1') : file.data;
  const descriptor = ownDescriptor(file.path);
  if (descriptor !== undefined) {
    await promisify(writeFileCallback)(descriptor, data);
    return null;
  }
  const target = await followLinks(file.path);
  const old = await stat(target).catch(() => null);
  if (old?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  if (old && !old.isFile()) {
    await writeFile(target, data);
    return null;
  }
  const stem = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  const temporary = `${stem}.tmp`;
  const handle = await open(temporary, 'wx', 0o666);
  try {
    await handle.writeFile(data);
    if (old) await handle.chmod(old.mode & 0o7777);
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  const backup = old && keepOld ? `${stem}.old` : null;
  try {
    if (backup) await link(target, backup).catch(() => copyFile(target, backup));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return { target, temporary, backup, moved: false };
}

/** The number of an open file that a path such as /dev/stdout names: the file behind it must not be replaced. */
function ownDescriptor(path: string): number | undefined {
  const name = /^\/(?:dev\/(?:std(out|err)|fd\/(\d+))|proc\/self\/fd\/(\d+))$/.exec(path);
  if (!name) return undefined;
  return name[1] ? (name[1] === 'out' ? 1 : 2) : Number(name[2] ?? name[3]);
}

/** Limit of the kernel on links in a path. */
const MOST_LINKS = 40;

/** Where a path leads, even if nothing exists there yet. */
async function followLinks(path: string): Promise<string> {
  let target = path;
  for (let links = 0; links <= MOST_LINKS; links++) {
    const real = await realpath(target).catch(() => null);
    if (real !== null) return real;
    const link = await readlink(target).catch(() => null);
    if (link === null) return target;
    target = resolve(dirname(target), link);
  }
  throw Object.assign(new Error(), { code: 'ELOOP' });
}

async function undo(one: Staged): Promise<void> {
  if (!one.moved) await rm(one.temporary, { force: true });
  else if (one.backup) await rename(one.backup, one.target);
  else await rm(one.target, { force: true });
}

/**
 * Makes the renames themselves survive a power failure; file systems that do not support this return EINVAL, which is
 * not an error.
 */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}

function unwritable(path: string, error: unknown): ModaliasError {
  return new ModaliasError('unwritable', `cannot write: ${systemReason(error)}`, { file: path }, { cause: error });
}
