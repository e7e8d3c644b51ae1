/** Numbers that a slot takes: landmark, entry, and two that its owner chooses. */
export const SLOT = 4;

/** Bits of the filter for each entry. */
const FILTER_BITS = 4;
const MOST_FILTER_BITS = 26;
/** Bits of a block of the filter, which is a line of the processor's cache. */
const BLOCK_BITS = 9;

/**
 * Entries by landmark. Those whose landmarks fall into bucket `b` are adjacent in `slots`, from `SLOT * buckets[b]` to
 * `SLOT * buckets[b + 1]`. A blocked Bloom filter in front of them rejects most landmarks that no entry has: one bit an
 * entry, in a block of one line of the processor's cache. F. Putze, P. Sanders and J. Singler, Cache-, hash- and
 * space-efficient Bloom filters (2007).
 */
export class LandmarkTable {
  readonly slots: Int32Array;
  readonly buckets: Int32Array;
  readonly bucketShift: number;
  readonly #filter: Int32Array;
  readonly #blockShift: number;

  /** Space for entries with these landmarks; each must then be added. */
  constructor(numbers: Int32Array) {
    const count = numbers.length;
    const bits = Math.max(1, Math.ceil(Math.log2(count + 1)));
    const filterBits = Math.min(MOST_FILTER_BITS, Math.max(BLOCK_BITS + 1, bits + FILTER_BITS));
    const shift = 32 - bits;
    this.bucketShift = shift;
    this.#blockShift = 32 - (filterBits - BLOCK_BITS);
    this.#filter = new Int32Array(1 << (filterBits - 5));
    const buckets = new Int32Array((1 << bits) + 1);
    for (let i = 0; i < count; i++) buckets[numbers[i]! >>> shift]!++;
    for (let b = 1; b < buckets.length; b++) buckets[b]! += buckets[b - 1]!;
    this.buckets = buckets;
    this.slots = new Int32Array(count * SLOT);
  }

  /**
   * Adds an entry by its landmark and returns its slot, for its owner's data. `block` is the landmark that chooses the
   * block of the
   * filter: its own or one that occurs whenever it does.
   */
  put(block: number, number: number): number {
    this.#filter[((block >>> this.#blockShift) << 4) + ((number >>> 13) & 15)]! |= 1 << (number >>> 8);
    // Buckets hold their ends until they are full, then their starts.
    const slot = SLOT * --this.buckets[number >>> this.bucketShift]!;
    this.slots[slot] = number;
    return slot;
  }

  /** Whether an entry may have a landmark that was marked in this block. */
  mayHold(block: number, number: number): boolean {
    const word = this.#filter[((block >>> this.#blockShift) << 4) + ((number >>> 13) & 15)]!;
    return ((word >>> (number >>> 8)) & 1) === 1;
  }
}
