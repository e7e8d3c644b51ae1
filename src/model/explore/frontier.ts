/**
 * What a search has still to go through, nearest first, where some ways are free: breadth first with two lists, those
 * as far as the one that is gone through and those one step farther.
 */
export class Frontier {
  #now: number[] = [];
  #later: number[] = [];
  /** Of each that was added, how far it is. */
  #distances = new Int32Array(FIRST);
  #distance = 0;
  #at = 0;

  /** Adds one that is new: as far as the one that was taken last, or one step farther. */
  add(index: number, free: boolean): void {
    if (index >= this.#distances.length) this.#grow();
    this.#distances[index] = free ? this.#distance : this.#distance + 1;
    (free ? this.#now : this.#later).push(index);
  }

  /** Brings one that was added before to as far as the one that was taken last; false where it is that near. */
  bringNearer(index: number): boolean {
    if (this.#distances[index]! <= this.#distance) return false;
    this.#distances[index] = this.#distance;
    this.#now.push(index);
    return true;
  }

  /** The next, -1 for none. */
  take(): number {
    for (;;) {
      while (this.#at < this.#now.length) {
        const index = this.#now[this.#at++]!;
        // One that was brought nearer stands in both lists.
        if (this.#distances[index] === this.#distance) return index;
      }
      if (this.#later.length === 0) return -1;
      this.#now = this.#later;
      this.#later = [];
      this.#at = 0;
      this.#distance++;
    }
  }

  /** How many steps one is away that were not free. */
  distanceOf(index: number): number {
    return this.#distances[index]!;
  }

  #grow(): void {
    const longer = new Int32Array(this.#distances.length * 2);
    longer.set(this.#distances);
    this.#distances = longer;
  }
}

const FIRST = 4096;
