import type { Place, Program } from '../script/program.ts';
import type { Act, Doing } from './acts.ts';
import type { Answers } from './answers.ts';
import { Disturbances } from './disturbances.ts';
import { Frontier } from './frontier.ts';
import type { Kernels } from './kernels.ts';
import { endedWith, LOST, NOT_STARTED, Processes, secondRun as asSecondRun } from './processes.ts';
import { type Branch, type By, WorldSet } from './sets/world-set.ts';

/** What a search goes through. */
export interface Setup {
  readonly kernels: Kernels;
  readonly programs: readonly Program[];
  /** The kernels in which the programs may begin. */
  readonly starts: readonly number[];
  readonly acts: readonly Act[];
  /** A second process of each program may begin at any time. */
  readonly secondRun: boolean;
  /** Each program may be killed at any point, once, and begins again. */
  readonly kill: boolean;
  /** Each act of the environment happens at most once. */
  readonly once: boolean;
  readonly mostStates: number;
  /** Tells runs apart by what was answered where something is not known. Default: none are. */
  readonly answers?: Answers;
}

/** Something that keeps a verdict from being certain. */
export interface Bound {
  readonly place: Place | null;
  readonly text: string;
}

/** Where a row of a world has what: processes follow, the first runs of all programs, then the second ones. */
export const KERNEL = 0;
/** The kernel as the environment alone would have made it. */
export const SHADOW = 1;
/** A bit for each program that was killed. */
const KILLED = 2;
/** A bit for each act that happened, where that matters. */
const HAPPENED = 3;
export const SLOTS = 4;

/** Goes through every interleaving breadth first, each world once. A look at sysfs does not count as a step. */
export class Search {
  readonly setup: Setup;
  readonly processes: Processes;
  readonly worlds: WorldSet;
  readonly frontier = new Frontier();
  readonly bounds = new Map<string, Bound>();
  truncated = false;
  readonly #starts: readonly number[];
  readonly #secondStarts: readonly number[];
  readonly #disturbances: Disturbances;
  readonly #next: Int32Array;
  /** Where worlds are collected instead of being added. */
  #followed: Branch[] | null = null;

  constructor(setup: Setup) {
    this.setup = setup;
    const { kernels, programs } = setup;
    this.#disturbances = new Disturbances(setup, 4 * programs.length, (text) => this.#bound(text, null));
    this.processes = new Processes(kernels, setup.answers);
    this.worlds = new WorldSet(SLOTS + 2 * programs.length);
    this.#next = new Int32Array(this.worlds.width);
    this.#starts = programs.map((program, i) => this.processes.idOf(i, program, program.start));
    this.#secondStarts = programs.map((program, i) =>
      program.opens ? this.processes.idOf(programs.length + i, asSecondRun(program), program.start) : this.#starts[i]!,
    );
  }

  /** Calls `visit` with every world, those that the fewest steps lead to first, until it answers true. */
  run(visit: (index: number, row: Int32Array) => boolean): void {
    const { kernels, programs, starts, mostStates } = this.setup;
    const row = new Int32Array(this.worlds.width);
    for (const kernel of starts) {
      row.set([kernel, kernel, 0, 0, ...this.#starts, ...programs.map(() => NOT_STARTED)]);
      for (let i = 0; i < programs.length; i++) this.#settle(row, i);
      const index = this.worlds.add(row, -1, -1);
      if (index >= 0) this.frontier.add(index, true);
    }
    for (let index = this.frontier.take(); index >= 0; index = this.frontier.take()) {
      if (kernels.work.isUsedUp) {
        this.truncated = true;
        return;
      }
      this.worlds.read(index, row);
      if (visit(index, row)) return;
      if (this.worlds.size >= mostStates) this.truncated = true;
      else this.#expand(index, row);
    }
  }

  /** Whether every process that began has ended, and no probe is left to the kernel's workers. */
  isOver(row: Int32Array): boolean {
    const { programs, kernels } = this.setup;
    if (kernels.hasProbes(row[KERNEL]!) || kernels.hasProbes(row[SHADOW]!)) return false;
    for (let i = 0; i < 2 * programs.length; i++) {
      const slot = row[SLOTS + i]!;
      if (slot >= 0 || slot === LOST || (i < programs.length && slot === NOT_STARTED)) return false;
    }
    return true;
  }

  /** The worlds that processes and the kernel's workers lead to from one, once the search is done. */
  following(index: number): readonly number[] {
    const ways = this.#collected(index, (row) => {
      for (let slot = 0; slot < row.length - SLOTS; slot++)
        if (row[SLOTS + slot]! >= 0) this.#advance(index, row, slot);
      this.#disturb(index, row, 'workers');
    });
    return ways.map(({ to }) => to);
  }

  /** Every way on from a world, once the search is done; `to` is below 0 where it was not gone. */
  branches(index: number): readonly Branch[] {
    return this.#collected(index, (row) => this.#expand(index, row));
  }

  #collected(index: number, go: (row: Int32Array) => void): readonly Branch[] {
    const row = new Int32Array(this.worlds.width);
    this.worlds.read(index, row);
    const followed: Branch[] = [];
    this.#followed = followed;
    go(row);
    this.#followed = null;
    return followed;
  }

  /** What an act of a row was. */
  doing(by: By): Doing {
    const { programs } = this.setup;
    const who = by >> 16;
    const outcome = by & 0xffff;
    const n = programs.length;
    if (who < 2 * n) return { kind: 'slot', slot: who, outcome };
    if (who < 3 * n) return { kind: 'kill', program: who - 2 * n };
    if (who < 4 * n) return { kind: 'start', program: who - 3 * n };
    return { kind: 'act', act: this.#disturbances.act(who), outcome };
  }

  #expand(index: number, row: Int32Array): void {
    const { kernels, programs, secondRun, kill } = this.setup;
    const n = programs.length;
    for (let slot = 0; slot < 2 * n; slot++) if (row[SLOTS + slot]! >= 0) this.#advance(index, row, slot);
    const over = this.isOver(row);
    for (let i = 0; i < n; i++) {
      if (secondRun && row[SLOTS + n + i] === NOT_STARTED) {
        const next = this.#copy(row);
        next[SLOTS + n + i] = this.#secondStarts[i]!;
        this.#add(next, n + i, index, 3 * n + i, 0);
      }
      if (kill && !over && (row[KILLED]! & (1 << i)) === 0 && row[SLOTS + i]! >= 0 && !this.#isBlocked(row, i)) {
        for (const [outcome, { to, decisions }] of this.processes.killed(row[SLOTS + i]!, row[KERNEL]!).entries()) {
          const next = this.#copy(row);
          next[KERNEL] = to;
          next[SHADOW] = kernels.decided(row[SHADOW]!, decisions);
          next[SLOTS + i] = this.#starts[i]!;
          next[KILLED] = row[KILLED]! | (1 << i);
          this.#add(next, i, index, 2 * n + i, outcome);
        }
      }
    }
    this.#disturb(index, row, over ? 'late' : 'all');
  }

  /** The row that is changed next: one for all, as the worlds are copied from it. */
  #copy(row: Int32Array): Int32Array {
    const next = this.#next;
    for (let i = 0; i < next.length; i++) next[i] = row[i]!;
    return next;
  }

  #isBlocked(row: Int32Array, slot: number): boolean {
    return this.processes.next(row[SLOTS + slot]!, row[KERNEL]!).kind === 'blocked';
  }

  #advance(index: number, row: Int32Array, slot: number): void {
    const { kernels } = this.setup;
    const move = this.processes.next(row[SLOTS + slot]!, row[KERNEL]!);
    if (move.kind === 'event') {
      for (let i = 0; i < move.outcomes.length; i++) {
        const { to, then, decisions, open } = move.outcomes[i]!;
        if (open !== null) this.#bound(open, move.step.place);
        const next = this.#copy(row);
        next[KERNEL] = to;
        next[SHADOW] = kernels.decided(row[SHADOW]!, decisions);
        next[SLOTS + slot] = then;
        this.#add(next, slot, index, slot, i);
      }
      return;
    }
    if (move.kind === 'end') return;
    if (move.kind === 'choice') {
      for (const [i, then] of move.ways.entries()) {
        const next = this.#copy(row);
        next[SLOTS + slot] = then;
        this.#add(next, slot, index, slot, i, true);
      }
      return;
    }
    if (move.kind === 'blocked' && kernels.states[row[KERNEL]!]!.waiting.some(({ group }) => group === move.group))
      return;
    if (move.kind === 'unread') this.#bound(`not understood: ${move.step.text}`, move.step.place);
    const next = this.#copy(row);
    next[SLOTS + slot] = move.then;
    this.#add(next, slot, index, slot, 0, move.kind === 'read');
  }

  #disturb(index: number, row: Int32Array, which: 'all' | 'late' | 'workers'): void {
    const happened = row[HAPPENED]!;
    for (const { kernel, shadow, bit, late, worker, who, outcome } of this.#disturbances.of(
      row[KERNEL]!,
      row[SHADOW]!,
    )) {
      if ((happened & bit) !== 0 || (which === 'workers' && !worker) || (which === 'late' && !late)) continue;
      const next = this.#copy(row);
      next[KERNEL] = kernel;
      next[SHADOW] = shadow;
      next[HAPPENED] = happened | bit;
      this.#add(next, -1, index, who, outcome);
    }
  }

  #add(row: Int32Array, changed: number, from: number, who: number, outcome: number, free = false): void {
    if (changed >= 0) this.#settle(row, changed);
    const by = (who << 16) | outcome;
    if (this.#followed) {
      this.#followed.push({ to: this.worlds.find(row), by });
      return;
    }
    const index = this.worlds.add(row, from, by);
    if (index >= 0) {
      this.setup.kernels.work.spend(1);
      this.frontier.add(index, free);
    } else if (free && this.frontier.bringNearer(-1 - index)) this.worlds.reroute(-1 - index, from, by);
  }

  /** A process that has nothing left to do has ended. */
  #settle(row: Int32Array, slot: number): void {
    const position = row[SLOTS + slot]!;
    const move = position < 0 ? null : this.processes.next(position, row[KERNEL]!);
    if (move?.kind === 'end') row[SLOTS + slot] = endedWith(move.status, move.answers);
  }

  #bound(text: string, place: Place | null): void {
    const key = `${place?.file}:${place?.line}: ${text}`;
    if (!this.bounds.has(key)) this.bounds.set(key, { place, text });
  }
}
