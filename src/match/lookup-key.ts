import { normalizeAlias, PATH_MAX } from '../alias/normalize.ts';
import { ModaliasError } from '../errors.ts';
import { POWERS } from './sums.ts';

/** What a character means for a key, above the 16 bits of a character. */
const DASH = 0x1_0000;
const COLON = 0x2_0000;
const SPECIAL = 0x4_0000;
/** With any of these bits a key takes the long way: a special character, or one that is no byte. */
const ODD = SPECIAL | 0xff00;

/** For each byte the byte that it becomes, and what it means. */
const TRAITS = Int32Array.from({ length: 256 }, (_, byte) => byte);
for (const [traits, characters] of [
  [COLON, ':'],
  [SPECIAL, '[]*?\0'],
] as const) {
  for (const c of characters) TRAITS[c.charCodeAt(0)]! |= traits;
}
TRAITS[0x2d] = DASH | 0x5f;

/** A modalias made ready to be looked up: normalised, as bytes and as text. One object serves one lookup after another. */
export class LookupKey {
  readonly bytes: Uint8Array = new Uint8Array(PATH_MAX);
  /** The sum of the first `i` bytes, for each `i` up to the length; see `sumBetween`. */
  readonly sums: Int32Array = new Int32Array(PATH_MAX);
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
   * Takes a modalias, latin1, up to a NUL as C does. Throws `bad-modalias` for a bracket without a partner (libkmod: EINVAL) and for a
   * character that is no byte.
   */
  set(modalias: string): this {
    const { bytes, sums } = this;
    const { length } = modalias;
    if (length >= PATH_MAX) return this.#setOdd(modalias);
    let traits = 0;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const code = modalias.charCodeAt(i);
      const c = TRAITS[code & 0xff]!;
      traits |= c | (code & ~0xff);
      bytes[i] = c;
      sum = (sum + Math.imul(c & 0xff, POWERS[i]!)) | 0;
      sums[i + 1] = sum;
    }
    if (traits & ODD) return this.#setOdd(modalias);
    this.length = length;
    this.wildcards = 0;
    this.hasColon = (traits & COLON) !== 0;
    this.#text = traits & DASH ? undefined : modalias;
    return this;
  }

  /** Sums the first `length` bytes. */
  #sum(length: number): void {
    const { bytes, sums } = this;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      sum = (sum + Math.imul(bytes[i]!, POWERS[i]!)) | 0;
      sums[i + 1] = sum;
    }
  }

  #setOdd(modalias: string): this {
    const nul = modalias.indexOf('\0');
    const given = nul === -1 ? modalias : modalias.slice(0, nul);
    const key = normalizeAlias(given);
    if (key === undefined)
      throw bad(given, 'holds a bracket without a partner, so that no alias can match it (libkmod: EINVAL)');
    for (let i = 0; i < key.length; i++) {
      const c = key.charCodeAt(i);
      if (c > 0xff)
        throw bad(given, 'holds a character that is not a byte; read the modalias as latin1, one character a byte');
      this.bytes[i] = c;
    }
    this.length = key.length;
    this.wildcards = key.replace(/[^*?[]/g, '').length;
    if (this.wildcards === 0) this.#sum(key.length);
    this.hasColon = key.includes(':');
    this.#text = key;
    return this;
  }
}

function bad(modalias: string, what: string): ModaliasError {
  const shown = modalias.length > 80 ? `${modalias.slice(0, 80)}...` : modalias;
  return new ModaliasError('bad-modalias', `'${shown}' ${what}`);
}
