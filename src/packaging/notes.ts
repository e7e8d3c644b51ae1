import type { Diagnostic } from '../errors.ts';
import { readablePath } from '../files/raw-path.ts';
import type { Note } from './finding.ts';
import type { NoteRule, RuleName } from './rules.ts';

/** Examples that a note gives, unless all are asked for. */
const EXAMPLES = 3;

/** Collects what is worth knowing, by rule; `note` keeps the first message and examples. */
export class NoteBook {
  readonly #notes = new Map<RuleName, { message: string; count: number; examples: Set<string> }>();
  readonly #most: number;

  constructor(all = false) {
    this.#most = all ? Number.POSITIVE_INFINITY : EXAMPLES;
  }

  add(rule: NoteRule, message: string, example?: string): void {
    this.#add(rule, message, example);
  }

  #add(rule: RuleName, message: string, example: string | undefined): void {
    const note = this.#notes.get(rule) ?? { message, count: 0, examples: new Set() };
    note.count++;
    if (example !== undefined && note.examples.size < this.#most) note.examples.add(readablePath(example));
    this.#notes.set(rule, note);
  }

  /** Diagnostics of reading, each under its code. */
  diagnostics(diagnostics: Iterable<Diagnostic>): void {
    for (const { code, message, module, file, table } of diagnostics)
      this.#add(code, message, [module ?? file, table].filter(Boolean).join(' ') || undefined);
  }

  notes(): Note[] {
    return [...this.#notes].map(([rule, { message, count, examples }]) => ({
      rule,
      count,
      message,
      examples: [...examples],
    }));
  }
}
