import { byteKinds } from './byte-kinds.ts';
import { intersects } from './intersection.ts';
import { ALL, DEAD, type PlaceSets, placeSets } from './place-sets.ts';
import type { Token } from './tokens.ts';

/** Steps of the walk after which a question is left open. */
const MOST_STEPS = 2_000_000;

/** Is there a string that all of `within` match, and none of `without`? */
export interface Question {
  readonly within: readonly (readonly Token[])[];
  readonly without: readonly (readonly Token[])[];
  /** 1 at the place of each byte that the string may hold. */
  readonly alphabet: Uint8Array;
}

/** A shortest such string, latin1; null where there is none; undefined where the walk takes too many steps to tell. */
export type Witness = string | null | undefined;

/** One point of the walk: a state for each pattern, and how it was reached. */
interface Point {
  readonly states: readonly number[];
  readonly from: Point | undefined;
  readonly byte: number;
}

/** Answers the question exactly, by a walk through all the patterns at once, breadth first. */
export function findWitness(question: Question, mostSteps: number = MOST_STEPS): Witness {
  const { within, alphabet } = question;
  const [first] = within;
  const without = question.without.filter((tokens) => !first || intersects(first, tokens, alphabet));
  const kinds = byteKinds([...within, ...without].flat(), alphabet);
  const automata = [...within, ...without].map((tokens) => placeSets(tokens, kinds));
  const isOpen = (states: readonly number[]) =>
    states.every((state, i) => (i < within.length ? state !== DEAD : state !== ALL));
  const start: Point = { states: automata.map((a) => a.start), from: undefined, byte: 0 };
  if (!isOpen(start.states)) return null;
  const queue: Point[] = [start];
  const seen = new Set([start.states.join()]);
  let steps = 0;
  for (let at = 0; at < queue.length; at++) {
    const point = queue[at]!;
    if (isAnswer(automata, point.states, within.length)) return textOf(point);
    for (let kind = 0; kind < kinds.length; kind++) {
      steps += 1 + automata.length;
      if (steps > mostSteps) return undefined;
      const states = point.states.map((state, i) => automata[i]!.next(state, kind));
      if (!isOpen(states)) continue;
      const name = states.join();
      if (seen.has(name)) continue;
      seen.add(name);
      queue.push({ states, from: point, byte: kinds[kind]! });
    }
  }
  return null;
}

function isAnswer(automata: readonly PlaceSets[], states: readonly number[], within: number): boolean {
  return automata.every((automaton, i) => automaton.accepts(states[i]!) === i < within);
}

function textOf(point: Point): string {
  const bytes: number[] = [];
  for (let at = point; at.from; at = at.from) bytes.push(at.byte);
  return Buffer.from(bytes.reverse()).toString('latin1');
}
