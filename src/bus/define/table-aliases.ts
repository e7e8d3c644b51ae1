import { atRelease, type Release } from '../../release.ts';
import type { AliasText, Remark } from './alias-writer.ts';
import { type Bus, hexDigits, type Row } from './bus.ts';
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
  const earlier = new Set<string>();
  return (row) => {
    const texts: Text[] = [];
    const remarks: Remark[] = [];
    const words: string[] = [];
    bus.alias(row, {
      release,
      alias(text) {
        const begun = new Text(bus, row, text);
        texts.push(begun);
        return begun;
      },
      at(rule) {
        const value = atRelease(rule, release);
        if (value === undefined) throw new RangeError(`${bus.name}: no rule for release ${release}`);
        return value;
      },
      overridePrefix(flag) {
        if (flag === 0) return '';
        const word = overridePrefixes.get(flag);
        return word === undefined ? undefined : `${word}_`;
      },
      usedByEarlierRow(word) {
        words.push(word);
        return earlier.has(word);
      },
      skip: (code, message) => remarks.push({ kind: 'skip', code, message }),
      fail: (code, message) => remarks.push({ kind: 'fail', code, message }),
      note: (code, message) => remarks.push({ kind: 'note', code, message }),
    });
    for (const word of words) earlier.add(word);
    const dropped = remarks.some((remark) => remark.kind !== 'note');
    return { aliases: dropped ? [] : texts.map((text) => text.value), remarks };
  };
}

class Text implements AliasText {
  readonly #bus: Bus;
  readonly #row: Row;
  value: string;

  constructor(bus: Bus, row: Row, value: string) {
    this.#bus = bus;
    this.#row = row;
    this.value = value;
  }

  field(name: string, field: string): AliasText {
    const value = this.#row[field] as number;
    return this.hex(name, isAny(this.#bus, this.#row, field) ? undefined : value, hexDigits(this.#bus, field));
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

/** Whether a field of a row means any: by its flag where the bus has match flags for it, by its value otherwise. */
function isAny(bus: Bus, row: Row, field: string): boolean {
  const flag = bus.flags?.bits[field];
  if (bus.flags && typeof flag === 'number') return ((row[bus.flags.field] as number) & flag) === 0;
  return field in bus.any && row[field] === bus.any[field];
}
