import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { needText } from '../arguments.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { readLines } from '../files/lines.ts';
import { inFile } from '../files/read.ts';
import { statOf } from '../files/read-sync.ts';
import { Tree } from '../vfio/sysfs/tree.ts';
import { InventoryLines, type UnreadLine } from './inventory-lines.ts';
import type { KnownDevice } from './known-device.ts';

/** The devices of one or more machines. */
export interface Inventory {
  /** Each once. */
  readonly devices: readonly KnownDevice[];
  /** What could not be read, as a warning. */
  readonly diagnostics: readonly Diagnostic[];
}

const EXPECTED = 'modaliases, lspci -vmmn, lspci -nmm, lsusb or udevadm info -e';

/**
 * Reads an inventory: a sysfs root (/sys, a copy of it, or a root file system that has one), or a file with what
 * `InventoryLines` reads, `-` for standard input. Throws `unreadable`, `line-too-long`, and `no-devices` where it
 * names none.
 */
export async function readInventory(path: string): Promise<Inventory> {
  needText('path', path);
  const lines = new InventoryLines();
  if (path !== '-' && statOf(path).isDirectory()) {
    const sysfs = join(path, 'sys/devices');
    for (const modalias of sysfsModaliases(new Tree(existsSync(sysfs) ? join(path, 'sys') : path))) lines.add(modalias);
    const { devices } = lines.finish();
    if (devices.length > 0) return { devices, diagnostics: [] };
    throw new ModaliasError('no-devices', 'no device here has a modalias; expected a sysfs root, such as /sys', {
      file: path,
    });
  }
  for await (const batch of readLines(path)) for (const line of batch) lines.add(line);
  const { devices, unread } = lines.finish();
  if (devices.length === 0) {
    const place = unread[0] ? { line: unread[0].line } : {};
    throw new ModaliasError('no-devices', noDevices(unread), { ...inFile(path), ...place });
  }
  return { devices, diagnostics: unread.length === 0 ? [] : [unreadLines(unread, path)] };
}

function noDevices([first]: readonly UnreadLine[]): string {
  return first ? `${quoted(first)} does not identify a device; expected ${EXPECTED}` : `empty; expected ${EXPECTED}`;
}

function unreadLines(unread: readonly UnreadLine[], path: string): Diagnostic {
  const [first] = unread as [UnreadLine];
  const others = unread.length > 1 ? ` (nor do ${unread.length - 1} others)` : '';
  const message = `${quoted(first)} does not identify a device${others}; expected ${EXPECTED}`;
  return { code: 'unread-line', severity: 'warning', message, ...inFile(path), line: first.line };
}

const MOST_SHOWN = 60;

function quoted({ text }: UnreadLine): string {
  const plain = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return `'${plain.length > MOST_SHOWN ? `${plain.slice(0, MOST_SHOWN)}...` : plain}'`;
}

/** Where sysfs has devices; `bus` and `class` only link to them, but a copy may hold them there. */
const PLACES: readonly string[] = ['class', 'bus', 'devices'];

/**
 * The modaliases of all devices of a sysfs root, latin1, by their places; no link is followed. Buses without a file
 * `modalias` have it in `uevent`.
 */
function* sysfsModaliases(tree: Tree): Generator<string> {
  const open = [...PLACES];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const modalias = modaliasAt(tree, at);
    if (modalias) yield modalias;
    for (const name of tree.directories(at).toReversed()) open.push(`${at}/${name}`);
  }
}

function modaliasAt(tree: Tree, at: string): string | undefined {
  const own = tree.line(`${at}/modalias`);
  if (own) return own;
  return /^MODALIAS=(.+)$/m.exec(tree.read(`${at}/uevent`) ?? '')?.[1];
}
