import { PATH_MAX } from '../pattern/normalize.ts';

/** An alias of built-in code. */
export interface BuiltinAlias {
  readonly module: string;
  readonly alias: string;
}

/**
 * The aliases of modules.builtin.modinfo (latin1), which is a row of `module.key=value` with a NUL after each. As
 * depmod reads it: a string without a dot is skipped; one without `=` swallows the next string; empty values,
 * and a last one without its NUL, are skipped; parts of more than 4,096 bytes are truncated or put depmod out of step.
 * kmod tools/depmod.c:output_builtin_alias_bin.
 */
export function parseBuiltinModinfo(text: string): BuiltinAlias[] {
  const aliases: BuiltinAlias[] = [];
  let at = 0;
  /** depmod's flush_stream_to: the text up to `end`; '' if a NUL or the end of the file comes first. */
  const take = (end: string): string => {
    const from = at;
    while (at < text.length && text[at] !== end && text[at] !== '\0' && at - from < PATH_MAX) at++;
    const found = text[at] === end;
    // One more byte is consumed than kept, whatever it was; of a full buffer the last byte goes to the NUL.
    const part = text.slice(from, Math.min(at, from + PATH_MAX - 1));
    at++;
    return found ? part : '';
  };
  while (at < text.length) {
    const module = take('.');
    if (module === '') continue;
    if (take('=') === 'alias') {
      const alias = take('\0');
      if (alias !== '') aliases.push({ module, alias });
    } else {
      const nul = text.indexOf('\0', at);
      at = nul === -1 ? text.length : nul + 1;
    }
  }
  return aliases;
}
