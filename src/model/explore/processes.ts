import { type Result, resultWord } from '../../driver-core/index.ts';
import type { Position, Program, Step } from '../script/program.ts';
import type { Kernels } from './kernels.ts';

/** What a process that did not begin, or that ended, is in the row of a world. Ended with status N: -1 - N. */
export const NOT_STARTED = -1000;
/** Stopped at something that could not be read. */
export const LOST = -999;

export const isEnded = (slot: number): boolean => slot < 0 && slot > LOST;
export const statusOf = (slot: number): number => -1 - slot;

/** What a process does next, with positions as numbers. */
export type Move =
  | { readonly kind: 'event'; readonly step: Step & { readonly kind: 'event' }; readonly event: number }
  | { readonly kind: 'read'; readonly step: Step & { readonly kind: 'read' }; readonly then: number }
  | { readonly kind: 'unread'; readonly step: Step & { readonly kind: 'unread' }; readonly then: number }
  | { readonly kind: 'end'; readonly status: number }
  | { readonly kind: 'blocked'; readonly group: string; readonly then: number };

interface Numbered {
  readonly program: Program;
  readonly position: Position;
  readonly blocked: { readonly group: string; readonly then: number } | null;
}

/** 2 to this many kernels are told apart in the key of a move. */
const KERNEL_BITS = 2 ** 26;

/** The positions of all programs by numbers, and what each does next in each kernel, asked once. */
export class Processes {
  readonly #kernels: Kernels;
  readonly #positions: Numbered[] = [];
  readonly #ids = new Map<string, number>();
  readonly #moves = new Map<number, Move>();
  readonly #results = new Map<string, number>();

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  /** The number of a position of the program with this index. */
  idOf(index: number, program: Program, position: Position): number {
    return this.#number(`${index} ${position.key}`, { program, position, blocked: null });
  }

  next(index: number, position: number, kernel: number): Move {
    const key = position * KERNEL_BITS + kernel;
    let move = this.#moves.get(key);
    if (!move) {
      move = this.#ask(index, position, kernel);
      this.#moves.set(key, move);
    }
    return move;
  }

  /** The position after an event's result. */
  after(index: number, position: number, step: Step & { readonly kind: 'event' }, result: Result): number {
    const word = result.kind === 'blocks' ? `blocks ${result.group}` : resultWord(result);
    const key = `${index} ${position} ${step.text} ${word}`;
    let id = this.#results.get(key);
    if (id === undefined) {
      id = this.#afterResult(index, position, step, result);
      this.#results.set(key, id);
    }
    return id;
  }

  #afterResult(index: number, position: number, step: Step & { readonly kind: 'event' }, result: Result): number {
    const { program } = this.#positions[position]!;
    if (result.kind !== 'blocks') return this.idOf(index, program, step.then(result));
    const then = this.idOf(index, program, step.then({ kind: 'ok' }));
    const blocked = { group: result.group, then };
    return this.#number(`${index} blocked ${result.group} ${then}`, { program, position: { key: '' }, blocked });
  }

  #ask(index: number, id: number, kernel: number): Move {
    const { program, position, blocked } = this.#positions[id]!;
    if (blocked) return { kind: 'blocked', ...blocked };
    const step = program.next(position, this.#kernels.states[kernel]!);
    switch (step.kind) {
      case 'event':
        return { kind: 'event', step, event: this.#kernels.eventId(step.event) };
      case 'read':
        return { kind: 'read', step, then: this.idOf(index, program, step.then) };
      case 'unread':
        return { kind: 'unread', step, then: step.then === null ? LOST : this.idOf(index, program, step.then) };
      case 'end':
        return step;
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
