/**
 * A number of a JSON row: a JSON number, or a string as C writes it ("0x15b3", "5555").
 * Undefined for anything else: fractions, signs, and leading zeros, which C would read as octal.
 */
export function parseNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string' || !/^(0[xX][0-9a-fA-F]{1,16}|0|[1-9]\d{0,19})$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** 0x15b3 -> "0x15b3", with at least so many digits. */
export function formatNumber(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
