import { upperHex } from './define/text.ts';

/** What follows `d` in a usb alias: `*`, `0110`, `01[2-9]*`. */
export type DevicePattern = string;

/** Digits of a bcdDevice. */
const DIGITS = 4;

/**
 * The patterns that cover the bcdDevice numbers from `lo` to `hi`, which is 0xffffffff for an open range
 * (file2alias.c:do_usb_entry_multi). One digit is removed from both ends at a time, the lowest first: what does not
 * fill a whole ten (or sixteen) becomes a pattern of its own. Numbers without a hexadecimal digit count as decimal.
 */
export function devicePatterns(lo: number, hi: number): DevicePattern[] {
  const max = isDecimal(lo) && isDecimal(Math.min(hi, 0x9999)) ? 9 : 15;
  const patterns: DevicePattern[] = [];
  for (let digits = DIGITS - 1; lo <= hi; digits--) {
    const lowest = lo & 0xf;
    const highest = Math.min(hi & 0xf, max);
    lo >>>= 4;
    hi >>>= 4;
    if (lo === hi || digits === 0) {
      patterns.push(pattern(lo, digits, lowest, highest, max));
      break;
    }
    if (lowest > 0) {
      patterns.push(pattern(lo, digits, lowest, max, max));
      lo = step(lo, 1, max);
    }
    if (highest < max) {
      patterns.push(pattern(hi, digits, 0, highest, max));
      hi = step(hi, -1, max);
    }
  }
  return patterns;
}

/** `initial` in so many digits, a range for the digit after it, a `*` for the rest (file2alias.c:do_usb_entry). */
function pattern(initial: number, digits: number, from: number, to: number, max: number): DevicePattern {
  const head = digits > 0 ? upperHex(initial, digits) : '';
  return head + range(from, to, max) + (digits < DIGITS - 1 ? '*' : '');
}

function range(from: number, to: number, max: number): string {
  if (from === to) return upperHex(from, 1);
  if (from === 0 && to === max) return '';
  if (from > 9 || to < 10) return `[${upperHex(from, 1)}-${upperHex(to, 1)}]`;
  // The characters between 9 and A are not digits.
  return `[${from < 9 ? `${from}-9` : '9'}${to > 10 ? 'A-' : ''}${upperHex(to, 1)}]`;
}

/** The number before or after, in decimal where the range is decimal (file2alias.c:incbcd). */
function step(value: number, by: 1 | -1, max: number): number {
  if (max > 9) return value + by;
  let decimal = by;
  for (let i = DIGITS - 1, unit = 1000; i >= 0; i--, unit /= 10)
    decimal += Math.min((value >>> (i * 4)) & 0xf, 9) * unit;
  let next = 0;
  for (let i = DIGITS - 1, unit = 1000; i >= 0; i--, unit /= 10) next |= (Math.floor(decimal / unit) % 10) << (i * 4);
  return next;
}

function isDecimal(value: number): boolean {
  for (let i = 0; i < DIGITS; i++) if (((value >>> (i * 4)) & 0xf) > 9) return false;
  return true;
}
