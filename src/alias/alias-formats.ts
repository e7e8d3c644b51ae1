import { ALIAS_HEADER, formatAliasLine } from './alias-text.ts';

/** A module's name and its aliases, to be written. */
export interface NamedAliases {
  readonly module: string;
  readonly aliases: readonly { readonly alias: string }[];
}

/**
 * How aliases can be written; the texts are latin1, one character a byte, and come in parts, so that a large one is
 * never held whole.
 */
export const ALIAS_FORMATS = {
  /** modules.alias, header first: `alias PATTERN MODULE`. */
  *alias(modules) {
    yield ALIAS_HEADER;
    for (const one of modules) yield* eachLine(one, (alias, module) => formatAliasLine(alias, module));
  },
  /** Strings of a .modinfo section: `alias=PATTERN`. */
  *modinfo(modules) {
    for (const one of modules) yield* eachLine(one, (alias) => `alias=${alias}\n`);
  },
  /** Lines of a .mod.c, as modpost writes them; a comment names the module where there are several. */
  *c(modules) {
    for (const one of modules) {
      if (modules.length > 1) yield `/* ${one.module} */\n`;
      yield* eachLine(one, (alias) => `MODULE_ALIAS("${cString(alias)}");\n`);
    }
  },
} as const satisfies Record<string, (modules: readonly NamedAliases[]) => Iterable<string>>;

export type AliasFormat = keyof typeof ALIAS_FORMATS;

/** Lines in one part. */
const PART = 2000;

function* eachLine(
  { module, aliases }: NamedAliases,
  line: (alias: string, module: string) => string,
): Generator<string> {
  for (let i = 0; i < aliases.length; i += PART) {
    const part = aliases.slice(i, i + PART).map(({ alias }) => line(alias, module));
    yield part.join('');
  }
}

/**
 * The inside of a C string literal; anything but printable ASCII as an octal escape, which unlike \x ends after three
 * digits.
 */
function cString(text: string): string {
  return text.replace(/["\\]|[^ -~]/g, (c) =>
    /["\\]/.test(c) ? `\\${c}` : `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}

/** How two texts of alias lines differ as sets: order, duplicates, comments and empty lines do not matter. */
export interface LineChanges {
  /** Lines that only the new text has, in its order. */
  readonly gained: readonly string[];
  /** Lines that only the old text has, in its order. */
  readonly lost: readonly string[];
}

/** Compares texts in one of the formats above. */
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
