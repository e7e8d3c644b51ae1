/** Every character that C's isspace() knows, as an underscore (file2alias.c:do_of_entry, do_vio_entry). */
export function underscoreSpaces(text: string): string {
  return text.replace(/[ \t\n\v\f\r]/g, '_');
}

/** C's toupper() of every character: a to z only. */
export function asciiUpper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** A number as C's `%0*X` prints it. */
export function upperHex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** A number as C's `%0*x` prints it. */
export function lowerHex(value: number, digits = 1): string {
  return value.toString(16).padStart(digits, '0');
}
