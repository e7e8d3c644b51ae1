import { PATH_MAX } from '../pattern/normalize.ts';

/** The base of the hash: an odd number whose powers have a long period. */
export const BASE = 0x5ebca6b5;

const POWERS: Int32Array = powersOf(BASE);

/**
 * Kinds of landmark: a whole key, its start, a word of it with a delimiter on either side, its last word, a 4-gram of
 * it.
 */
export const WHOLE = 0x1f123bb5;
export const START = 0x2c1b3c6d;
export const WORD = 0x297a2d39;
export const LAST_WORD = 0x14057b7f;
export const FOUR_GRAM = 0x5851f42d;

/**
 * The rolling hash of the bytes from `start` to `end`: each byte added to `BASE` times the hash of those before it,
 * modulo 2^32. R. M. Karp and M. O. Rabin, Efficient randomized pattern-matching algorithms (1987).
 */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, BASE) + bytes[i]!) | 0;
  return hash;
}

/**
 * The hash of a stretch of text, from the hashes of the texts up to its two ends, `hashes[i]` being that of the first
 * `i` bytes.
 */
export function hashBetween(hashes: Int32Array, start: number, end: number): number {
  return (hashes[end]! - Math.imul(hashes[start]!, POWERS[end - start]!)) | 0;
}

/**
 * The number of a landmark, 32 bits with a sign: its hash and kind, mixed so that the high bits depend on all of them.
 * This is the finalizer of MurmurHash3 (A. Appleby, MurmurHash3.cpp:fmix32) but for its last step, which helps the low
 * bits only, and the first shift.
 */
export function landmark(hash: number, kind: number): number {
  const mixed = Math.imul(hash ^ kind ^ ((hash ^ kind) >>> 15), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
}

function powersOf(base: number): Int32Array {
  const powers = new Int32Array(PATH_MAX);
  powers[0] = 1;
  for (let i = 1; i < PATH_MAX; i++) powers[i] = Math.imul(powers[i - 1]!, base);
  return powers;
}
