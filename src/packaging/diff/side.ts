import { type AliasIndex, aliasIndex } from '../../lookup/alias-index.ts';
import { oneModule } from '../../lookup/name-source.ts';
import { NO_MATCHES, type Source } from '../../match/match.ts';

/** One of the two kernels that are compared, read and ready to be asked. */
export interface DiffSide {
  /** The paths as they were given. */
  readonly inputs: readonly string[];
  readonly release: string | null;
  /** The aliases of loadable modules. Gives the same objects from `find` and from `patterns`. */
  readonly loadable: Source;
  /** The aliases of built-in code; undefined where the inputs do not tell, as a modules.alias does not. */
  readonly builtin?: Source | undefined;
  /** Names of all loadable modules, also of those without aliases; undefined where the inputs do not tell. */
  readonly names?: ReadonlySet<string> | undefined;
  readonly builtinNames?: ReadonlySet<string> | undefined;
}

/** What libkmod answers on a side, from the parts that are compared. */
export function answersOf(side: DiffSide): AliasIndex {
  const { loadable, builtin, names, builtinNames } = side;
  const sources = [named('name', names), loadable, named('builtin-name', builtinNames), builtin];
  return aliasIndex(sources.filter((source) => source !== undefined));
}

function named(name: 'name' | 'builtin-name', names: ReadonlySet<string> | undefined): Source | undefined {
  return names && { name, find: (key) => (names.has(key.text) ? oneModule(key.text, name) : NO_MATCHES) };
}

/** Both sides without what only one of them knows: what is built in, and modules without aliases. */
export function comparable(old: DiffSide, now: DiffSide): readonly [old: DiffSide, now: DiffSide] {
  const builtin = old.builtin !== undefined && now.builtin !== undefined;
  const names = old.names !== undefined && now.names !== undefined;
  const part = (side: DiffSide): DiffSide => ({
    inputs: side.inputs,
    release: side.release,
    loadable: listed(side.loadable),
    ...(names ? { names: side.names } : {}),
    ...(builtin ? { builtin: listed(side.builtin!), builtinNames: side.builtinNames } : {}),
  });
  return [part(old), part(now)];
}

/** A source that lists its patterns once for all who ask. */
function listed(source: Source): Source {
  const patterns = [...(source.patterns?.() ?? [])];
  return { ...source, patterns: () => patterns };
}
