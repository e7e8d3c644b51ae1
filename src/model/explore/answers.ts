/** Which ways were gone where questions were asked that cannot be answered: bits of the ways, by question. */
type Given = ReadonlyMap<string, number>;

/** An end of a run: the kernel in which it ended, and the number of the answers that it had. */
export interface Answered {
  readonly kernel: number;
  readonly answers: number;
}

/** Most questions that are told apart. */
const MOST_QUESTIONS = 8;

/** The number of no answers at all. */
export const NO_ANSWERS = 0;

/** What was answered in runs, by numbers: where a run may end depends on it. */
export class Answers {
  /** The answers of each number. */
  readonly #given: Given[];
  readonly #ids: Map<string, number>;
  /** The questions that are told apart; null for those that come first. */
  readonly #only: ReadonlySet<string> | null;
  readonly #first = new Set<string>();
  /** Questions were asked beyond those that are told apart. */
  isCut = false;

  constructor(of: Answers | null = null, only: ReadonlySet<string> | null = null) {
    this.#given = of === null ? [new Map()] : of.#given;
    this.#ids = of === null ? new Map([['', NO_ANSWERS]]) : of.#ids;
    this.#only = only;
  }

  /** The number of some answers and one more; unchanged where its question is not told apart. */
  and(answers: number, question: string, way: number): number {
    if (!this.#isTold(question)) return answers;
    const given = this.#given[answers]!;
    return this.#number(new Map(given).set(question, (given.get(question) ?? 0) | (1 << Math.min(way, 30))));
  }

  #isTold(question: string): boolean {
    if (this.#only) return this.#only.has(question);
    if (this.#first.size < MOST_QUESTIONS) this.#first.add(question);
    const isTold = this.#first.has(question);
    this.isCut ||= !isTold;
    return isTold;
  }

  #number(given: Given): number {
    const rows = [...given].sort(([a], [b]) => (a < b ? -1 : 1));
    const key = rows.map(([question, ways]) => `${question}\0${ways}`).join('\0');
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#given.push(given) - 1;
      this.#ids.set(key, id);
    }
    return id;
  }

  /** The number of all of some answers. */
  both(one: number, other: number): number {
    if (one === NO_ANSWERS || one === other) return other;
    const given = new Map(this.#given[one]!);
    for (const [question, ways] of this.#given[other]!) given.set(question, (given.get(question) ?? 0) | ways);
    return this.#number(given);
  }

  /** Whether a machine may give these answers and those: none of the questions is answered otherwise. */
  agree(one: number, other: number): boolean {
    const others = this.#given[other]!;
    return [...this.#given[one]!].every(([question, ways]) => ((others.get(question) ?? ways) & ways) !== 0);
  }

  /** Tells only those questions apart on which it depends in which kernels runs end. */
  deciding(ends: readonly Answered[]): Answers {
    const kernels = new Map<number, Set<number>>();
    for (const { kernel, answers } of ends) kernels.set(answers, (kernels.get(answers) ?? new Set()).add(kernel));
    if (new Set(ends.map(({ kernel }) => kernel)).size < 2) return new Answers(this, new Set());
    const all = [...new Set([...kernels.keys()].flatMap((answers) => [...this.#given[answers]!.keys()]))];
    const rows = [...kernels].map(([answers, ended]) => ({
      ways: all.map((question) => this.#given[answers]!.get(question) ?? -1),
      ended,
    }));
    const goals = (only: ReadonlySet<number>) =>
      rows.map(({ ways }) => {
        const such = rows.filter((other) => [...only].every((i) => (ways[i]! & other.ways[i]!) !== 0));
        return new Set(such.flatMap(({ ended }) => [...ended])).size;
      });
    const kept = new Set(all.keys());
    const whole = `${goals(kept)}`;
    for (const i of all.keys()) {
      kept.delete(i);
      if (`${goals(kept)}` !== whole) kept.add(i);
    }
    return new Answers(this, new Set([...kept].map((i) => all[i]!)));
  }

  /** The number of the answers to the questions that are told apart. */
  told(answers: number): number {
    const only = this.#only;
    if (!only) return answers;
    return this.#number(new Map([...this.#given[answers]!].filter(([question]) => only.has(question))));
  }
}
