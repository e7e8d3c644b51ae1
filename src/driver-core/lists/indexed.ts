import { grouped } from '../../grouped.ts';
import { Remembered } from './remembered.ts';

/** What lists have in common in which every item stands in the same place, with the same keys. */
export interface Standing<T> {
  /** The first such list. */
  readonly list: readonly T[];
}

/** Where the items stand, by each kind of key, made when it is asked for. */
interface Places<T, By extends string> extends Standing<T> {
  readonly by: Map<By, ReadonlyMap<string | null, readonly number[]>>;
}

/** So few items are looked through faster than anything about them is remembered. */
export const FEW = 8;
const NOWHERE: readonly number[] = [];

/**
 * Finds items of lists by their keys without looking through them. A list that differs from another one in a few items
 * of the same keys shares its index with it: states of a machine with thousands of devices do.
 */
export class Indexed<T, By extends string> {
  readonly #keys: Readonly<Record<By, (item: T) => string | null>>;
  readonly #places = new Remembered<readonly T[], Places<T, By>>((list) => ({ list, by: new Map() }));

  constructor(keys: Readonly<Record<By, (item: T) => string | null>>) {
    this.#keys = keys;
  }

  /** The items that have a key, in the order of the list. */
  all(list: readonly T[], by: By, key: string | null): readonly T[] {
    const keyOf = this.#keys[by];
    if (list.length <= FEW) return list.filter((item) => keyOf(item) === key);
    return this.places(list, by, key).map((at) => list[at]!);
  }

  /** Where the items stand that have a key. */
  places(list: readonly T[], by: By, key: string | null): readonly number[] {
    const keyOf = this.#keys[by];
    if (list.length <= FEW) return list.flatMap((item, at) => (keyOf(item) === key ? at : []));
    const known = this.#places.of(list).by;
    let index = known.get(by);
    if (!index) {
      index = grouped(list.keys(), (at) => keyOf(list[at]!));
      known.set(by, index);
    }
    return index.get(key) ?? NOWHERE;
  }

  /** What a list has in common with those that it shares its index with. */
  standing(list: readonly T[]): Standing<T> {
    return this.#places.of(list);
  }

  /** The list with another item in a place. */
  with(list: readonly T[], at: number, item: T): readonly T[] {
    const next = list.with(at, item);
    this.share(list, next, [at]);
    return next;
  }

  /** Has a list share the index of another, as long, where the items that differ have the same keys. */
  share(list: readonly T[], next: readonly T[], differing: readonly number[]): void {
    if (list.length <= FEW) return;
    const keys = Object.values<(item: T) => string | null>(this.#keys);
    if (differing.every((at) => keys.every((keyOf) => keyOf(list[at]!) === keyOf(next[at]!))))
      this.#places.give(next, this.#places.of(list));
  }
}
