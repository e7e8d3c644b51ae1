import type { Code } from '../../codes.ts';
import { formatRelease, type Release } from '../../release.ts';
import { atRelease, type ByRelease } from '../../release-history.ts';
import type { AliasText, AliasWriter, Remark } from './alias-writer.ts';
import type { Bus, Fields, Row } from './bus.ts';
import { upperHex } from './text.ts';

/** What one row of a table makes. */
export interface RowAliases {
  readonly aliases: readonly string[];
  readonly remarks: readonly Remark[];
}

/** Makes the aliases of one table's rows, first to last. `overridePrefixes`: flag -> word, without the underscore. */
export function tableAliases(
  bus: Bus,
  release: Release,
  overridePrefixes: ReadonlyMap<number, string>,
): (row: Row) => RowAliases {
  const writer = new TableWriter(bus, release, overridePrefixes);
  return (row) => writer.write(row);
}

class TableWriter implements AliasWriter {
  readonly release: Release;
  readonly #bus: Bus;
  readonly #overridePrefixes: ReadonlyMap<number, string>;
  readonly #usedEarlier = new Set<string>();
  #used: string[] = [];
  #row: Fields = {};
  #texts: Text[] = [];
  #remarks: Remark[] = [];

  constructor(bus: Bus, release: Release, overridePrefixes: ReadonlyMap<number, string>) {
    this.release = release;
    this.#bus = bus;
    this.#overridePrefixes = overridePrefixes;
  }

  write(row: Row): RowAliases {
    this.#row = row;
    this.#texts = [];
    this.#remarks = [];
    this.#used = [];
    this.#bus.alias(row, this);
    for (const word of this.#used) this.#usedEarlier.add(word);
    const dropped = this.#remarks.some((remark) => remark.kind !== 'note');
    return { aliases: dropped ? [] : this.#texts.map((text) => text.value), remarks: this.#remarks };
  }

  alias(text: string): AliasText {
    const begun = new Text(this.#bus, this.#row, text);
    this.#texts.push(begun);
    return begun;
  }

  at<T>(rule: ByRelease<T>): T {
    const value = atRelease(rule, this.release);
    if (value === undefined)
      throw new RangeError(`${this.#bus.name}: no rule for release ${formatRelease(this.release)}`);
    return value;
  }

  overridePrefix(flag: number): string | undefined {
    if (flag === 0) return '';
    const word = this.#overridePrefixes.get(flag);
    return word === undefined ? undefined : `${word}_`;
  }

  usedByEarlierRow(word: string): boolean {
    this.#used.push(word);
    return this.#usedEarlier.has(word);
  }

  skip(code: Code, message: string): void {
    this.#remarks.push({ kind: 'skip', code, message });
  }

  fail(code: Code, message: string): void {
    this.#remarks.push({ kind: 'fail', code, message });
  }

  note(code: Code, message: string): void {
    this.#remarks.push({ kind: 'note', code, message });
  }
}

class Text implements AliasText {
  readonly #bus: Bus;
  readonly #row: Fields;
  value: string;

  constructor(bus: Bus, row: Fields, value: string) {
    this.#bus = bus;
    this.#row = row;
    this.value = value;
  }

  field(name: string, field: string): AliasText {
    const printed = this.#bus.printed.get(field);
    if (!printed) throw new RangeError(`${this.#bus.name}: ${field} is not a number of its struct`);
    const value = this.#row[field] as number;
    const { flags } = this.#bus;
    const any = printed.flag && flags ? !((this.#row[flags.field] as number) & printed.flag) : value === printed.any;
    return this.hex(name, any ? undefined : value, printed.digits);
  }

  hex(name: string, value: number | undefined, digits: number): AliasText {
    this.value += name + (value === undefined ? '*' : upperHex(value, digits));
    return this;
  }

  text(text: string): AliasText {
    this.value += text;
    return this;
  }

  wildcard(): AliasText {
    if (!this.value.endsWith('*')) this.value += '*';
    return this;
  }
}
