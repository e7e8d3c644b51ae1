/** What a conversion prints, see `Field.printed`: the texts that it can be, and what they are in words. */
export interface Printed {
  readonly fits: RegExp;
  readonly words: string;
}

const DIGITS: Readonly<Record<string, readonly [digit: string, words: string]>> = {
  X: ['[0-9A-F]', 'upper-case hexadecimal'],
  x: ['[0-9a-f]', 'lower-case hexadecimal'],
  d: ['\\d', 'decimal'],
  b: ['[01]', 'binary'],
};

/** What a conversion of the kernel's printf prints; undefined for `%s`, any text. lib/vsprintf.c:format_decode. */
export function printedBy(conversion: string): Printed | undefined {
  const [, hash, width, kind] = /^%(#)?0?(\d*)([Xxdb]|pUl)$/.exec(conversion) ?? [];
  if (kind === undefined) return undefined;
  // Keys have `_` for each `-`.
  if (kind === 'pUl')
    return { fits: /^[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}$/, words: 'a lower-case GUID' };
  const [digit, words] = DIGITS[kind]!;
  const least = Math.max(1, Number(width) - (hash ? 2 : 0));
  return {
    fits: new RegExp(`^${hash ? '0x' : ''}${digit}{${least},}$`),
    words: `${hash ? '0x and ' : ''}${least > 1 ? `${least} ` : ''}${words} digit${least === 1 && width ? '' : 's'}`,
  };
}
