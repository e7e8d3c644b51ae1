import { ModaliasError, shortened } from '../errors.ts';
import { fnmatchBytes, IS_SPECIAL } from '../pattern/fnmatch.ts';
import { normalizeAlias, PATH_MAX } from '../pattern/normalize.ts';
import { BASE } from './rolling-hash.ts';

/** What a byte means for a key, above the byte that it becomes. */
const DASH = 0x100;
const COLON = 0x200;
const SPECIAL = 0x400;
/** Shifted down it is 1. */
const LETTER_BIT = 11;

const TRAITS = Uint16Array.from({ length: 256 }, (_, byte) => byte);
for (const [traits, characters] of [
  [COLON, ':'],
  [SPECIAL, '[]*?\0'],
] as const) {
  for (const c of characters) TRAITS[c.charCodeAt(0)]! |= traits;
}
TRAITS[0x2d] = DASH | 0x5f;
for (let c = 0x61; c <= 0x7a; c++) TRAITS[c]! |= 1 << LETTER_BIT;

const encoder = new TextEncoder();

/** A modalias prepared for lookup: normalised, as bytes and as text. One object is reused for each lookup. */
export class LookupKey {
  /** Space for three times a key, so that the encoder never truncates a text. */
  readonly bytes: Uint8Array = new Uint8Array(3 * PATH_MAX);
  /** The hash of the first `i` bytes, for each `i` up to the length; see `hashBetween`. */
  readonly hashes: Int32Array = new Int32Array(PATH_MAX);
  /** Places of the small letters, the first `letterCount` of these. */
  readonly letters: Uint16Array = new Uint16Array(PATH_MAX);
  letterCount = 0;
  length = 0;
  /** Wildcards in the key itself: with any, libkmod can meet a pattern more than once. */
  wildcards = 0;
  hasColon = false;
  #text: string | undefined;

  /** The key as latin1 text. */
  get text(): string {
    this.#text ??= Buffer.from(this.bytes.buffer, 0, this.length).toString('latin1');
    return this.#text;
  }

  /**
   * Takes a modalias, latin1, up to a NUL as C does. Throws `bad-modalias` for an unpaired bracket (libkmod: EINVAL)
   * and for a character that is not a byte.
   */
  set(modalias: string): this {
    const { length } = modalias;
    if (length >= PATH_MAX || encoder.encodeInto(modalias, this.bytes).written !== length)
      return this.#setOdd(modalias);
    const traits = this.#survey(length);
    if (traits & SPECIAL) return this.#setOdd(modalias);
    this.length = length;
    this.wildcards = 0;
    this.hasColon = (traits & COLON) !== 0;
    this.#text = traits & DASH ? undefined : modalias;
    return this;
  }

  /** Scans the first `length` bytes, which become `_` where they are dashes, and returns what the bytes mean. */
  #survey(length: number): number {
    const { bytes, hashes, letters } = this;
    let traits = 0;
    let hash = 0;
    let count = 0;
    // `| 0` tells V8 that the places are 32-bit integers.
    for (let i = 0; i < length; ) {
      const c = TRAITS[bytes[i]!]!;
      traits |= c;
      letters[count] = i;
      count = (count + (c >>> LETTER_BIT)) | 0;
      i = (i + 1) | 0;
      hash = (Math.imul(hash, BASE) + (c & 0xff)) | 0;
      hashes[i] = hash;
    }
    if (traits & DASH) for (let i = 0; i < length; i++) bytes[i] = TRAITS[bytes[i]!]!;
    this.letterCount = count;
    return traits;
  }

  #setOdd(modalias: string): this {
    const nul = modalias.indexOf('\0');
    const given = nul === -1 ? modalias : modalias.slice(0, nul);
    const key = normalizeAlias(given);
    if (key === undefined) throw bad(given, 'contains an unpaired bracket, so no alias can match it (libkmod: EINVAL)');
    for (let i = 0; i < key.length; i++) {
      const c = key.charCodeAt(i);
      if (c > 0xff)
        throw bad(
          given,
          'contains a character that is not a byte; read the modalias as latin1, one character per byte',
        );
      this.bytes[i] = c;
    }
    this.length = key.length;
    this.wildcards = key.replace(/[^*?[]/g, '').length;
    if (this.wildcards === 0) this.#survey(key.length);
    this.hasColon = key.includes(':');
    this.#text = key;
    return this;
  }
}

/** Whether the pattern of `size` bytes at `start` matches a key: its literal part compared, the rest as fnmatch(3). */
export function matches(bytes: Uint8Array, start: number, literal: number, size: number, key: LookupKey): boolean {
  const { length } = key;
  const text = key.bytes;
  if (literal > length) return false;
  for (let i = 0; i < literal; i++) if (bytes[start + i] !== text[i]) return false;
  if (literal === size) return length === literal;
  return fnmatchBytes(bytes, start + literal, start + size, text, literal, length);
}

/**
 * Whether the stretch of literal text that starts at `run`, of a pattern that ends at `end`, is at a place in a key.
 */
export function standsAt(bytes: Uint8Array, run: number, end: number, key: LookupKey, place: number): boolean {
  const text = key.bytes;
  let j = place;
  for (let i = run; i < end; i++, j++) {
    const c = bytes[i]!;
    if (IS_SPECIAL[c] === 1) return true;
    if (c !== text[j]) return false;
  }
  return j === key.length;
}

function bad(modalias: string, what: string): ModaliasError {
  return new ModaliasError('bad-modalias', `'${shortened(modalias)}' ${what}`);
}
