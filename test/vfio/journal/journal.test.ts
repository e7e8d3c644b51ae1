import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ModaliasError } from '../../../src/errors.ts';
import {
  beginJournal,
  continueJournal,
  type FoundJournal,
  howItEnded,
  isStale,
  readJournals,
  readUnfinished,
} from '../../../src/vfio/journal/journal.ts';
import type { JournalDevice } from '../../../src/vfio/journal/journal-format.ts';
import { makeNamedPipe } from '../../support/named-pipe.ts';

let state: string;
beforeEach(() => {
  state = fs.mkdtempSync(path.join(os.tmpdir(), 'modalias-state-'));
});
afterEach(() => fs.rmSync(state, { recursive: true, force: true }));

const device = (name: string): JournalDevice => ({
  name,
  bus: 'pci',
  path: `devices/pci0000:00/${name}`,
  modalias: null,
  before: { driver: 'e1000e', override: null },
  beforeModule: 'e1000e',
  after: { driver: 'vfio-pci', override: 'vfio-pci' },
});

test('readJournals gives the newest first, and what state each is in', () => {
  beginJournal(state, 'boot', [device('0000:01:00.0')]).close();
  const bound = beginJournal(state, 'boot', [device('0000:02:00.0')]);
  bound.add({ kind: 'end', state: 'bound' });
  bound.close();
  const rolledBack = beginJournal(state, 'boot', [device('0000:03:00.0')]);
  rolledBack.add({ kind: 'end', state: 'rolled-back' });
  rolledBack.close();
  expect(readJournals(state).map(({ state, devices }) => [state, devices[0]?.name])).toEqual([
    ['bound', '0000:02:00.0'],
    ['interrupted', '0000:01:00.0'],
  ]);
});

test('readJournals leaves out devices that are restored', () => {
  const journal = beginJournal(state, null, [device('0000:01:00.0'), device('0000:02:00.0')]);
  journal.add({ kind: 'end', state: 'bound' });
  journal.add({ kind: 'restored', path: device('0000:01:00.0').path });
  journal.close();
  expect(readJournals(state)[0]?.devices.map(({ name }) => name)).toEqual(['0000:02:00.0']);
});

test('continueJournal goes on after a line that was cut off', () => {
  const journal = beginJournal(state, null, [device('0000:01:00.0')]);
  journal.close();
  fs.appendFileSync(journal.file, '{"kind":"end","sta');
  expect(readJournals(state)[0]?.state).toBe('interrupted');
  const again = continueJournal(journal.file);
  again.add({ kind: 'end', state: 'incomplete' });
  again.close();
  expect(readJournals(state)[0]?.state).toBe('incomplete');
});

test('readJournals: a state directory that is not there has none, and is not made by looking', () => {
  expect(readJournals(path.join(state, 'no'))).toEqual([]);
  expect(fs.existsSync(path.join(state, 'no'))).toBe(false);
});

test.each([
  'not a journal\n',
  '\n',
  '{"kind":"begin","version":2,"boot":null,"devices":[]}\n',
  '{"kind":"step"}\n{}\n',
])('readJournals does not pass over the damaged journal %j, which would lose its devices', (text) => {
  fs.writeFileSync(path.join(state, '7.journal'), text);
  expect(() => readJournals(state)).toThrow(
    /7\.journal: this journal is damaged \(its first line names no devices\), so the devices/,
  );
  expect(thrown(() => readJournals(state)).code).toBe('damaged-journal');
});

test.each(['', '{"kind":"begin","ver'])('readJournals skips a journal cut off in its first line: %j', (text) => {
  fs.writeFileSync(path.join(state, '7.journal'), text);
  expect(readJournals(state)).toEqual([]);
});

test("readJournals does not wait for a named pipe in a journal's place", () => {
  makeNamedPipe(path.join(state, '7.journal'));
  expect(() => readJournals(state)).toThrow(/7\.journal: this journal is damaged/);
});

test('readJournals does not pass over a journal that is too large to be one', () => {
  fs.writeFileSync(path.join(state, '7.journal'), '');
  fs.truncateSync(path.join(state, '7.journal'), 17 * 1024 * 1024);
  expect(() => readJournals(state)).toThrow(/larger than/);
});

/** The error that something throws. */
function thrown(what: () => unknown): ModaliasError {
  try {
    what();
  } catch (error) {
    if (error instanceof ModaliasError) return error;
  }
  throw new Error('it threw no ModaliasError');
}

const lines = (file: string) => fs.readFileSync(file, 'utf8').split('\n');

test('beginJournal makes the directory, and a file that root alone may read, with the devices in its first line', () => {
  const directory = path.join(state, 'new');
  const journal = beginJournal(directory, 'boot', [device('0000:01:00.0')]);
  expect(journal.file).toBe(path.join(directory, '1.journal'));
  expect(fs.statSync(journal.file).mode & 0o777).toBe(0o600);
  expect(fs.statSync(directory).mode & 0o777).toBe(0o755);
  const begin = { kind: 'begin', version: 1, boot: 'boot', devices: [device('0000:01:00.0')] };
  expect(lines(journal.file)).toEqual([JSON.stringify(begin), '']);
  journal.close();
  journal.close();
});

test('beginJournal takes the number after the highest, whatever else lies there', () => {
  for (const name of ['9.journal', '10.journal', '99.journal.old', 'x77.journal', 'lock', '1234567890.journal'])
    fs.writeFileSync(path.join(state, name), '');
  const journal = beginJournal(state, null, [device('0000:01:00.0')]);
  expect(path.basename(journal.file)).toBe('11.journal');
  const close = vi.spyOn(fs, 'closeSync');
  journal.remove();
  expect(fs.existsSync(journal.file)).toBe(false);
  journal.remove();
  // Once: the descriptor's number may be another file's by now, which other threads share.
  expect(close).toHaveBeenCalledTimes(1);
  close.mockRestore();
});

test('beginJournal that cannot write leaves no file, and says what to do', () => {
  const sync = vi.spyOn(fs, 'fsyncSync').mockImplementationOnce(() => {
    throw Object.assign(new Error('ENOSPC: no space left on device, fsync'), { code: 'ENOSPC' });
  });
  const begin = () => beginJournal(state, null, [device('0000:01:00.0')]);
  expect(begin).toThrow(
    `${state}: cannot write a journal (ENOSPC: no space left on device, fsync), and without one no device is moved; name another directory with --state`,
  );
  sync.mockRestore();
  expect(fs.readdirSync(state)).toEqual([]);
  const below = thrown(() => beginJournal(path.join(state, 'a/b'), null, []));
  expect(below).toMatchObject({ code: 'state-directory', cause: { code: 'ENOENT' } });
  expect(below.message).toMatch(/cannot write a journal \(ENOENT/);
});

test('beginJournal has the name of the journal on the disk too before it returns', () => {
  const open = vi.spyOn(fs, 'openSync');
  const sync = vi.spyOn(fs, 'fsyncSync');
  const close = vi.spyOn(fs, 'closeSync');
  const journal = beginJournal(state, null, [device('0000:01:00.0')]);
  const directory = open.mock.results[open.mock.calls.findIndex(([file]) => file === state)]!.value;
  expect(sync.mock.calls.map(([fd]) => fd)).toContain(directory);
  expect(close.mock.calls).toEqual([[directory]]);
  vi.restoreAllMocks();
  journal.close();
});

test('Journal.add has each line on the disk before it returns, behind those that are there', () => {
  const journal = beginJournal(state, null, [device('0000:01:00.0')]);
  const sync = vi.spyOn(fs, 'fsyncSync');
  journal.add({ kind: 'rollback' });
  expect(sync).toHaveBeenCalledTimes(1);
  sync.mockRestore();
  journal.close();
  const again = continueJournal(journal.file);
  again.add({ kind: 'end', state: 'incomplete' });
  again.close();
  expect(lines(journal.file).slice(1)).toEqual(['{"kind":"rollback"}', '{"kind":"end","state":"incomplete"}', '']);
});

test('continueJournal of an empty file begins with no empty line', () => {
  const file = path.join(state, '1.journal');
  fs.writeFileSync(file, '');
  const journal = continueJournal(file);
  journal.add({ kind: 'rollback' });
  journal.close();
  expect(lines(file)).toEqual(['{"kind":"rollback"}', '']);
});

test('readJournals uses the numbers, not the texts, and reads nothing else', () => {
  for (const number of [9, 10, 2]) {
    const text = JSON.stringify({
      kind: 'begin',
      version: 1,
      boot: null,
      devices: [device(`0000:00:0${number % 8}.0`)],
    });
    fs.writeFileSync(path.join(state, `${number}.journal`), `${text}\n`);
  }
  for (const name of ['lock', 'x3.journal', '3.journal.bak', '1234567890.journal'])
    fs.writeFileSync(path.join(state, name), 'garbage\n');
  expect(readJournals(state).map(({ file }) => path.relative(state, file))).toEqual([
    '10.journal',
    '9.journal',
    '2.journal',
  ]);
});

test('readJournals says which directory or journal cannot be read', () => {
  const file = path.join(state, 'file');
  fs.writeFileSync(file, '');
  expect(() => readJournals(file)).toThrow(
    `${file}: the state directory cannot be read (ENOTDIR); run as root, or name another with --state`,
  );
  expect(thrown(() => readJournals(file))).toMatchObject({ code: 'state-directory', cause: { code: 'ENOTDIR' } });
  fs.symlinkSync('7.journal', path.join(state, '7.journal'));
  expect(() => readJournals(state)).toThrow(`${state}/7.journal: this journal cannot be read; run as root`);
  expect(thrown(() => readJournals(state))).toMatchObject({ code: 'state-directory', cause: { code: 'ELOOP' } });
});

test('readJournals skips a journal that is gone by the time it is read', () => {
  fs.symlinkSync('nothing', path.join(state, '7.journal'));
  expect(readJournals(state)).toEqual([]);
});

test('readJournals reads a journal of exactly the greatest length', () => {
  const file = path.join(state, '7.journal');
  const begin = JSON.stringify({ kind: 'begin', version: 1, boot: null, devices: [device('0000:01:00.0')] });
  fs.writeFileSync(file, `${begin}\n`);
  fs.truncateSync(file, 16 * 1024 * 1024);
  expect(readJournals(state)).toHaveLength(1);
  fs.truncateSync(file, 16 * 1024 * 1024 + 1);
  expect(() => readJournals(state)).toThrow(/it is larger than 16777216 bytes/);
});

test.each([
  ['this', 'this', false],
  ['that', 'this', true],
  [null, 'this', false],
  ['that', null, false],
])('isStale of a journal of boot %s in boot %s is %s', (of, now, stale) => {
  expect(isStale({ file: '', boot: of, state: 'bound', devices: [] }, now)).toBe(stale);
});

test('readUnfinished gives what this boot left in between, and howItEnded says how', () => {
  const begin = (boot: string | null, end?: 'bound' | 'incomplete') => {
    const journal = beginJournal(state, boot, [device('0000:01:00.0')]);
    if (end) journal.add({ kind: 'end', state: end });
    journal.close();
  };
  begin('this', 'bound');
  begin('this', 'incomplete');
  begin('this');
  begin('that');
  const told = (journals: FoundJournal[]) => journals.map((one) => `${path.basename(one.file)} ${howItEnded(one)}`);
  expect(told(readUnfinished(state, 'this'))).toEqual([
    '3.journal was interrupted',
    '2.journal could not be rolled back',
  ]);
});
