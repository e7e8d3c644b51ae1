import { ModaliasError } from '../../errors.ts';
import { type AliasIndex, aliasIndex } from '../../lookup/alias-index.ts';
import { oneModule } from '../../lookup/name-source.ts';
import { NO_MATCHES, type Source } from '../../match/match.ts';
import type { RowOrigin } from './change.ts';

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
  /** The package that a loadable module comes in; undefined where it comes in none, or none is known. */
  readonly packageOf?: ((module: string) => ServingPackage | undefined) | undefined;
  /** Reads the rows that make the patterns of modules; undefined where there are none, or they were not asked for. */
  readonly rowsOf?: ((modules: ReadonlySet<string>) => Promise<readonly SideRow[]>) | undefined;
}

/** A row of an id table, and the pattern that it makes, normalised. */
export interface SideRow extends Omit<RowOrigin, 'side'> {
  readonly pattern: string;
}

/** A package that modules come in. */
export interface ServingPackage {
  /** As it calls itself: `linux-modules-extra-6.12.1-amd64`. */
  readonly name: string;
  /** The same without the kernel's release: `linux-modules-extra`. */
  readonly family: string;
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

/** libkmod's answers on a side: modules in its order, each once; none for a key that it refuses. */
export function answerer(side: DiffSide): (key: string) => readonly string[] {
  const index = answersOf(side);
  return (key) => {
    try {
      return [...new Set(index.lookup(key).map((match) => match.module))];
    } catch (error) {
      if (error instanceof ModaliasError) return [];
      throw error;
    }
  };
}

/** Both sides without what only one of them knows: what is built in, and modules without aliases. */
export function comparable(old: DiffSide, now: DiffSide): readonly [old: DiffSide, now: DiffSide] {
  const builtin = old.builtin !== undefined && now.builtin !== undefined;
  const names = old.names !== undefined && now.names !== undefined;
  const part = (side: DiffSide): DiffSide => ({
    inputs: side.inputs,
    release: side.release,
    loadable: listed(side.loadable),
    packageOf: side.packageOf,
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
