import { type KernelState, possibleDrivers } from '../../driver-core/index.ts';
import { deviceCalled } from '../../driver-core/lookup.ts';
import { ModaliasError } from '../../errors.ts';
import type { MoveStep, Step as PlanStep } from '../../vfio/plan/plan-types.ts';
import { eventText } from './event-text.ts';
import type { Place, Position, Program, Step } from './program.ts';

/** What of `vfio plan --json` is run. */
export interface PlanDocument {
  readonly steps: readonly PlanStep[];
  readonly rollback: readonly MoveStep[];
}

/** Where a run of a plan is: in its steps or in undoing them; `looked` after it has seen whether a step is needed. */
interface At extends Position {
  readonly undoing: boolean;
  readonly index: number;
  readonly looked: boolean;
}

const at = (undoing: boolean, index: number, looked = false): At => ({
  key: `${undoing ? 'undo' : 'do'} ${index}${looked ? ' looked' : ''}`,
  undoing,
  index,
  looked,
});

/**
 * A plan of `vfio plan --json` as `vfio bind` runs it: a bind is left out where the device has the driver already, each
 * check reads the driver back, and after a failure the rollback is run, whose own failures do not end it. The document
 * stands on one line where it was printed so; a step's place is that of the file.
 */
export function planProgram({ steps, rollback }: PlanDocument, file: string): Program {
  const place: Place = { file, line: 1 };
  const next = (position: Position, kernel: KernelState): Step => {
    const { undoing, index, looked } = position as At;
    const step = (undoing ? rollback : steps)[index];
    if (!step) return { kind: 'end', status: undoing ? 3 : 0 };
    const following = at(undoing, index + 1);
    const failing = undoing ? following : at(true, 0);
    if (step.op === 'verify') {
      const there = driverOf(kernel, step.device) === step.driver;
      const text = `expects ${step.device} on ${step.driver ?? 'no driver'}`;
      return { kind: 'read', place, text, then: there ? following : failing };
    }
    if (step.op === 'functions') {
      const there = (name: string) => deviceCalled(kernel, name) !== undefined;
      const text = `expects the functions ${step.functions.join(', ')}`;
      return { kind: 'read', place, text, then: step.functions.every(there) ? following : failing };
    }
    const needed = step.op === 'write' ? boundBy(step.path) : null;
    if (step.op === 'write' && needed !== null && !looked) {
      const skipped = driverOf(kernel, step.device) === needed;
      const text = `asks which driver ${step.device} has`;
      return { kind: 'read', place, text, then: skipped ? following : at(undoing, index, true) };
    }
    const event =
      step.op === 'write'
        ? ({ kind: 'write', path: step.path, data: step.data } as const)
        : ({ kind: 'load', module: step.module } as const);
    const then = ({ kind }: { readonly kind: string }) => (kind === 'errno' ? failing : following);
    return { kind: 'event', place, text: eventText(event), event, then };
  };
  return { name: file, start: at(false, 0), next, unread: [] };
}

/** The driver that a write to this path binds, null for another file. */
function boundBy(path: string): string | null {
  return /\/drivers\/([^/]+)\/bind$/.exec(path)?.[1] ?? null;
}

function driverOf(kernel: KernelState, name: string): string | null | undefined {
  const possible = possibleDrivers(deviceCalled(kernel, name)?.driver ?? null);
  return possible.length === 1 ? possible[0] : undefined;
}

/** The steps of a document of `vfio plan --json`; null where it is another. Throws where its steps are not a plan's. */
export function parsePlan(document: unknown, file: string): PlanDocument | null {
  if (typeof document !== 'object' || document === null || !('steps' in document) || !('rollback' in document))
    return null;
  const { steps, rollback } = document as { steps: unknown; rollback: unknown };
  for (const [name, list] of Object.entries({ steps, rollback })) {
    if (!Array.isArray(list)) throw wrong(file, `/${name}`);
    const bad = list.findIndex((step: unknown) => !isStep(step));
    if (bad >= 0) throw wrong(file, `/${name}/${bad}`);
  }
  return { steps: steps as PlanStep[], rollback: rollback as MoveStep[] };
}

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  modprobe: ['module'],
  write: ['device', 'path', 'data'],
  verify: ['device'],
  functions: ['device', 'path'],
};

function isStep(step: unknown): boolean {
  if (typeof step !== 'object' || step === null || !('op' in step) || typeof step.op !== 'string') return false;
  const texts = Object.hasOwn(TEXTS, step.op) ? TEXTS[step.op] : undefined;
  if (step.op === 'functions' && !('functions' in step && Array.isArray(step.functions))) return false;
  return texts?.every((name) => typeof (step as Record<string, unknown>)[name] === 'string') ?? false;
}

function wrong(file: string, pointer: string): ModaliasError {
  return new ModaliasError('bad-value', 'expected the steps of vfio plan --json', { file, pointer });
}
