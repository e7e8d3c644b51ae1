import { prefixOf } from '../prefix.ts';
import type { ModuleVerdict } from './verify-module.ts';

/** What one device-table type amounts to in a modules directory. */
export interface BusSummary {
  readonly bus: string;
  readonly modules: number;
  readonly tables: number;
  readonly rows: number;
  /** Aliases that the rows make. */
  readonly aliases: number;
  /** Aliases that no row makes, with a prefix of this type. */
  readonly handWritten: number;
}

/** Where hand-written aliases go whose prefix no table makes, such as char-major-10-200. */
export const OTHER = 'other';

/** Adds up verdicts by type, in the order of the types' names; hand-written aliases of no type come last. */
export class BusCounter {
  readonly #counts = new Map<string, { modules: number; tables: number; rows: number; aliases: number }>();
  /** Prefix of an alias -> the type whose rows make it; a type of that very name has it. */
  readonly #typeOf = new Map<string, string>();
  readonly #handWritten = new Map<string, number>();

  add(verdict: ModuleVerdict): void {
    const seen = new Set<string>();
    for (const { bus, rows, aliases, prefixes } of verdict.tables) {
      const count = this.#counts.get(bus) ?? { modules: 0, tables: 0, rows: 0, aliases: 0 };
      if (!seen.has(bus)) count.modules++;
      seen.add(bus);
      count.tables++;
      count.rows += rows;
      count.aliases += aliases;
      this.#counts.set(bus, count);
      for (const prefix of prefixes) if (prefix === bus || !this.#typeOf.has(prefix)) this.#typeOf.set(prefix, bus);
    }
    for (const alias of verdict.handWritten) {
      const prefix = prefixOf(alias);
      this.#handWritten.set(prefix, (this.#handWritten.get(prefix) ?? 0) + 1);
    }
  }

  summary(): BusSummary[] {
    const byHand = new Map<string, number>();
    for (const [prefix, count] of this.#handWritten) {
      const bus = this.#typeOf.get(prefix) ?? OTHER;
      byHand.set(bus, (byHand.get(bus) ?? 0) + count);
    }
    const buses = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    const rows = buses.map(([bus, count]) => ({ bus, ...count, handWritten: byHand.get(bus) ?? 0 }));
    const other = byHand.get(OTHER);
    return other ? [...rows, { bus: OTHER, modules: 0, tables: 0, rows: 0, aliases: 0, handWritten: other }] : rows;
  }
}
