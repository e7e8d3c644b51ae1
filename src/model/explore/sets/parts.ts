/** A list of a state, as it is known: equal lists are one. */
interface Listed<T extends object> {
  readonly id: number;
  /** The first of those that are equal. */
  readonly list: readonly T[];
  /** Made of its parts in whatever order: a list that differs in a few has its hash made of these. */
  readonly hash: number;
}

/**
 * Numbers the lists that states are made of: devices, drivers, facts. A list that is made of another one shares most of
 * its parts with it, so what it costs to know it again is to see where they differ, not what each part is.
 */
export class Parts {
  readonly #ids = new WeakMap<object, number>();
  readonly #idsByText = new Map<string, number>();
  readonly #listed = new WeakMap<readonly object[], Listed<object>>();
  readonly #listedByHash = new Map<number, Listed<object>[]>();
  /** By lists of ids. */
  readonly #numbers = new WeakMap<readonly object[], string>();
  #lists = 0;

  /** What is known of a list; `like` is one that is known, from which it may differ in a few parts. */
  listed<T extends object>(list: readonly T[], like?: readonly T[]): Listed<T> {
    const known = this.#listed.get(list) as Listed<T> | undefined;
    if (known) return known;
    const hash = this.#hashOf(list, like && this.#listed.get(like));
    const alike = this.#listedByHash.get(hash) ?? [];
    let one = alike.find((other) => this.#areEqual(list, other.list));
    if (!one) {
      one = { id: this.#lists++, list, hash };
      this.#listedByHash.set(hash, [...alike, one]);
    }
    this.#listed.set(list, one);
    return one as Listed<T>;
  }

  #hashOf(list: readonly object[], base: Listed<object> | undefined): number {
    const was = base?.list ?? [];
    let first = 0;
    let [end, wasEnd] = [list.length, was.length];
    while (first < end && first < wasEnd && list[first] === was[first]) first++;
    while (end > first && wasEnd > first && list[end - 1] === was[wasEnd - 1]) {
      end--;
      wasEnd--;
    }
    let hash = base?.hash ?? 0;
    for (let i = first; i < wasEnd; i++) hash = (hash - mixed(this.#part(was[i]!))) | 0;
    for (let i = first; i < end; i++) hash = (hash + mixed(this.#part(list[i]!))) | 0;
    return hash;
  }

  #areEqual(list: readonly object[], other: readonly object[]): boolean {
    if (list.length !== other.length) return false;
    for (let i = 0; i < list.length; i++)
      if (list[i] !== other[i] && this.#part(list[i]!) !== this.#part(other[i]!)) return false;
    return true;
  }

  /** The number of a part. Equal parts have one number. */
  #part(one: object): number {
    const known = this.#ids.get(one);
    if (known !== undefined) return known;
    const text = this.#textOf(one);
    let id = this.#idsByText.get(text);
    if (id === undefined) {
      id = this.#idsByText.size;
      this.#idsByText.set(text, id);
    }
    this.#ids.set(one, id);
    return id;
  }

  /** A part as text. Ids hold a bigint, which JSON has not; there are many, and most of them are known already. */
  #textOf(part: object): string {
    try {
      return JSON.stringify(part);
    } catch {
      return JSON.stringify(part, (_, value) => {
        if (typeof value === 'bigint') return `${value}n`;
        return Array.isArray(value) && typeof value[0]?.driver_data === 'bigint' ? this.#numbersOf(value) : value;
      });
    }
  }

  /** The numbers of ids. */
  #numbersOf(ids: readonly object[]): string {
    let numbers = this.#numbers.get(ids);
    if (numbers === undefined) {
      numbers = ids.map((id) => this.#part(id)).join();
      this.#numbers.set(ids, numbers);
    }
    return numbers;
  }
}

/** A number with its bits mixed, so that sums of such numbers differ. */
function mixed(id: number): number {
  let h = Math.imul(id + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return h ^ (h >>> 13);
}
