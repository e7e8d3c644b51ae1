import { ALIAS_HEADER, formatAliasLine } from './alias-text.ts';

/** A module's name and its aliases, to be written. */
export interface NamedAliases {
  readonly module: string;
  readonly aliases: readonly { readonly alias: string }[];
}

/** How aliases can be written; the texts are latin1, one character a byte. */
export const ALIAS_FORMATS = {
  /** modules.alias, header first: `alias PATTERN MODULE`. */
  alias: (modules) => ALIAS_HEADER + eachLine(modules, (alias, module) => formatAliasLine(alias, module)),
  /** Strings of a .modinfo section: `alias=PATTERN`. */
  modinfo: (modules) => eachLine(modules, (alias) => `alias=${alias}\n`),
  /** Lines of a .mod.c, as modpost writes them; a comment names the module where there are several. */
  c: (modules) => {
    const several = modules.length > 1;
    return modules
      .map(
        (m) =>
          (several ? `/* ${m.module} */\n` : '') + eachLine([m], (alias) => `MODULE_ALIAS("${cString(alias)}");\n`),
      )
      .join('');
  },
} as const satisfies Record<string, (modules: readonly NamedAliases[]) => string>;

export type AliasFormat = keyof typeof ALIAS_FORMATS;

function eachLine(modules: readonly NamedAliases[], line: (alias: string, module: string) => string): string {
  let text = '';
  for (const { module, aliases } of modules) for (const { alias } of aliases) text += line(alias, module);
  return text;
}

/** The inside of a C string literal; what is not printable ASCII in octal, which unlike \x ends after three digits. */
function cString(text: string): string {
  return text.replace(/["\\]|[^ -~]/g, (c) =>
    /["\\]/.test(c) ? `\\${c}` : `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}
