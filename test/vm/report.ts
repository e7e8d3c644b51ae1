import { isDeepStrictEqual } from 'node:util';

/** The guest gave no answer in the time that it had: no verdict on what was predicted. */
export class NotFinished extends Error {
  override readonly name = 'NotFinished';
}

/** Counts what a scenario compared and keeps what differed. */
export class Report {
  readonly #name: string;
  checks = 0;
  /** Predicted results that were compared with the kernel's, by what was predicted. */
  readonly results: { [word: string]: number } = {};
  readonly failures: string[] = [];
  /** Why the scenario did not come to its end, where it did not. */
  unfinished: string | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  equal(what: string, got: unknown, want: unknown): void {
    this.checks++;
    if (isDeepStrictEqual(got, want)) return;
    this.failures.push(
      `${this.#name}: ${what}\n    expected ${JSON.stringify(want)}\n    found    ${JSON.stringify(got)}`,
    );
  }

  /** The last things that were done, for the story of a failure. */
  readonly trail: string[] = [];

  did(what: string): void {
    this.trail.push(what);
    if (this.trail.length > 12) this.trail.shift();
  }

  /** A result of the kernel against the model's; one that the model declared unknown is only counted. */
  result(what: string, real: string, predicted: string): void {
    this.results[predicted] = (this.results[predicted] ?? 0) + 1;
    if (predicted !== 'unknown') this.equal(what, real, predicted);
  }

  /** `ok`, or what it came to; a scenario can differ and then not finish. */
  verdict(): string {
    const differ = this.failures.length > 0 ? [`${this.failures.length} DIFFERENCES`] : [];
    const ended = this.unfinished === undefined ? [] : ['NOT FINISHED'];
    return [...differ, ...ended].join(', ') || 'ok';
  }

  ok(what: string, holds: boolean, found: unknown = holds): void {
    this.checks++;
    if (!holds) this.failures.push(`${this.#name}: ${what}\n    found    ${JSON.stringify(found)}`);
  }
}

/**
 * What a run exits with: 1 where a kernel did something else than was predicted, 3 where a scenario did not finish,
 * else 0.
 */
export function exitStatus(reports: readonly Report[]): number {
  if (reports.some(({ failures }) => failures.length > 0)) return 1;
  return reports.some(({ unfinished }) => unfinished !== undefined) ? 3 : 0;
}
