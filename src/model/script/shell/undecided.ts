import { OTHER_STATUS, type Thread, UNKNOWN_STATUS } from './thread.ts';

/** One way in which the shell may go on. */
interface Way {
  readonly text: string;
  /** Goes that way, from before the instruction that could not tell. */
  readonly take: (t: Thread) => void;
}

/** Thrown where it is not known which way the shell goes on: each may be the one. Never leaves the interpreter. */
export class Undecided extends Error {
  readonly ways: readonly Way[];
  /** What is asked about the machine, where the answer is the same whenever it is asked. */
  readonly fact: string | null;

  constructor(ways: readonly Way[], fact: string | null = null) {
    super('');
    this.ways = ways;
    this.fact = fact;
  }
}

/** Which of some answers holds of the machine, whenever it is asked: what is assumed, else each is tried. */
export function factOf(t: Thread, answers: readonly string[]): number {
  const [fact] = answers as [string];
  return t.facts.get(fact) ?? choose(t, fact, answers, fact);
}

/** Whether what is not known holds: both ways are gone, and the instruction is tried again with the answer. */
export function decide(t: Thread, question: string): boolean {
  return choose(t, question, ['it does not hold', 'it holds']) === 1;
}

/** Which of some answers holds where that is not known: each is tried. */
export function choose(t: Thread, question: string, answers: readonly string[], fact: string | null = null): number {
  const key = `?${question}`;
  const known = t.memo.get(key);
  if (known !== undefined) return Number(known);
  throw new Undecided(
    answers.map((text, i) => ({
      text,
      take: (one) => {
        one.memo = new Map(one.memo).set(key, `${i}`);
      },
    })),
    fact,
  );
}

/**
 * Throws Undecided where the last status is not known; each way has one: what fails ends with 1, or, where its number
 * is asked for, with another one.
 */
export function needStatus(t: Thread, isNumber = false): void {
  if (t.status !== UNKNOWN_STATUS) return;
  const way = (text: string, status: number): Way => ({
    text,
    take: (one) => {
      one.status = status;
    },
  });
  throw new Undecided([
    way('it succeeds', 0),
    way('it fails', 1),
    ...(isNumber ? [way('it fails with another status than 1', OTHER_STATUS)] : []),
  ]);
}
