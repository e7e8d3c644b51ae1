import { PATH_MAX } from '../pattern/normalize.ts';

/** An odd number whose powers take long to repeat. */
export const BASE = 0x5ebca6b5;

const POWERS: Int32Array = powersOf(BASE);

/** Kinds of landmark: a whole key, its start, a word of it with a delimiter on either side, its last word, four bytes of it. */
export const WHOLE = 0x1f123bb5;
export const START = 0x2c1b3c6d;
export const WORD = 0x297a2d39;
export const LAST_WORD = 0x14057b7f;
export const GRAM = 0x5851f42d;

/** The sum of the bytes from `start` to `end`: each byte added to `BASE` times the sum of those before it, modulo 2^32. */
export function sumOf(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum = (Math.imul(sum, BASE) + bytes[i]!) | 0;
  return sum;
}

/** The sum of a stretch of text from `sums` at its ends, `sums[i]` being the sum of the first `i` bytes. */
export function sumBetween(sums: Int32Array, start: number, end: number): number {
  return (sums[end]! - Math.imul(sums[start]!, POWERS[end - start]!)) | 0;
}

/** The number of a landmark, 32 bits with a sign, the high ones best: its sum mixed with its kind. */
export function landmark(sum: number, kind: number): number {
  const mixed = Math.imul(sum ^ kind ^ ((sum ^ kind) >>> 15), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
}

function powersOf(base: number): Int32Array {
  const powers = new Int32Array(PATH_MAX);
  powers[0] = 1;
  for (let i = 1; i < PATH_MAX; i++) powers[i] = Math.imul(powers[i - 1]!, base);
  return powers;
}
