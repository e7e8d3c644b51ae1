import { type AliasLine, parseAliasText } from '../alias/alias-text.ts';
import type { Generated } from '../alias/generate.ts';
import { type ModuleAliases, moduleAliases } from '../alias/module-aliases.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import type { AliasIndex } from '../lookup/alias-index.ts';
import { buildAliasIndex } from '../lookup/load.ts';
import type { ModuleOutcome } from '../modules-directory/read-modules.ts';
import type { ModuleTables } from '../tables/module-tables.ts';
import type { ReadModule } from '../tables/read-modules.ts';
import { parseTables } from '../tables/read-tables.ts';

/**
 * A module with its aliases: an object of a JSON id table as it stands in the file, or what `parseTables`,
 * `extractModules` and `generateFiles` give for one. Of an extracted module the aliases of its .modinfo count.
 */
export interface ModuleWithAliases {
  readonly module: string;
  readonly tables?: readonly unknown[] | undefined;
  readonly aliases?: readonly (string | { readonly alias: string })[] | undefined;
}

/**
 * What matchers take for aliases: an index of `loadAliasIndex` or `parseAliases`, JSON id tables, the results of
 * `parseTables`, `moduleAliases`, `generateAliases`, `generateFiles`, `extractModules` and `parseAliasText`, the text
 * of a modules.alias, patterns (one on each line of a text), or a list of any of these. An error among them is thrown.
 */
export type AliasesLike =
  | AliasIndex
  | ModuleWithAliases
  | { readonly modules: readonly ModuleWithAliases[] }
  | { readonly aliases: readonly { readonly alias: string }[] }
  | { readonly alias: string }
  | ReadModule
  | ModuleOutcome<ModuleWithAliases>
  | string
  | Iterable<AliasesLike>;

/** An alias and the module that carries it, where that is known. */
export interface Carried {
  readonly alias: string;
  readonly module: string | undefined;
}

/** Aliases, ready to be looked up and to be listed. */
export interface Aliases {
  readonly index: AliasIndex;
  /** Whether they were given as an index, whose patterns are normalised. */
  readonly isIndex: boolean;
  list(): readonly Carried[];
}

/**
 * Reads what a matcher was given. An alias without a module is called after the place that it was given at, such as
 * `received[2]`. Throws `bad-argument` for anything else, and every problem of JSON id tables that are invalid.
 */
export function aliasesOf(name: string, given: unknown): Aliases {
  if (isIndex(given)) {
    const list = () => [...given.patterns()].map(({ pattern, module }) => ({ alias: pattern, module }));
    return { index: given, isIndex: true, list };
  }
  const carried = [...carriedBy(name, given)];
  const called = carried.map(({ alias, module, place }) => ({ alias, module: module ?? place }));
  return { index: buildAliasIndex(called), isIndex: false, list: () => carried };
}

interface Placed extends Carried {
  readonly place: string;
}

function isIndex(given: unknown): given is AliasIndex {
  return typeof given === 'object' && given !== null && 'lookupAll' in given && 'patterns' in given;
}

/** By its method: a test runner may have a Promise of its own. */
function isPromise(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'then' in given;
}

function* carriedBy(place: string, given: unknown): Generator<Placed> {
  if (typeof given === 'string') {
    yield* linesOf(place, given);
  } else if (typeof given !== 'object' || given === null || isIndex(given) || isPromise(given)) {
    throw unusable(place, given);
  } else if (Symbol.iterator in given) {
    let i = 0;
    for (const one of given as Iterable<unknown>) yield* carriedBy(`${place}[${i++}]`, one);
  } else {
    for (const { alias, module } of aliasesOfObject(place, given)) yield { alias, module, place };
  }
}

/** The lines of a text: `alias PATTERN MODULE` or a pattern alone. Comments and empty lines do not count. */
function* linesOf(place: string, text: string): Generator<Placed> {
  const lines = text.split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (/^(#|\s*$)/.test(line)) continue;
    const [named] = parseAliasText(line);
    const at = lines.length === 1 ? place : `${place}:${i + 1}`;
    yield named ? { ...named, place: at } : { alias: line, module: undefined, place: at };
  }
}

type Shape = Partial<Record<'alias' | 'module' | 'modules' | 'aliases' | 'tables' | 'release' | 'file', unknown>> & {
  readonly value?: unknown;
  readonly error?: unknown;
  readonly diagnostics?: readonly Diagnostic[];
};

/** The aliases of one object, by what it has. */
function aliasesOfObject(place: string, given: Shape): Iterable<Carried> {
  if (given.error instanceof ModaliasError) throw given.error;
  refuseErrors(given.diagnostics);
  if (given.value !== undefined) return aliasesOfObject(place, given.value as Shape);
  if (Array.isArray(given.modules)) return carriedBy(`${place}.modules`, given.modules);
  if (typeof given.alias === 'string') return [{ alias: given.alias, module: (given as Partial<AliasLine>).module }];
  if (typeof given.tables === 'object' && !Array.isArray(given.tables))
    return aliasesOfObject(place, given.tables as Shape);
  const { module } = given;
  if (typeof module !== 'string') {
    if (!Array.isArray(given.aliases)) throw unusable(place, given);
    return (given as Generated | ModuleAliases).aliases.map(({ alias }) => ({ alias, module: undefined }));
  }
  const named = (aliases: readonly (string | { readonly alias: string })[]) =>
    aliases.map((one) => ({ alias: typeof one === 'string' ? one : one.alias, module }));
  // A module that was extracted, and one of generateFiles, have their aliases made; ModuleTables are yet to be made.
  if (given.file !== undefined || (given.release !== undefined && given.diagnostics !== undefined))
    return named((given as ModuleAliases).aliases);
  if (given.release !== undefined) return named(made(given as unknown as ModuleTables));
  const { modules } = parseTables(JSON.stringify(given), { file: place });
  return modules.flatMap((tables) => named(made(tables)));
}

function made(tables: ModuleTables): ModuleAliases['aliases'] {
  const { aliases, diagnostics } = moduleAliases(tables);
  refuseErrors(diagnostics);
  return aliases;
}

/** What has errors lacks aliases: no answer about it would be true. */
function refuseErrors(diagnostics: readonly Diagnostic[] = []): void {
  const problems = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = problems;
  if (first) throw new ModaliasError(first.code, first.message, first, { problems });
}

function unusable(place: string, given: unknown): ModaliasError {
  const found = isPromise(given)
    ? 'a promise (await it)'
    : isIndex(given)
      ? 'an index in a list'
      : given === null || typeof given !== 'object'
        ? String(given)
        : `an object with ${Object.keys(given).slice(0, 5).join(', ') || 'no members'}`;
  const expected = 'an index, id tables, modules with aliases, lines of modules.alias, or patterns';
  return new ModaliasError('bad-argument', `${place}: found ${found}, expected ${expected}`);
}
