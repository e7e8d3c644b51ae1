/** A number of a JSON row: a JSON number, "0", or hexadecimal with 0x ("0x15b3"). Undefined for anything else. */
export function parseNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  return typeof value === 'string' && !/^[1-9]/.test(value) ? parseKeyNumber(value) : undefined;
}

/**
 * A number that is a member's name, where JSON has strings only: hexadecimal with 0x, or decimal. Undefined for
 * anything else: signs, blanks, and leading zeros, which C would read as octal.
 */
export function parseKeyNumber(text: string): number | undefined {
  if (!/^(0[xX][0-9a-fA-F]{1,16}|0|[1-9]\d{0,19})$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** 0x15b3 -> "0x15b3", with at least so many digits. */
export function formatNumber(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/**
 * What a string of digits without 0x may have meant, as the end of a message: `; did you mean "0x8086" (hexadecimal) or
 * 8086 (a JSON number, decimal; 0x1f96)?` Only readings up to `max` are offered; empty where there is none.
 */
export function digitReadings(value: unknown, max: number): string {
  if (typeof value !== 'string' || !/^[0-9a-fA-F]{1,16}$/.test(value)) return '';
  const readings = [];
  if (Number(`0x${value}`) <= max) readings.push(`"0x${value}" (hexadecimal)`);
  // Number() would also take 0b11 and 12e4, which are hexadecimal digits here.
  const decimal = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (decimal <= max) readings.push(`${decimal} (a JSON number, decimal; ${formatNumber(decimal, 1)})`);
  return readings.length ? `; did you mean ${readings.join(' or ')}?` : '';
}
