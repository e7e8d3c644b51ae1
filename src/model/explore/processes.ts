import type { KernelEvent, Result } from '../../driver-core/index.ts';
import type { Position, Program, Step } from '../script/program.ts';
import { Answers, NO_ANSWERS } from './answers.ts';
import type { Kernels, Outcome } from './kernels.ts';
import { PairMap } from './sets/pair-map.ts';
import { STEP_WORK, workOf } from './work.ts';

/** What a process that did not begin is in the row of a world. */
export const NOT_STARTED = -0x7fffffff;
/** Stopped at something that could not be read. */
export const LOST = NOT_STARTED + 1;

/** What a process is that ended with a status, after such answers (`Answers`) to what is not known. */
export const endedWith = (status: number, answers: number): number => -1 - (answers * 0x100 + (status & 0xff));
export const isEnded = (slot: number): boolean => slot < 0 && slot > LOST;
export const statusOf = (slot: number): number => (-1 - slot) & 0xff;
export const answersOf = (slot: number): number => (-1 - slot) >> 8;

/** What a process does next, with positions as numbers. */
export type Move =
  | { readonly kind: 'event'; readonly step: Step & { readonly kind: 'event' }; readonly outcomes: readonly Advance[] }
  | { readonly kind: 'read'; readonly step: Step & { readonly kind: 'read' }; readonly then: number }
  | { readonly kind: 'choice'; readonly step: Step & { readonly kind: 'choice' }; readonly ways: readonly number[] }
  | { readonly kind: 'unread'; readonly step: Step & { readonly kind: 'unread' }; readonly then: number }
  | { readonly kind: 'end'; readonly status: number; readonly answers: number }
  | { readonly kind: 'blocked'; readonly group: string; readonly then: number };

/** One way in which an event may end, and where the process is then. */
export interface Advance extends Outcome {
  readonly then: number;
}

function whereTo(move: Move): readonly number[] {
  if (move.kind === 'end') return [];
  if (move.kind === 'choice') return move.ways;
  return move.kind === 'event' ? move.outcomes.map(({ then }) => then) : move.then === LOST ? [] : [move.then];
}

interface Numbered {
  /** Which process of a search it is of. */
  readonly index: number;
  readonly program: Program;
  readonly position: Position;
  /** What was answered on the way there. */
  readonly answers: number;
  readonly blocked: { readonly group: string; readonly then: number } | null;
}

/** What a choice asks, wherever it is asked again. */
function questionOf({ place, text, ways }: Step & { readonly kind: 'choice' }): string {
  return [`${place.file}:${place.line}: ${text}`, ...ways.map((way) => way.text)].join('; ');
}

/** A program that opens groups, as its second run does: what either holds is told apart. */
export function secondRun({ next, opens = [], ...rest }: Program): Program {
  const second = (by: string) => `${by} (second run)`;
  return {
    ...rest,
    opens: opens.map(second),
    next: (at, kernel) => {
      const step = next(at, kernel);
      if (step.kind !== 'event' || !('by' in step.event)) return step;
      return { ...step, event: { ...step.event, by: second(step.event.by) } };
    },
  };
}

/** The positions of all programs by numbers, and what each does next in each kernel, asked once. */
export class Processes {
  readonly #kernels: Kernels;
  readonly #answers: Answers;
  readonly #positions: Numbered[] = [];
  readonly #ids = new Map<string, number>();
  /** By kernel and position. */
  readonly #moves = new PairMap<Move>();
  /** By position, where a process may be after its next step. */
  readonly #ways: Set<number>[] = [];

  constructor(kernels: Kernels, answers: Answers = new Answers(null, new Set())) {
    this.#kernels = kernels;
    this.#answers = answers;
  }

  /** The number of a position of a process with this index: the program's, or another one for a second run of it. */
  idOf(index: number, program: Program, position: Position, answers = NO_ANSWERS): number {
    return this.#number(`${index} ${answers} ${position.key}`, { index, program, position, answers, blocked: null });
  }

  /** Where the death of a process leaves the kernel: it closes every group that it had opened. */
  killed(position: number, kernel: number): readonly Omit<Outcome, 'result'>[] {
    return this.#kernels.stepAll(
      kernel,
      this.closing(position, kernel).map((event) => this.#kernels.eventId(event)),
    );
  }

  /** What a process closes when it dies (fs/file.c:exit_files). */
  closing(position: number, kernel: number): KernelEvent[] {
    const { program } = this.#positions[position]!;
    const { opens } = program;
    if (!opens) return [];
    const { groups, deviceFiles = [] } = this.#kernels.states[kernel]!;
    const files = deviceFiles.filter(({ by }) => opens.includes(by));
    return [
      ...groups
        .filter(({ file }) => file && opens.includes(file.by))
        .map(({ id }) => ({ kind: 'close', group: id }) as const),
      ...files.map(({ device, by }) => ({ kind: 'closeCdev', device, by }) as const),
    ];
  }

  next(position: number, kernel: number): Move {
    let move = this.#moves.get(kernel, position);
    if (!move) {
      move = this.#ask(position, kernel);
      this.#moves.set(kernel, position, move);
      this.#ways[position] ??= new Set();
      for (const to of whereTo(move)) this.#ways[position].add(to);
    }
    return move;
  }

  /** Whether a process may not come to its end: it can come back to where it was, or wait for others. */
  mayStay(): boolean {
    if (this.#positions.some(({ blocked }) => blocked)) return true;
    // Where positions stand before all that they lead to, each is left once: then none leads back.
    const leading = new Int32Array(this.#positions.length);
    for (const ways of this.#ways) for (const to of ways ?? []) leading[to]!++;
    const free = [...leading.keys()].filter((position) => leading[position] === 0);
    for (const position of free) for (const to of this.#ways[position] ?? []) if (--leading[to]! === 0) free.push(to);
    return free.length < leading.length;
  }

  /** A name for a look of the program with this index, from one position to another, the same in every search. */
  lookName(index: number, from: number, to: number): string {
    return `${index} ${this.#positions[from]!.position.key} ${this.#positions[to]!.position.key}`;
  }

  #after(position: number, step: Step & { readonly kind: 'event' }, result: Result): number {
    const { index, program, answers } = this.#positions[position]!;
    if (result.kind !== 'blocks') return this.idOf(index, program, step.then(result), answers);
    const then = this.idOf(index, program, step.then({ kind: 'ok' }), answers);
    const blocked = { group: result.group, then };
    const waits = { index, program, position: { key: '' }, answers, blocked };
    return this.#number(`${index} blocked ${result.group} ${then}`, waits);
  }

  #ask(id: number, kernel: number): Move {
    const { index, program, position, answers, blocked } = this.#positions[id]!;
    if (blocked) return { kind: 'blocked', ...blocked };
    const state = this.#kernels.states[kernel]!;
    const step = program.next(position, state);
    this.#kernels.work.spend(STEP_WORK + workOf(state) + (step.effort ?? 0));
    switch (step.kind) {
      case 'event':
        return {
          kind: 'event',
          step,
          outcomes: this.#kernels
            .step(kernel, this.#kernels.eventId(step.event))
            // What waits for a lock is done when the lock is free: until then the process stands where it is.
            .filter(({ result }) => result.kind !== 'blocks' || !result.again)
            .map((outcome) => ({ ...outcome, then: this.#after(id, step, outcome.result) })),
        };
      case 'read':
        return { kind: 'read', step, then: this.idOf(index, program, step.then, answers) };
      case 'choice':
        return {
          kind: 'choice',
          step,
          ways: step.ways.map(({ then }, way) =>
            this.idOf(index, program, then, this.#answers.and(answers, questionOf(step), way)),
          ),
        };
      case 'unread':
        return {
          kind: 'unread',
          step,
          then: step.then === null ? LOST : this.idOf(index, program, step.then, answers),
        };
      case 'end':
        return { ...step, answers };
    }
  }

  #number(key: string, one: Numbered): number {
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#positions.push(one) - 1;
      this.#ids.set(key, id);
    }
    return id;
  }
}
