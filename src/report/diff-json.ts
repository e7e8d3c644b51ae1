import { createHash } from 'node:crypto';
import type { Change } from '../packaging/diff/change.ts';
import type { Difference } from '../packaging/diff/diff.ts';
import { summarize } from '../packaging/diff/select.ts';
import type { DiffSide } from '../packaging/diff/side.ts';
import type { DeviceNames } from './device-names.ts';

/** The JSON document of a difference, version 1. Patterns and modaliases are bytes, one character each. */
export function diffDocument(
  [old, now]: readonly [DiffSide, DiffSide],
  difference: Difference,
  namesOf: (pattern: string) => DeviceNames,
) {
  const side = ({ inputs, release }: DiffSide) => ({ inputs, release });
  const change = (one: Change) => changeDocument(one, namesOf);
  return {
    version: 1,
    old: side(old),
    new: side(now),
    renamed: difference.renamed,
    changes: difference.changes.map(change),
    modules: difference.modules,
    other: difference.other.map(change),
    undecided: difference.undecided,
    summary: summarize(difference),
  };
}

/** One change of the document. */
export function changeDocument({ modules, ...shown }: Change, namesOf: (pattern: string) => DeviceNames) {
  const { class: name, pattern } = shown;
  return { ...shown, names: namesOf(pattern), fingerprint: fingerprintOfChange(name, modules, pattern) };
}

/** The same for the same class, modules and pattern, whatever the kernels. */
export function fingerprintOfChange(name: string, modules: readonly string[], pattern: string): string {
  return createHash('sha256')
    .update(`${name}\0${modules.join(' ')}\0${pattern}`, 'latin1')
    .digest('hex')
    .slice(0, 16);
}
