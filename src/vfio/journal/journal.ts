import fs from 'node:fs';
import path from 'node:path';
import { ModaliasError } from '../../errors.ts';
import {
  formatLine,
  isDamaged,
  type JournalDevice,
  type JournalLine,
  type JournalRecord,
  parseJournal,
} from './journal-format.ts';
import { makeStateDirectory } from './lock.ts';

const NAME = /^(\d{1,9})\.journal$/;
const LIMIT = 16 * 1024 * 1024;

/** A journal that is open for writing. */
export interface Journal {
  readonly file: string;
  /** Writes a line and syncs it to disk. */
  add(line: JournalLine): void;
  /** Ends a transaction with nothing left to restore. */
  remove(): void;
  close(): void;
}

/** A journal found in the state directory. */
export interface FoundJournal extends JournalRecord {
  readonly file: string;
}

/** A journal of another boot no longer applies: overrides do not outlive the kernel. */
export function isStale(journal: FoundJournal, boot: string | null): boolean {
  return journal.boot !== null && boot !== null && journal.boot !== boot;
}

/**
 * Journals of this boot whose devices were left half-way, or are still being moved. Throws what `readJournals` does.
 */
export function readUnfinished(directory: string, boot: string | null): FoundJournal[] {
  return readJournals(directory).filter((journal) => journal.state !== 'bound' && !isStale(journal, boot));
}

/** The outcome of an unfinished journal's run, as words that follow its name. */
export function howItEnded({ state }: FoundJournal): string {
  return state === 'interrupted' ? 'was interrupted' : 'could not be rolled back';
}

/** Begins a journal. Its first line is on disk before this returns. Throws `state-directory`. */
export function beginJournal(directory: string, boot: string | null, devices: readonly JournalDevice[]): Journal {
  let journal: Journal | undefined;
  try {
    makeStateDirectory(directory);
    const taken = fs.readdirSync(directory).map((name) => Number(NAME.exec(name)?.[1] ?? 0));
    journal = openJournal(path.join(directory, `${Math.max(0, ...taken) + 1}.journal`), 'ax');
    journal.add({ kind: 'begin', version: 1, boot, devices });
    syncDirectory(directory);
    return journal;
  } catch (cause) {
    journal?.remove();
    throw new ModaliasError(
      'state-directory',
      `cannot write a journal (${(cause as Error).message}), and without one no device is moved; name another directory with --state`,
      { file: directory },
      { cause },
    );
  }
}

/** Opens an existing journal to append lines. */
export function continueJournal(file: string): Journal {
  const text = fs.readFileSync(file, 'utf8');
  const journal = openJournal(file, 'a');
  // A truncated line must not swallow the next one.
  if (text !== '' && !text.endsWith('\n')) fs.appendFileSync(file, '\n');
  return journal;
}

function openJournal(file: string, flags: 'ax' | 'a'): Journal {
  const fd = fs.openSync(file, flags, 0o600);
  let open = true;
  const close = () => {
    if (open) fs.closeSync(fd);
    open = false;
  };
  return {
    file,
    add(line) {
      // Unlike writeSync this goes on after a short write, or throws.
      fs.writeFileSync(fd, formatLine(line));
      fs.fsyncSync(fd);
    },
    remove() {
      close();
      fs.rmSync(file, { force: true });
    },
    close,
  };
}

/**
 * Journals with something left to restore, newest first. A missing directory has none. Throws `state-directory`
 * and, for a journal that does not name its devices, `damaged-journal`: if skipped, they would be lost.
 */
export function readJournals(directory: string): FoundJournal[] {
  let names: string[];
  try {
    names = fs.readdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new ModaliasError(
      'state-directory',
      `the state directory cannot be read (${code}); run as root, or name another with --state`,
      { file: directory },
      { cause: error },
    );
  }
  const numbers = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).sort((a, b) => Number(b) - Number(a));
  return numbers.flatMap((number) => {
    const file = path.join(directory, `${number}.journal`);
    const record = readOne(file);
    return record ? { ...record, file } : [];
  });
}

/** The oldest entry of a device in journals, newest first: where it was before anything was done to it. */
export function firstEntry(journals: readonly FoundJournal[], path: string): JournalDevice | undefined {
  return journals.flatMap(({ devices }) => devices.filter((device) => device.path === path)).at(-1);
}

function readOne(file: string): JournalRecord | null {
  let text: string | null;
  try {
    const stat = fs.statSync(file);
    // A named pipe would block this, and cannot hold a journal anyway.
    if (!stat.isFile()) text = '\n';
    else text = stat.size > LIMIT ? null : fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ModaliasError('state-directory', 'this journal cannot be read; run as root', { file }, { cause: error });
  }
  if (text === null || isDamaged(text)) {
    throw new ModaliasError(
      'damaged-journal',
      `this journal is damaged (${text === null ? `it is larger than ${LIMIT} bytes` : 'its first line names no devices'}), so the devices that it moved are not known; check the devices' drivers and driver_override, then move the file away`,
      { file },
    );
  }
  return parseJournal(text);
}

function syncDirectory(directory: string): void {
  const fd = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
