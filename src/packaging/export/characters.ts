import { DEVICE_FORMATS } from '../../bus/buses.ts';
import { printedBy } from '../../explain/incomplete.ts';
import type { Token } from '../../pattern/tokens.ts';
import { busOf } from '../bus-of.ts';

/** Buses that print ASCII only: all their fields are numbers, or drivers/firmware/dmi-id.c:ascii_filter reads them. */
const ASCII: ReadonlySet<string> = new Set([
  'dmi',
  ...DEVICE_FORMATS.filter(({ fields }) => fields.every(({ printed }) => printedBy(printed))).map(({ bus }) => bus),
]);

/** The byte that a token takes where it takes no other. */
export const onlyByteOf = (token: Token): number | undefined =>
  token !== 'star' && token.indexOf(1) === token.lastIndexOf(1) ? token.indexOf(1) : undefined;

/** Whether a token takes one of several bytes, which may be a part of a character of UTF-8. */
export const takesPart = (token: Token): token is Uint8Array =>
  token !== 'star' && onlyByteOf(token) === undefined && token.lastIndexOf(1) > 0x7f;

/** How a reader whose `?` is a character of UTF-8 differs from libkmod, whose `?` is a byte. */
export interface Characters {
  /** It takes a character of several bytes where libkmod takes one. */
  readonly isWider: boolean;
  /** It needs several characters where one of as many bytes is enough for libkmod. */
  readonly isNarrower: boolean;
}

/** What differs for the devices of a pattern's bus: nothing where they print ASCII only. */
export function charactersOf(pattern: string, tokens: readonly Token[]): Characters {
  const isAscii = ASCII.has(busOf(pattern) ?? '');
  const isPart = tokens.map((token) => !isAscii && takesPart(token));
  return { isWider: isPart.includes(true), isNarrower: isPart.some((part, i) => part && isPart[i - 1] === true) };
}

/** Why `isWider` makes a pattern wider. */
export const WIDER_CHARACTER = 'as a ? takes a character of several bytes, too';
