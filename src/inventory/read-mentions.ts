import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { readLines } from '../files/lines.ts';
import { inFile, unreadable } from '../files/read.ts';
import { statIfThere, statOf } from '../files/read-sync.ts';
import { grouped } from '../grouped.ts';
import { Tree } from '../vfio/sysfs/tree.ts';
import { bareLine, DeviceLines, type Mention } from './device-lines.ts';
import { type JsonKeys, mentionsOfJson, modaliasOfUevent, recordedMachine } from './json-devices.ts';
import { INVENTORY_PROGRAMS } from './line-formats.ts';
import { Unread } from './unread.ts';

/** A device of an inventory, and the machine that it belongs to; none where devices are only counted. */
export interface MachineMention extends Mention {
  readonly machine: string | undefined;
}

export interface ReadMentionsOptions {
  /** Where NDJSON has the modaliases. Default: the inventory is no NDJSON. */
  readonly json?: JsonKeys | undefined;
  readonly onDevice: (mention: MachineMention) => void;
}

const EXPECTED = `${['modaliases', ...INVENTORY_PROGRAMS.slice(0, -1)].join(', ')} or ${INVENTORY_PROGRAMS.at(-1)}`;
/** Most characters of a recorded machine; a large server takes a few million. */
const LARGEST_RECORD = 256 * 1024 * 1024;

/**
 * Reads an inventory device by device: a sysfs root (/sys, a copy of it, or a root file system that has one), a
 * recorded machine, a file with what `DeviceLines` reads, `-` for standard input, or a directory of these, each of
 * which is a machine that is called as its path. Returns warnings of what could not be read: of a directory, files
 * too. Throws `unreadable`, `line-too-long`, and `no-devices` where it names none.
 */
export async function readMentions(path: string, options: ReadMentionsOptions): Promise<readonly Diagnostic[]> {
  if (path === '-' || !statOf(path).isDirectory()) return readFileMentions(path, options);
  if (isSysfs(path)) {
    readSysfs(path, options.onDevice);
    return [];
  }
  const inventories = namesIn(path)
    .map((name) => join(path, name))
    .filter((one) => isSysfs(one) || statIfThere(one)?.isFile());
  if (inventories.length === 0) throw noDevicesIn(path);
  const diagnostics: Diagnostic[] = [];
  let read = 0;
  let failure: ModaliasError | undefined;
  for (const one of inventories) {
    try {
      diagnostics.push(...(await readMentions(one, options)));
      read++;
    } catch (error) {
      if (!(error instanceof ModaliasError) || !OF_ONE_FILE.has(error.code)) throw error;
      if (error.code !== 'no-devices') failure ??= error;
      diagnostics.push(...error.problems.map((problem): Diagnostic => ({ ...problem, severity: 'warning' })));
    }
  }
  if (read === 0) throw failure ?? noDevicesIn(path);
  return firstOfEach(diagnostics);
}

/** What is wrong with one file of a directory, and no reason to give no answer for the others. */
const OF_ONE_FILE: ReadonlySet<string> = new Set(['no-devices', 'line-too-long', 'too-big', 'unreadable']);

/** The first warning of each cause, with how many others there are: a fleet has thousands of files of one making. */
function firstOfEach(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...grouped(diagnostics, causeOf).values()].map((group) => {
    const [first, ...others] = group as [Diagnostic, ...Diagnostic[]];
    const files = `${others.length} other file${others.length === 1 ? '' : 's'}`;
    return others.length === 0 ? first : { ...first, message: `${first.message}; so it is with ${files}` };
  });
}

/** Without the line that it quotes, and how many others there are. */
const causeOf = ({ code, message }: Diagnostic) =>
  `${code} ${message.replace(/^'.*?' does .*?; /s, '').split(';', 1)[0]}`;

function noDevicesIn(file: string): ModaliasError {
  const message = 'no device here has a modalias; expected a sysfs root, such as /sys, or a directory of inventories';
  return new ModaliasError('no-devices', message, { file });
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Where sysfs has devices; `bus` and `class` only link to them, but a copy may hold them there. */
const PLACES: readonly string[] = ['class', 'bus', 'devices'];

function isSysfs(path: string): boolean {
  return existsSync(join(path, 'sys/devices')) || PLACES.some((place) => statIfThere(join(path, place))?.isDirectory());
}

function readSysfs(path: string, onDevice: ReadMentionsOptions['onDevice']): void {
  const tree = new Tree(existsSync(join(path, 'sys/devices')) ? join(path, 'sys') : path);
  const open = [...PLACES];
  let found = false;
  // The devices by their places; no link is followed. Buses without a file `modalias` have it in `uevent`.
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const modalias = tree.line(`${at}/modalias`) || modaliasOfUevent(tree.read(`${at}/uevent`));
    if (modalias) onDevice({ modalias, machine: path });
    found ||= Boolean(modalias);
    for (const name of tree.directories(at).toReversed()) open.push(`${at}/${name}`);
  }
  if (!found) throw noDevicesIn(path);
}

async function readFileMentions(path: string, { json, onDevice }: ReadMentionsOptions): Promise<readonly Diagnostic[]> {
  const machine = inFile(path).file;
  const unread = new Unread();
  let devices = 0;
  const device = (mention: Mention) => {
    devices++;
    onDevice({ ...mention, machine: mention.machine ?? (mention.count === undefined ? machine : undefined) });
  };
  let isUnread = false;
  const addUnread = (line: number, text: string, why: string) => {
    isUnread = true;
    unread.add(line, unreadText(text), why);
  };
  const lines = new DeviceLines({ device, unread: ({ line, text }) => addUnread(line, text, `expected ${EXPECTED}`) });
  let number = 0;
  let record: string[] | undefined;
  let size = 0;
  for await (const batch of readLines(path)) {
    for (const text of batch) {
      number++;
      if (json) {
        const line = bareLine(text);
        if (line.trim() === '') continue;
        const found = attempt(() => mentionsOfJson(line, json));
        if (found instanceof ModaliasError) addUnread(number, line, found.message);
        else found.forEach(device);
        continue;
      }
      if (!record && devices === 0 && !isUnread && /^\s*\{/.test(bareLine(text))) record = [];
      if (!record) lines.add(text);
      else {
        size += text.length;
        if (size > LARGEST_RECORD)
          throw new ModaliasError('too-big', `a machine in JSON of more than ${LARGEST_RECORD} bytes`, inFile(path));
        record.push(text);
      }
    }
  }
  lines.finish();
  if (record) {
    const read = recordedMachine(Buffer.from(record.join('\n'), 'latin1').toString('utf8'));
    if (!read)
      throw new ModaliasError(
        'no-devices',
        'is JSON, but not a recorded machine; for NDJSON name the member with --key',
        inFile(path),
      );
    for (const modalias of read.modaliases) device({ modalias, machine: read.name });
  }
  if (devices > 0) return unread.diagnostics(inFile(path));
  const { message, ...at } = unread.sentences()[0] ?? { message: `empty; expected ${json ? 'NDJSON' : EXPECTED}` };
  throw new ModaliasError('no-devices', message, { ...inFile(path), ...at });
}

function attempt<T>(task: () => T): T | ModaliasError {
  try {
    return task();
  } catch (error) {
    if (error instanceof ModaliasError) return error;
    throw error;
  }
}

const MOST_SHOWN = 60;

function unreadText(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return `'${plain.length > MOST_SHOWN ? `${plain.slice(0, MOST_SHOWN)}...` : plain}' does not identify a device`;
}
