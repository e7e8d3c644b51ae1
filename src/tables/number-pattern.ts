const HEX = '0123456789abcdef';

/** Characters of a class for the digits from `low` to `high`, letters in both cases. */
function digitClass(low: number, high: number): string {
  const span = (from: string, to: string) => (from === to ? from : `${from}-${to}`);
  const parts = [];
  if (low <= 9) parts.push(span(HEX[low]!, HEX[Math.min(high, 9)]!));
  if (high > 9) {
    const [from, to] = [HEX[Math.max(low, 10)]!, HEX[high]!];
    parts.push(span(from, to), span(from.toUpperCase(), to.toUpperCase()));
  }
  return low === high && low <= 9 ? HEX[low]! : `[${parts.join('')}]`;
}

function times(count: number): string {
  return count > 1 ? `{${count}}` : '';
}

/** Alternatives that match the numerals of a base from 0 to `max` of exactly as many digits as `max` has. */
function sameLength(digits: readonly number[], base: number): string[] {
  const alternatives: string[] = [];
  let prefix = '';
  const top = base - 1;
  const free = digits.findIndex((_, i) => digits.slice(i).every((digit) => digit === top));
  digits.forEach((digit, i) => {
    if (free !== -1 && i > free) return;
    if (i === free) {
      alternatives.push(prefix + digitClass(0, top) + times(digits.length - i));
      return;
    }
    const left = digits.length - 1 - i;
    const last = left === 0;
    if (last || digit > 0) {
      const rest = last ? '' : digitClass(0, top) + times(left);
      alternatives.push(prefix + digitClass(0, last ? digit : digit - 1) + rest);
    }
    prefix += digitClass(digit, digit);
  });
  return alternatives;
}

/** Alternatives for hexadecimal from 0 to `max`: 0x and up to 16 digits. */
function hexadecimal(max: number): string {
  const digits = [...max.toString(16)].map((digit) => Number.parseInt(digit, 16));
  const shorter = digits.length > 1 ? [`${digitClass(0, 15)}{1,${digits.length - 1}}`] : [];
  const full = sameLength(digits, 16).map((s) => `0{0,${16 - digits.length}}${s}`);
  return `0[xX](${[...shorter, ...full].join('|')})`;
}

/**
 * A regular expression's source for the numbers from 0 to `max` as JSON rows write them in strings
 * (number.ts:parseNumber). JSON Schema has no other way to say it.
 */
export function numberPattern(max: number): string {
  return `^(0|${hexadecimal(max)})$`;
}

/** The same for members' names, which may be decimal as well (number.ts:parseKeyNumber). */
export function keyNumberPattern(max: number): string {
  const digits = [...String(max)].map(Number);
  const shorter = digits.length > 1 ? [`[1-9][0-9]{0,${digits.length - 2}}`] : [];
  const decimal = ['0', ...shorter, ...sameLength(digits, 10).map((s) => `(?!0)${s}`)].join('|');
  return `^(${decimal}|${hexadecimal(max)})$`;
}
