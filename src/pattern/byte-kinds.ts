import type { Token } from './tokens.ts';

/** Bytes in the order in which a witness prefers them: digits, letters, then the rest of ASCII. */
const PREFERRED: readonly number[] = [
  ...Buffer.from('0123456789ABCDEFabcdefghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ_:,.'),
  ...Array.from({ length: 255 }, (_, i) => i + 1),
];

/**
 * One byte of each kind that the tokens tell apart, kinds that hold no byte of `alphabet` left out (1 at a byte's place
 * where it belongs). Kinds split where a set holds some bytes of one and not others.
 */
export function byteKinds(tokens: Iterable<Token>, alphabet?: Uint8Array): number[] {
  const kindOf = new Uint8Array(256);
  let kinds = 1;
  for (const set of new Set(tokens)) {
    if (set === 'star') continue;
    const split = new Map<number, number>();
    const kept = new Uint8Array(256);
    for (let byte = 1; byte < 256; byte++) if (!set[byte]) kept[kindOf[byte]!] = 1;
    for (let byte = 1; byte < 256; byte++) {
      const kind = kindOf[byte]!;
      if (!set[byte] || !kept[kind]) continue;
      if (!split.has(kind)) split.set(kind, kinds++);
      kindOf[byte] = split.get(kind)!;
    }
  }
  const first = new Map<number, number>();
  for (const byte of PREFERRED) {
    if ((alphabet === undefined || alphabet[byte] === 1) && !first.has(kindOf[byte]!)) first.set(kindOf[byte]!, byte);
  }
  return [...first.values()];
}
