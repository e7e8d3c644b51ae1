import fc from 'fast-check';

/** A change of a file's bytes; positions are fractions of its length, so that one change fits every file. */
export type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | {
      readonly kind: 'number';
      readonly at: number;
      readonly bytes: 1 | 2 | 4 | 8;
      readonly value: bigint;
      readonly big: boolean;
    }
  | { readonly kind: 'cut' | 'drop' | 'repeat' | 'zero'; readonly at: number; readonly length: number };

/** Numbers that offsets, sizes and counts go wrong at. */
const TELLING = [0n, 1n, 2n, 0x7fn, 0xffn, 0xff00n, 0xffffn, 0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn];
const HUGE = [1n << 32n, (1n << 32n) + 64n, 1n << 40n, (1n << 53n) - 1n, 1n << 53n, 1n << 63n, (1n << 64n) - 1n];

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = fc.oneof(
  { arbitrary: fraction, weight: 3 },
  fraction.map((x) => x * 0.02),
  fraction.map((x) => 1 - x * 0.3),
);

/** Any change. Many fall on the header at the start and on the section headers and symbols at the end. */
export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }), weight: 10 },
  {
    arbitrary: fc.record({
      kind: fc.constant('number' as const),
      at,
      bytes: fc.constantFrom(1, 2, 4, 8),
      value: fc.oneof(fc.constantFrom(...TELLING, ...HUGE), fc.bigInt(0n, 20000n)),
      big: fc.boolean(),
    }),
    weight: 8,
  },
  fc.record({ kind: fc.constantFrom('cut', 'drop', 'repeat', 'zero'), at, length: fc.integer({ min: 1, max: 400 }) }),
);

/** The file with the changes made, one after the other. */
export function mutate(original: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  let bytes = Buffer.from(original);
  for (const change of mutations) {
    const position = Math.floor(Math.min(change.at, 0.999999) * bytes.length);
    if (bytes.length === 0) return bytes;
    if (change.kind === 'flip') bytes[position]! ^= 1 << change.bit;
    else if (change.kind === 'number') putNumber(bytes, position, change);
    else {
      const end = Math.min(position + change.length, bytes.length);
      if (change.kind === 'cut') bytes = bytes.subarray(0, position);
      else if (change.kind === 'zero') bytes.fill(0, position, end);
      else
        bytes = Buffer.concat([
          bytes.subarray(0, change.kind === 'drop' ? position : end),
          bytes.subarray(change.kind === 'drop' ? end : position),
        ]);
    }
  }
  return bytes;
}

/** Writes the number where such a number may stand: aligned by its size. */
function putNumber(bytes: Buffer, position: number, { bytes: size, value, big }: Mutation & { kind: 'number' }): void {
  const start = position - (position % size);
  for (let i = 0; i < size && start + i < bytes.length; i++)
    bytes[start + i] = Number((value >> BigInt(8 * (big ? size - 1 - i : i))) & 0xffn);
}
