import { recordsBuiltin } from '../explain/records-builtin.ts';
import type { ChangeClass } from '../packaging/change-classes.ts';
import type { Change } from '../packaging/diff/change.ts';
import type { DiffSide } from '../packaging/diff/side.ts';
import type { Remark } from './report.ts';

const WHY = 'that kernel does not record the id tables of built-in drivers, which may serve these devices all the same';

/** Which losses and gains may be none: those where a module is built into a kernel that does not record its tables. */
export function builtinRemarks([old, now]: readonly [DiffSide, DiffSide], changes: readonly Change[]): Remark[] {
  return [
    ...remark(['lost', 'generic', 'dropped'], changes, now, 'is built in now'),
    ...remark(['gained', 'specific', 'joined'], changes, old, 'was built in'),
  ];
}

function remark(
  classes: readonly ChangeClass[],
  changes: readonly Change[],
  { builtin, builtinNames }: DiffSide,
  when: string,
): Remark[] {
  if (!builtinNames || (builtin && recordsBuiltin([builtin]))) return [];
  const those = changes.filter(
    (change) => classes.includes(change.class) && change.modules.every((module) => builtinNames.has(module)),
  );
  if (those.length === 0) return [];
  const examples = [...new Set(those.flatMap(({ modules }) => modules))].sort();
  const message = `${classes.join(', ')}, but the module ${when}: ${WHY}`;
  return [{ kind: 'built-in', count: those.length, message, examples, fails: false }];
}
