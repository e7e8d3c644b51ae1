/**
 * What is made of an object, once, as long as that lives. Such an object is not changed any more: whoever wants it
 * otherwise makes another one, as `step` does.
 */
export class Remembered<K extends object, V> {
  readonly #make: (of: K) => V;
  readonly #made = new WeakMap<K, V>();

  constructor(make: (of: K) => V) {
    this.#make = make;
  }

  of(object: K): V {
    let made = this.#made.get(object);
    if (made === undefined) {
      made = this.#make(object);
      this.#made.set(object, made);
    }
    return made;
  }

  /** What was made of an object, or given to it; undefined where nobody asked yet. */
  known(object: K): V | undefined {
    return this.#made.get(object);
  }

  /** Gives an object what would be made of it, where that is known already. */
  give(object: K, value: V): void {
    this.#made.set(object, value);
  }
}
