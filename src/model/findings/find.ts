import type { KernelState } from '../../driver-core/index.ts';
import type { Program } from '../script/program.ts';
import { withOptions } from '../script/with-options.ts';
import type { FindingItem, FindingRule } from './finding-rule.ts';
import { observe } from './observe.ts';
import { FINDING_RULES } from './rules.ts';

/** A fault that shows where nothing else happens. */
export interface ScriptFinding extends FindingItem {
  /** Id of the rule. */
  readonly rule: string;
  readonly severity: FindingRule['severity'];
}

/** What the rules find in programs that run alone on a machine; each finding once, in the order of its place. */
export function findFaults(programs: readonly Program[], bare: KernelState): ScriptFinding[] {
  const machine = withOptions(bare, programs);
  const found = new Map<string, ScriptFinding>();
  for (const program of programs) {
    const run = observe(program, machine);
    for (const [rule, { severity, find }] of Object.entries(FINDING_RULES))
      for (const { place, message } of find(run)) {
        const key = `${rule} ${place.file} ${place.line} ${message}`;
        if (!found.has(key)) found.set(key, { rule, severity, place, message });
      }
  }
  return [...found.values()].sort((a, b) =>
    a.place.file === b.place.file ? a.place.line - b.place.line : a.place.file < b.place.file ? -1 : 1,
  );
}
