import type { Placement, Step } from '../plan/plan-types.ts';
import { siblingPath } from '../sysfs/sriov.ts';

/** A device of a transaction, with its old and its intended state. */
export interface JournalDevice {
  readonly name: string;
  readonly bus: string;
  readonly path: string;
  readonly modalias: string | null;
  readonly before: Placement;
  /** Module of the driver before, to load it again; null where it was built in or there was none. */
  readonly beforeModule: string | null;
  readonly after: Placement;
  /** How many virtual functions go away with its driver, which restore does not make again; absent for none. */
  readonly lostVfs?: number;
}

/** One line of a journal. */
export type JournalLine =
  /** Always the first. `boot` is the kernel's boot id: an override does not outlive the boot. */
  | {
      readonly kind: 'begin';
      readonly version: 1;
      readonly boot: string | null;
      readonly devices: readonly JournalDevice[];
    }
  /** Written and synced before the step is run. */
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'outcome'; readonly outcome: string }
  | { readonly kind: 'rollback' }
  /** A device is back where it was, by `vfio restore` or otherwise. */
  | { readonly kind: 'restored'; readonly path: string }
  | { readonly kind: 'end'; readonly state: 'bound' | 'rolled-back' | 'incomplete' };

/**
 * `bound`: done, and can be restored. `interrupted`: the run was killed. `incomplete`: rolling back failed. The last
 * two leave devices half-way.
 */
export type JournalState = 'bound' | 'interrupted' | 'incomplete';

/** What a journal says. */
export interface JournalRecord {
  readonly boot: string | null;
  readonly state: JournalState;
  /** Those that are not restored yet. */
  readonly devices: readonly JournalDevice[];
}

/** Paths of the virtual functions that a journal's device was given. */
export function functionPaths({ path, after }: JournalDevice): string[] {
  return (after.vfs?.functions ?? []).map((name) => siblingPath(path, name));
}

export function formatLine(line: JournalLine): string {
  // JSON has no undefined: a device without driver_override keeps none.
  return `${JSON.stringify(line)}\n`;
}

/**
 * Reads a journal's text. A last line without a newline was being written when the run was killed and is skipped. Null
 * if the text is not a journal, or has nothing left to restore.
 */
export function parseJournal(text: string): JournalRecord | null {
  const lines = text.split('\n').slice(0, -1).map(parseLine);
  const begin = lines[0];
  if (begin?.kind !== 'begin') return null;
  const restored = new Set<string>();
  let state: JournalState | 'rolled-back' = 'interrupted';
  for (const line of lines) {
    if (line?.kind === 'restored') restored.add(line.path);
    else if (line?.kind === 'end') state = line.state;
    else if (line?.kind === 'step') state = 'interrupted';
  }
  const devices = begin.devices.filter(({ path }) => !restored.has(path));
  return state === 'rolled-back' || devices.length === 0 ? null : { boot: begin.boot, state, devices };
}

/**
 * Whether a journal's first line, which names the devices, exists but cannot be read. A truncated one without a newline
 * is from a run that was killed before it changed anything.
 */
export function isDamaged(text: string): boolean {
  const end = text.indexOf('\n');
  return end >= 0 && parseLine(text.slice(0, end))?.kind !== 'begin';
}

function parseLine(text: string): JournalLine | null {
  let value: JournalLine | null = null;
  try {
    value = JSON.parse(text);
  } catch {
    // It was truncated, or is not ours.
  }
  if (value?.kind !== 'begin') return value;
  return value.version === 1 && value.devices?.every?.(soundDevice) ? value : null;
}

/** Only root can write journals; still, no path or name in one may misdirect a write. */
function soundDevice(device: JournalDevice): boolean {
  const name = (text: unknown) =>
    typeof text === 'string' && /^[^/\x00-\x1f]+$/.test(text) && text !== '.' && text !== '..';
  const placement = (one: Placement | null | undefined) =>
    one != null &&
    (one.driver === null || name(one.driver)) &&
    (one.override === null ||
      one.override === undefined ||
      (typeof one.override === 'string' && !/[\x00\n]/.test(one.override))) &&
    (one.vfs === undefined || (typeof one.vfs.autoprobe === 'boolean' && one.vfs.functions?.every?.(name) === true));
  const optional = (text: unknown) => text === null || typeof text === 'string';
  return (
    name(device?.name) &&
    name(device.bus) &&
    optional(device.modalias) &&
    optional(device.beforeModule) &&
    typeof device.path === 'string' &&
    device.path.startsWith('devices/') &&
    placement(device.before) &&
    placement(device.after) &&
    (device.lostVfs === undefined || Number.isSafeInteger(device.lostVfs))
  );
}
