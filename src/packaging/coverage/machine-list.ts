const FIRST_ROOM = 4;

/** Numbers of machines, each once, in rising order: four bytes each, as a device may be in a million of them. */
export class MachineList {
  /** Most devices are in one machine only. */
  #first = -1;
  #numbers: Uint32Array | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Machines come one after the other as a rule, and then at the end. */
  add(machine: number): void {
    if (machine === this.#first) return;
    if (this.#size === 0) {
      this.#first = machine;
      this.#size = 1;
    } else this.#insert(machine);
  }

  *[Symbol.iterator](): Iterator<number> {
    if (this.#size === 1) yield this.#first;
    else for (let i = 0; i < this.#size; i++) yield this.#numbers![i]!;
  }

  #insert(machine: number): void {
    this.#numbers ??= Uint32Array.of(this.#first, ...new Array(FIRST_ROOM - 1).fill(0));
    const place = this.#placeOf(machine);
    if (place < this.#size && this.#numbers[place] === machine) return;
    if (this.#size === this.#numbers.length) {
      const larger = new Uint32Array(this.#size * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers.copyWithin(place + 1, place, this.#size);
    this.#numbers[place] = machine;
    this.#size++;
  }

  /** The first place whose number is not below. */
  #placeOf(machine: number): number {
    const numbers = this.#numbers!;
    if (machine > numbers[this.#size - 1]!) return this.#size;
    let low = 0;
    for (let high = this.#size; low < high; ) {
      const middle = (low + high) >> 1;
      if (numbers[middle]! < machine) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
