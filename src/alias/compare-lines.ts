/** How two texts of alias lines differ as sets: order, duplicates, comments and empty lines do not matter. */
export interface LineChanges {
  /** Lines that only the new text has, in its order. */
  readonly gained: readonly string[];
  /** Lines that only the old text has, in its order. */
  readonly lost: readonly string[];
}

/** Compares texts in one of the formats that aliases can be written in (alias-formats.ts). */
export function compareLines(old: string, made: string): LineChanges {
  const [before, after] = [linesOf(old), linesOf(made)];
  return {
    gained: [...after].filter((line) => !before.has(line)),
    lost: [...before].filter((line) => !after.has(line)),
  };
}

function linesOf(text: string): Set<string> {
  return new Set(text.split(/\r?\n/).filter((line) => !/^(#|\/\*|$)/.test(line)));
}
