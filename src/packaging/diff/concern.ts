import type { KnownDevice } from '../../inventory/known-device.ts';
import { fnmatch } from '../../pattern/fnmatch.ts';
import { isIncluded } from '../../pattern/inclusion.ts';
import { intersects } from '../../pattern/intersection.ts';
import { normalizeAlias } from '../../pattern/normalize.ts';
import { type Change, SHIFTS } from './change.ts';
import { KEY_BYTES, keyTokensOf } from './key-tokens.ts';
import type { Renamed } from './renames.ts';
import { answerer, type DiffSide } from './side.ts';

/** Whether a pattern matches a device: yes, no, or that depends on what is not known of it. */
export type Concern = 'yes' | 'no' | 'depends';

/** Whether a pattern matches a device. */
export function matchOf(pattern: string, { modalias, unknown }: KnownDevice): Concern {
  const key = normalizeAlias(modalias);
  if (key === undefined) return 'no';
  if (unknown.length === 0) return fnmatch(pattern, key) ? 'yes' : 'no';
  const [ours, theirs] = [keyTokensOf(key), keyTokensOf(pattern)];
  if (!ours || !theirs) return 'depends';
  if (!intersects(ours, theirs, KEY_BYTES)) return 'no';
  return isIncluded(ours, theirs) ? 'yes' : 'depends';
}

/**
 * Keeps the changes that concern some of the devices, each with those that it concerns. A device of which all is known
 * is concerned where a module of the change serves it on one side only, by libkmod's answers; the part of a narrowed
 * pattern that the module keeps is not.
 */
export function concerning(
  devices: readonly KnownDevice[],
  [old, now]: readonly [DiffSide, DiffSide],
  renamed: readonly Renamed[],
): (change: Change) => Change | undefined {
  const names = new Map(renamed.flatMap(({ from, to }) => [...from, ...to].map((name) => [name, to.join('+')])));
  const named = (modules: readonly string[]) => new Set(modules.map((module) => names.get(module) ?? module));
  const [before, after] = [answerer(old), answerer(now)];
  const isShown = (change: Change, { modalias, unknown }: KnownDevice) => {
    if (unknown.length > 0 || isShift(change)) return true;
    const [a, b] = [named(before(modalias)), named(after(modalias))];
    return [...named(change.modules)].some((module) => a.has(module) !== b.has(module));
  };
  return (change) => {
    const found = devices.flatMap((device) => {
      const concern = matchOf(change.pattern, device);
      return concern !== 'no' && isShown(change, device) ? [{ concern, device }] : [];
    });
    if (found.length === 0) return undefined;
    const certain = found.filter(({ concern }) => concern === 'yes').map(({ device }) => device.modalias);
    const depends = found.filter(({ concern }) => concern === 'depends').map(({ device }) => device);
    return { ...change, devices: certain, ...(depends.length > 0 ? { depends } : {}) };
  };
}

const isShift = (change: Change) => (SHIFTS as readonly string[]).includes(change.class);
