import { isDeepStrictEqual } from 'node:util';

/** Counts what a scenario compared and keeps what differed. */
export class Report {
  readonly #name: string;
  checks = 0;
  /** Results that the model declared unknown before they were seen. */
  unknown = 0;
  readonly failures: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  equal(what: string, got: unknown, want: unknown): void {
    this.checks++;
    if (isDeepStrictEqual(got, want)) return;
    this.failures.push(`${this.#name}: ${what}\n    wanted ${JSON.stringify(want)}\n    found  ${JSON.stringify(got)}`);
  }

  ok(what: string, holds: boolean, found: unknown = holds): void {
    this.checks++;
    if (!holds) this.failures.push(`${this.#name}: ${what}\n    found  ${JSON.stringify(found)}`);
  }
}
