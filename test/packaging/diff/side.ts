import { tableSource } from '../../../src/lookup/alias-source.ts';
import { indexedSource } from '../../../src/lookup/pattern-sources.ts';
import type { DiffSide } from '../../../src/packaging/diff/side.ts';
import { rowsOfText } from '../../../src/pattern-index/pattern-rows-text.ts';

const tableOf = (lines: readonly string[]) =>
  rowsOfText(Buffer.from(lines.map((line) => `alias ${line}\n`).join(''), 'latin1'));

/** A side of `PATTERN MODULE` lines; what is built in, and the names of modules, where it tells of them. */
export function side(loadable: readonly string[], builtin?: readonly string[], names?: readonly string[]): DiffSide {
  const modules = [...loadable, ...(names ?? [])].map((line) => line.slice(line.indexOf(' ') + 1));
  return {
    inputs: ['test'],
    release: null,
    loadable: tableSource(tableOf(loadable)),
    ...(names ? { names: new Set(modules) } : {}),
    ...(builtin
      ? { builtin: indexedSource('builtin', tableOf(builtin), () => undefined), builtinNames: new Set<string>() }
      : {}),
  };
}
