import type { Release } from '../release.ts';
import { always, atRelease, type ByRelease, history } from '../release-history.ts';

/** Bytes of a page: one write(2) to an attribute carries no more (kernfs/file.c:kernfs_fop_write_iter). */
export const PAGE_SIZE = 4096;

/** What a store function sees of the data: one page at most, up to the first NUL, as C reads a string. */
export function cString(data: string): string {
  const page = data.slice(0, PAGE_SIZE);
  const nul = page.indexOf('\0');
  return nul < 0 ? page : page.slice(0, nul);
}

/** The names that a written text is equal to, but for one newline after it (lib/string_helpers.c:sysfs_streq). */
export function sysfsNames(written: string): string[] {
  const text = cString(written);
  return text.endsWith('\n') ? [text, text.slice(0, -1)] : [text];
}

const SPACE = /^[ \t\n\v\f\r\xa0]+/;
const HEX = /^(?:0[xX])?([0-9a-fA-F]*)/;

/**
 * The leading hexadecimal numbers of a text as sscanf("%x %x ..") takes them: white space before each, an optional 0x,
 * up to the first text that is not a number (lib/vsprintf.c:vsscanf). A separator other than white space ends the
 * scan.
 */
export function scanHex(data: string, most: number, separator = ''): bigint[] {
  const numbers: bigint[] = [];
  let rest = cString(data);
  while (numbers.length < most) {
    if (numbers.length > 0 && separator !== '') {
      if (!rest.startsWith(separator)) break;
      rest = rest.slice(separator.length);
    }
    rest = rest.replace(SPACE, '');
    if (!/^[0-9a-fA-F]/.test(rest)) break;
    const digits = HEX.exec(rest)!;
    numbers.push(BigInt.asUintN(64, BigInt(`0x${digits[1] || '0'}`)));
    rest = rest.slice(digits[0].length);
  }
  return numbers;
}

/** A number as kstrtoul(.., 0) reads it, one newline allowed after it; null where that is EINVAL or ERANGE. */
export function kstrtoul(data: string): bigint | null {
  const m = /^\+?(0[xX][0-9a-fA-F]+|\d+)\n?$/.exec(cString(data));
  if (!m) return null;
  const digits = m[1]!;
  const octal = /^0\d+$/.test(digits);
  if (octal && /[89]/.test(digits)) return null;
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return value >> 64n === 0n ? value : null;
}

type Counts = ByRelease<boolean | 'unknown'>;
const TRUE_AND_FALSE: Counts = history({ '5.10': false, '5.16': 'unknown', '6.1': true });
const ENABLE_AND_DISABLE: Counts = history({ '5.10': false, '6.13': 'unknown' });

/** What a first letter says, and in which releases it counts. */
const FIRST_LETTERS: Readonly<Record<string, readonly [value: boolean, counts: Counts]>> = {
  y: [true, always(true)],
  1: [true, always(true)],
  n: [false, always(true)],
  0: [false, always(true)],
  t: [true, TRUE_AND_FALSE],
  f: [false, TRUE_AND_FALSE],
  e: [true, ENABLE_AND_DISABLE],
  d: [false, ENABLE_AND_DISABLE],
};

/**
 * Yes or no as the kernel reads it, by the first letter or two; null where that is EINVAL, unknown where a letter came
 * with a release that is not known exactly (lib/kstrtox.c:kstrtobool).
 */
export function kstrtobool(data: string, release: Release): boolean | null | 'unknown' {
  const [first = '', second = ''] = cString(data).toLowerCase();
  if (first === 'o') return second === 'n' || second === 'f' ? second === 'n' : null;
  const [value, counts] = Object.hasOwn(FIRST_LETTERS, first) ? FIRST_LETTERS[first]! : [];
  const known = counts && atRelease(counts, release);
  return known === 'unknown' ? known : known ? value! : null;
}
