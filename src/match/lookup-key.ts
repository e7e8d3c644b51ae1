import { normalizeAlias, PATH_MAX } from '../alias/normalize.ts';
import { ModaliasError } from '../errors.ts';

/** What a byte means for a key. */
const DASH = 1;
const COLON = 2;
const WILD = 4;
const ODD = 8;

const TRAITS = new Uint8Array(256);
for (const [traits, characters] of [
  [DASH, '-'],
  [COLON, ':'],
  [WILD, '*?'],
  [ODD, '[]\0'],
] as const) {
  for (const c of characters) TRAITS[c.charCodeAt(0)] = traits;
}

const encoder = new TextEncoder();

/** A modalias made ready to be looked up: normalised, as bytes and as text. One object serves one lookup after another. */
export class LookupKey {
  readonly bytes: Uint8Array = new Uint8Array(PATH_MAX);
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
    const { bytes } = this;
    const end = modalias.length;
    if (end >= PATH_MAX || encoder.encodeInto(modalias, bytes).written !== end) return this.#setOdd(modalias);
    let traits = 0;
    for (let i = 0; i < end; i++) traits |= TRAITS[bytes[i]!]!;
    if (traits & (WILD | ODD)) return this.#setOdd(modalias);
    this.length = end;
    this.wildcards = 0;
    this.hasColon = (traits & COLON) !== 0;
    this.#text = modalias;
    if (traits & DASH) {
      this.#text = undefined;
      for (let i = 0; i < end; i++) if (bytes[i] === 0x2d) bytes[i] = 0x5f;
    }
    return this;
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
    this.hasColon = key.includes(':');
    this.#text = key;
    return this;
  }
}

function bad(modalias: string, what: string): ModaliasError {
  const shown = modalias.length > 80 ? `${modalias.slice(0, 80)}...` : modalias;
  return new ModaliasError('bad-modalias', `'${shown}' ${what}`);
}
