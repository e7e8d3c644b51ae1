import { needText } from '../arguments.ts';

/** PATH_MAX of Linux: kmod's buffers for aliases and names hold one byte less, and longer ones are truncated. */
export const PATH_MAX = 4096;

/**
 * The key of an alias in modules.alias.bin, and of a modalias in a lookup: every `-` outside brackets
 * becomes `_`; brackets are copied up to the first `]`, without nesting or escapes. Undefined if a bracket is unpaired:
 * depmod then leaves the alias out of the index and libkmod returns EINVAL. Truncated to 4,095 bytes; a bracket that
 * runs past that end counts as unpaired, as in kmod's newest source (before, it overran the buffer). kmod
 * shared/util.c:alias_normalize.
 */
export function normalizeAlias(alias: string): string | undefined {
  needText('alias', alias);
  if (alias.length < PATH_MAX && alias.indexOf('[') === -1 && alias.indexOf(']') === -1)
    return alias.indexOf('-') === -1 ? alias : alias.replaceAll('-', '_');
  let key = '';
  for (let i = 0; i < alias.length && i < PATH_MAX - 1; ) {
    const bracket = nextBracket(alias, i);
    const plain = Math.min(bracket, PATH_MAX - 1);
    key += alias.slice(i, plain).replaceAll('-', '_');
    if (bracket >= PATH_MAX - 1 || bracket === alias.length) break;
    if (alias[bracket] === ']') return undefined;
    const close = alias.indexOf(']', bracket);
    if (close === -1 || close >= PATH_MAX - 1) return undefined;
    key += alias.slice(bracket, close + 1);
    i = close + 1;
  }
  return key;
}

function nextBracket(text: string, from: number): number {
  for (let i = from; i < text.length; i++) if (text[i] === '[' || text[i] === ']') return i;
  return text.length;
}

/**
 * The name by which the kernel and kmod know a module, from its file's name: up to the first dot, every `-` as `_`. A
 * hidden file has the empty name. kmod shared/util.c:modname_normalize.
 */
export function moduleName(fileName: string): string {
  const dot = fileName.indexOf('.');
  return underscored((dot === -1 ? fileName : fileName.slice(0, dot)).slice(0, PATH_MAX - 1));
}

/** A module's name, or a parameter's, as the kernel has it: dashes are underscores (kernel/params.c:parameqn). */
export function underscored(name: string): string {
  return name.replaceAll('-', '_');
}
