import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginJournal, continueJournal, readJournals } from '../../../src/vfio/journal/journal.ts';
import { type JournalDevice, parseJournal } from '../../../src/vfio/journal/journal-format.ts';

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

test.each([
  ['', 'nothing'],
  ['garbage\n', 'no JSON'],
  ['{"kind":"begin"}\n', 'no devices'],
  ['{"kind":"begin","version":2,"boot":null,"devices":[]}\n', 'another version'],
  [
    `${JSON.stringify({ kind: 'begin', version: 1, boot: null, devices: [{ ...device('x'), path: '../../etc' }] })}\n`,
    'a path elsewhere',
  ],
  [
    `${JSON.stringify({ kind: 'begin', version: 1, boot: null, devices: [{ ...device('x'), name: '../x' }] })}\n`,
    'a name with a slash',
  ],
  [
    `${JSON.stringify({ kind: 'begin', version: 1, boot: null, devices: [{ ...device('x'), before: { driver: '../../x', override: null } }] })}\n`,
    'a driver with a slash',
  ],
  [
    `${JSON.stringify({ kind: 'begin', version: 1, boot: null, devices: [{ ...device('x'), beforeModule: { a: 1 } }] })}\n`,
    'a module that is no text',
  ],
])('parseJournal takes no %j: %s', (text) => {
  expect(parseJournal(text)).toBeNull();
});

test('a state directory that is not there has no journals, and is not made by looking', () => {
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
  expect(() => readJournals(state)).toThrow(/7\.journal: this journal is damaged/);
});

test.each(['', '{"kind":"begin","ver'])('readJournals passes over a journal cut off in its first line: %j', (text) => {
  fs.writeFileSync(path.join(state, '7.journal'), text);
  expect(readJournals(state)).toEqual([]);
});

test("readJournals does not wait for a named pipe in a journal's place", () => {
  execFileSync('mkfifo', [path.join(state, '7.journal')]);
  expect(() => readJournals(state)).toThrow(/7\.journal: this journal is damaged/);
});

test('readJournals does not pass over a journal that is too large to be one', () => {
  fs.writeFileSync(path.join(state, '7.journal'), '');
  fs.truncateSync(path.join(state, '7.journal'), 17 * 1024 * 1024);
  expect(() => readJournals(state)).toThrow(/larger than/);
});
