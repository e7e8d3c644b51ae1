import { randomBytes } from 'node:crypto';
import { copyFile, link, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
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
  /** A second name of the file that is replaced, to bring it back by; null where it is not needed or there was none. */
  readonly backup: string | null;
  moved: boolean;
}

/**
 * Replaces all the files or none: each is written beside its target under a temporary name and synced; only when all are
 * there are they renamed, and the renames are undone if one fails. A reader sees the old file or the new one, never a part.
 * Missing directories are not made. Symbolic links are followed; a target that is no regular file (a pipe, a device) is
 * written in place. Throws `unwritable`.
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
  const target = await realpath(file.path).catch(() => file.path);
  const old = await stat(target).catch(() => null);
  const data = typeof file.data === 'string' ? Buffer.from(file.data, 'latin1') : file.data;
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

async function undo(one: Staged): Promise<void> {
  if (!one.moved) await rm(one.temporary, { force: true });
  else if (one.backup) await rename(one.backup, one.target);
  else await rm(one.target, { force: true });
}

/** Makes the renames themselves survive a power cut; some file systems cannot and say EINVAL, which is no failure. */
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
