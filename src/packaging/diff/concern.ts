import type { KnownDevice } from '../../inventory/known-device.ts';
import { tableSource } from '../../lookup/alias-source.ts';
import { KEY_BYTES, keyTokensOf } from '../../match/key-tokens.ts';
import { fnmatch } from '../../pattern/fnmatch.ts';
import { isIncluded } from '../../pattern/inclusion.ts';
import { beginAlike, intersects } from '../../pattern/intersection.ts';
import { normalizeAlias } from '../../pattern/normalize.ts';
import { LookupKey } from '../../pattern-index/lookup-key.ts';
import { tableOfEntries } from '../../pattern-index/pattern-table.ts';
import { SHIFTS } from '../change-classes.ts';
import type { Change } from './change.ts';
import type { Renamed } from './renames.ts';
import { answerer, type DiffSide } from './side.ts';

/** Whether a pattern matches a device: yes, no, or that depends on what is not known of it. */
export type Concern = 'yes' | 'no' | 'depends';

/** Whether a pattern matches a device. */
export function matchOf(pattern: string, { modalias, unknown }: KnownDevice): Concern {
  const key = normalizeAlias(modalias);
  if (key === undefined) return 'no';
  if (unknown.length === 0) return fnmatch(pattern, key) ? 'yes' : 'no';
  if (!beginAlike(key, pattern)) return 'no';
  const [ours, theirs] = [keyTokensOf(key), keyTokensOf(pattern)];
  if (!ours || !theirs) return 'depends';
  if (!intersects(ours, theirs, KEY_BYTES)) return 'no';
  return isIncluded(ours, theirs) ? 'yes' : 'depends';
}

/** A device whose modalias a pattern matches, or may match. */
interface Concerned {
  readonly device: KnownDevice;
  readonly concern: Exclude<Concern, 'no'>;
}

/** The devices by the patterns that match them. Whole modaliases are looked up, for there may be a million. */
function devicesByPattern(
  patterns: ReadonlySet<string>,
  devices: readonly KnownDevice[],
): ReadonlyMap<string, readonly Concerned[]> {
  const entries = [...patterns].map((key) => ({ key, value: 'module', priority: 0 }));
  const source = tableSource(tableOfEntries(entries));
  const key = new LookupKey();
  const found = new Map<string, Concerned[]>([...patterns].map((pattern) => [pattern, []]));
  for (const device of devices) {
    if (device.unknown.length === 0 && !/[*?[\]]/.test(device.modalias))
      for (const { pattern } of source.find(key.set(device.modalias)))
        found.get(pattern)!.push({ device, concern: 'yes' });
    else
      for (const [pattern, concerned] of found) {
        const concern = matchOf(pattern, device);
        if (concern !== 'no') concerned.push({ device, concern });
      }
  }
  return found;
}

/**
 * Keeps the changes that concern some of the devices, each with those that it concerns. A device of which all is known
 * is concerned where a module of the change, or one that took over, serves it on one side only, by libkmod's answers;
 * the part of a narrowed pattern that the module keeps is not.
 */
export function concerning(
  changes: readonly Change[],
  devices: readonly KnownDevice[],
  [old, now]: readonly [DiffSide, DiffSide],
  renamed: readonly Renamed[],
): Change[] {
  const names = new Map(renamed.flatMap(({ from, to }) => [...from, ...to].map((name) => [name, to.join('+')])));
  const named = (modules: readonly string[]) => new Set(modules.map((module) => names.get(module) ?? module));
  const [before, after] = [answerer(old), answerer(now)];
  const isShown = (change: Change, { modalias, unknown }: KnownDevice) => {
    if (unknown.length > 0 || isShift(change)) return true;
    const [a, b] = [named(before(modalias)), named(after(modalias))];
    return [...named([...change.modules, ...takersOf(change)])].some((module) => a.has(module) !== b.has(module));
  };
  const byPattern = devicesByPattern(new Set(changes.map(({ pattern }) => pattern)), devices);
  return changes.flatMap((change) => {
    const found = byPattern.get(change.pattern)!.filter(({ device }) => isShown(change, device));
    if (found.length === 0) return [];
    const certain = found.filter(({ concern }) => concern === 'yes').map(({ device }) => device.modalias);
    const depends = found.filter(({ concern }) => concern === 'depends').map(({ device }) => device);
    return [{ ...change, devices: certain, ...(depends.length > 0 ? { depends } : {}) }];
  });
}

/** The modules that took over what moved: that they serve it now is not told as a change of its own. */
const takersOf = (change: Change) =>
  change.class === 'moved' || change.becomes === 'moved'
    ? change.new.filter((module) => !change.old.includes(module))
    : [];

const isShift = (change: Change) => (SHIFTS as readonly string[]).includes(change.class);
