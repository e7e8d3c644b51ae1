import { recordsBuiltin } from '../../explain/records-builtin.ts';
import type { KnownDevice } from '../../inventory/known-device.ts';
import { oneModule } from '../../lookup/name-source.ts';
import { type Match, NO_MATCHES } from '../../match/match.ts';
import type { LookupKey } from '../../pattern-index/lookup-key.ts';
import { matchOf } from '../diff/concern.ts';
import type { DiffSide } from '../diff/side.ts';
import { PatternStarts } from './pattern-starts.ts';

/**
 * What is known of built-in drivers: what their id tables match (6.18 and newer), their names, or nothing.
 */
export type BuiltinRecord = 'tables' | 'names' | 'nothing';

/** One of the kernels that devices are looked up in. */
export interface CoverageKernel {
  readonly name: string;
  readonly side: DiffSide;
  readonly records: BuiltinRecord;
  /** The patterns for a device whose modalias is the key. */
  readonly find: (key: LookupKey, device: KnownDevice) => Found;
}

/** The patterns of a kernel that match a device. */
export interface Found {
  /** libkmod's answer: the matches of the first source that has any. */
  readonly answer: readonly Match[];
  /** The matches of the other sources, which the first hides from libkmod. */
  readonly hidden: readonly Match[];
  /** What matches or not, by the fields that the inventory lacks. */
  readonly possible: readonly Match[];
}

/** A kernel's side, ready to be asked. */
export function coverageKernel(name: string, side: DiffSide): CoverageKernel {
  const { loadable, builtin, names, builtinNames } = side;
  let starts: PatternStarts | undefined;
  const find = (key: LookupKey, device: KnownDevice): Found => {
    if (device.unknown.length > 0) {
      starts ??= new PatternStarts([...(loadable.patterns?.() ?? []), ...(builtin?.patterns?.() ?? [])]);
      return foundFor(key.text, device, starts);
    }
    const named = !key.hasColon && names?.has(key.text) ? oneModule(key.text, 'name') : NO_MATCHES;
    const matches = named.length > 0 ? named : loadable.find(key);
    const builtinNamed =
      !key.hasColon && builtinNames?.has(key.text) ? oneModule(key.text, 'builtin-name') : NO_MATCHES;
    const inside = builtinNamed.length > 0 ? builtinNamed : (builtin?.find(key) ?? NO_MATCHES);
    if (matches.length === 0) return { answer: inside, hidden: NO_MATCHES, possible: NO_MATCHES };
    return { answer: matches, hidden: inside, possible: NO_MATCHES };
  };
  const records = builtin && recordsBuiltin([builtin]) ? 'tables' : builtinNames ? 'names' : 'nothing';
  return { name, side, records, find };
}

/** What is certain of a device of which fields are not known, and what depends on these. */
function foundFor(key: string, device: KnownDevice, starts: PatternStarts): Found {
  const certain: Match[] = [];
  const possible: Match[] = [];
  for (const match of starts.near(key)) {
    const concern = matchOf(match.pattern, device);
    if (concern === 'yes') certain.push(match);
    else if (concern === 'depends') possible.push(match);
  }
  const loadable = certain.filter(({ source }) => source !== 'builtin').sort((a, b) => a.priority - b.priority);
  const builtin = certain.filter(({ source }) => source === 'builtin');
  return loadable.length > 0
    ? { answer: loadable, hidden: builtin, possible }
    : { answer: builtin, hidden: NO_MATCHES, possible };
}
