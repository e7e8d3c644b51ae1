/** How a machine lays out C: what a struct's bytes mean depends on nothing else. */
export interface Abi {
  readonly littleEndian: boolean;
  /** Bytes of a pointer and of `unsigned long`. */
  readonly wordSize: 4 | 8;
  /**
   * Alignment of `unsigned long long`: 8 nearly everywhere, 4 on i386, 2 on m68k (where it also bounds int and
   * pointers).
   */
  readonly maxAlign: 2 | 4 | 8;
}
