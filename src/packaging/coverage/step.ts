import type { DiffSide } from '../diff/side.ts';
import { UNKNOWN } from '../change-classes.ts';
import { packageMoves } from '../diff/packages.ts';
import type { Answer } from './answer.ts';
import type { CoverageKernel } from './kernel.ts';

/** What can become of a device from one kernel to the next, the worst first. */
export const STEP_CLASSES = [
  'lost',
  'generic',
  UNKNOWN,
  'dropped',
  'moved',
  'gained',
  'specific',
  'joined',
  'builtin',
  'loadable',
  'package',
] as const;
export type StepClass = (typeof STEP_CLASSES)[number];

/** A change of a device's answer. */
export interface StepChange {
  readonly class: StepClass;
  /** The number of the kernel before, the last that tells, and of the kernel that changes it. */
  readonly from: number;
  readonly to: number;
}

const UNCHANGED: readonly StepChange[] = [];

/** Says where a device's answers change along the kernels. */
export function stepper(kernels: readonly CoverageKernel[]): (answers: readonly Answer[]) => readonly StepChange[] {
  const moves = kernels.slice(1).map(({ side }, i) => packageMove(kernels[i]!.side, side));
  return (answers) => {
    let changes: StepChange[] | undefined;
    let from: number | undefined;
    for (let to = 0; to < answers.length; to++) {
      const answer = answers[to]!;
      const before = from === undefined ? undefined : answers[from]!;
      if (before === answer) {
        from = to;
        continue;
      }
      const isNews = answer.state !== 'unknown' || from === to - 1;
      const name =
        before && isNews ? classOf(before, answer, (module) => from === to - 1 && moves[from]!(module)) : undefined;
      if (name) {
        changes ??= [];
        changes.push({ class: name, from: from!, to });
      }
      if (answer.state !== 'unknown') from = to;
    }
    return changes ?? UNCHANGED;
  };
}

function packageMove(old: DiffSide, now: DiffSide): (module: string) => boolean {
  if (!old.packageOf || !now.packageOf) return () => false;
  return packageMoves([old, now], new Map([...(old.names ?? [])].map((name) => [name, [name]])));
}

function classOf(before: Answer, after: Answer, isMoved: (module: string) => boolean): StepClass | undefined {
  const [was, is] = [before.state, after.state];
  if (was === 'none') return is === 'none' || is === 'unknown' ? undefined : 'gained';
  if (is === 'none') return 'lost';
  if (is === 'unknown') return 'unknown';
  if (is === 'generic' && was !== 'generic') return 'generic';
  if (was === 'generic' && is !== 'generic') return 'specific';
  const gone = before.modules.some((module) => !after.modules.includes(module));
  const come = after.modules.some((module) => !before.modules.includes(module));
  if (gone || come) return gone && come ? 'moved' : gone ? 'dropped' : 'joined';
  if (was !== is) return is === 'builtin' ? 'builtin' : 'loadable';
  return before.modules.some(isMoved) ? 'package' : undefined;
}
