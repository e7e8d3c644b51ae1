import { isDeepStrictEqual } from 'node:util';

/** Counts what a scenario compared and keeps what differed. */
export class Report {
  readonly #name: string;
  checks = 0;
  /** Predicted results that were held against the kernel's, by what was predicted. */
  readonly results: { [word: string]: number } = {};
  readonly failures: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  equal(what: string, got: unknown, want: unknown): void {
    this.checks++;
    if (isDeepStrictEqual(got, want)) return;
    this.failures.push(`${this.#name}: ${what}\n    wanted ${JSON.stringify(want)}\n    found  ${JSON.stringify(got)}`);
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

  ok(what: string, holds: boolean, found: unknown = holds): void {
    this.checks++;
    if (!holds) this.failures.push(`${this.#name}: ${what}\n    found  ${JSON.stringify(found)}`);
  }
}
