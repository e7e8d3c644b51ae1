import { basename } from 'node:path';
import { needObject, needTexts } from '../../arguments.ts';
import { type Diagnostic, ModaliasError } from '../../errors.ts';
import { buildTrie } from '../../index-file/index-trie.ts';
import type { ModulesDirectoryOptions } from '../../modules-directory/modules-directory.ts';
import type { Winner } from '../../modules-directory/same-name.ts';
import type { FoundModule } from '../../modules-directory/tree-scan.ts';
import { toRelease } from '../../release.ts';
import { type Cause, type Finding, fewOrOne, findingsOf, type Item, type Note } from '../finding.ts';
import { builtinEntries, loadableEntries, type ModuleAliases } from '../index-files.ts';
import { NoteBook } from '../notes.ts';
import type { FindingRule, Severity } from '../rules.ts';
import { checkSeverities, type Severities, withSeverities } from '../severities.ts';
import { BusCounter, type BusSummary } from './bus-summary.ts';
import { noteDrivers, noteKeys, noteLookAlikes } from './key-notes.ts';
import { oddlyPacked } from './verify-compression.ts';
import { verifyDepmodOutput } from './verify-depmod-output.ts';
import { type Identified, verifyNames, verifyReleases } from './verify-identity.ts';
import { openVerifyInput, type VerifyInput } from './verify-input.ts';
import { verifyListLines } from './verify-list-lines.ts';
import { emptyLists, missingLists, noteLists } from './verify-lists.ts';
import { withOrigins } from './verify-origins.ts';
import type { VerifyReadOptions } from './verify-read.ts';
import { verifySameNames } from './verify-same-name.ts';

export interface VerifySummary {
  readonly release: string;
  readonly modules: number;
  readonly tables: number;
  readonly rows: number;
  /** Aliases in the modules' .modinfo. */
  readonly aliases: number;
  readonly handWritten: number;
  readonly builtinAliases: number;
  readonly buses: readonly BusSummary[];
  /** How many findings of each severity there are, and how many things noted. */
  readonly severities: Readonly<Record<Severity, number>>;
  readonly notes: readonly Note[];
}

export interface VerifyResult {
  readonly findings: readonly Finding[];
  readonly summary: VerifySummary;
}

export interface VerifyOptions extends VerifyReadOptions, Pick<ModulesDirectoryOptions, 'depmodConfig'> {
  /** Which kernel to check of packages that hold several. Default: the only one. */
  readonly packagedRelease?: string | undefined;
  /** Whether every alias, line and file is a finding of its own and every note has all its examples. Default: false. */
  readonly all?: boolean | undefined;
  /** What becomes of findings and notes, by rule: `error`, `warning`, `note`, or `off`. Default: each rule's own. */
  readonly severities?: Severities | undefined;
  /** Whether every warning is an error. Default: false. */
  readonly werror?: boolean | undefined;
  /** Called once with the number of modules, before the first is judged. Default: nothing is called. */
  readonly onStart?: ((modules: number) => void) | undefined;
  /** Called while packages are read, with the bytes read of all of them. Default: nothing is called. */
  readonly onRead?: ((bytes: number, total: number) => void) | undefined;
  /** Called after each module that was read. Default: nothing is called. */
  readonly onModule?: (() => void) | undefined;
}

/**
 * Checks every alias of a modules directory, or of packages and directories laid over each other: id tables against
 * .modinfo, .modinfo against modules.alias and modules.alias.bin, modules.builtin.modinfo against
 * modules.builtin.alias.bin; and that the files are the modules and lists that they should be. One cause gives few
 * findings. Throws `usage` for an unknown rule or severity, what `openModules` throws, `unreadable` or `not-a-file`
 * where one of the lists cannot be read, `no-modules` where there is nothing to check, `bad-release`.
 */
export async function verifyModulesDirectory(
  paths: string | readonly string[],
  options: VerifyOptions = {},
): Promise<VerifyResult> {
  if (typeof paths !== 'string') needTexts('paths', paths);
  needObject('options', options);
  if (options.release !== undefined) toRelease(options.release);
  checkSeverities(options.severities ?? {}, 'severities');
  const inputs = typeof paths === 'string' ? [paths] : paths;
  const input = await openVerifyInput(inputs, options);
  if (input.directory.modules.length === 0)
    throw new ModaliasError(
      'no-modules',
      'it contains no kernel modules; expected a directory such as /lib/modules/RELEASE',
      { file: inputs.join(', ') },
    );
  return verifyModules(input, options);
}

/** Diagnostics of a directory that are findings, and those that `verifySameNames` tells in more detail. */
const FOUND = ['dangling-link', 'unreadable-directory', 'damaged-order'] as const;
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([...FOUND, 'same-name']);

/** The same of a modules directory that is open, wherever it is. Reads modules through the input only. */
async function verifyModules(
  { directory, packaged, lists, output, exists, shown, read, readTables }: VerifyInput,
  options: Pick<VerifyOptions, 'all' | 'severities' | 'werror' | 'onStart' | 'onModule'> = {},
): Promise<VerifyResult> {
  const notes = new NoteBook(options.all);
  const causes: Cause[] = [];
  for (const rule of FOUND) {
    const found = directory.diagnostics.filter(({ code }) => code === rule);
    causes.push(...fewOrOne(rule, found.map(itemOf), 'of them'));
  }
  notes.diagnostics(directory.diagnostics.filter(({ code }) => !TOLD_ELSEWHERE.has(code)));
  const buses = new BusCounter();
  const modules: ModuleAliases[] = [];
  const identified: Identified[] = [];
  const oddItems: Item[] = [];
  const unsure = new Set(directory.sameName.flatMap(({ module, rival }) => (rival ? [module.name] : [])));
  let aliasCount = 0;
  let handWritten = 0;
  options.onStart?.(directory.modules.length);
  for await (const { found, file, aliases, identity, packing, drivers, verdict } of read(directory.modules)) {
    options.onModule?.();
    causes.push(...verdict.causes);
    notes.diagnostics(verdict.diagnostics.map((d) => ({ ...d, module: found.name })));
    buses.add(verdict);
    handWritten += verdict.handWritten.length;
    noteLookAlikes(notes, found.name, verdict);
    noteDrivers(notes, found.name, drivers);
    const odd = oddlyPacked(found, file, packing);
    if (odd) oddItems.push(odd);
    if (odd || aliases === undefined) unsure.add(found.name);
    if (identity) identified.push({ found, file, identity });
    aliasCount += aliases?.length ?? 0;
    modules.push({ module: found.name, aliases: aliases ?? [] });
  }
  const known = new Set(directory.modules.map((module) => module.name));
  const file = (name: string) => shown(`${directory.root}/${name}`);
  const drop = () => {}; // The aliases that an index leaves out are findings already.
  const loadable = buildTrie(loadableEntries(modules, drop));
  const builtin = buildTrie(builtinEntries(output.builtin ?? [], drop));
  if (lists.modinfo === undefined && !lists.hasBuiltinIndex)
    notes.add('no-builtin-modinfo', 'modules.builtin.modinfo is missing: aliases of built-in code are unknown');
  const all = [...directory.modules, ...directory.sameName.flatMap(({ others }) => others)];
  const inTree = all.some(({ relative }) => relative?.startsWith('kernel/'));
  const damaged = directory.diagnostics.find(({ code }) => code === 'damaged-order')?.line;
  const listCauses = [
    ...missingLists(lists, file),
    ...emptyLists(lists, inTree, file),
    ...verifyListLines(lists, { modules: all, exists, file, shown, damaged }),
  ];
  causes.push(
    ...fewOrOne('wrong-compression', oddItems, 'such modules'),
    ...verifyNames(identified, notes),
    ...verifyReleases(basename(directory.root), identified, file('').slice(0, -1), notes),
    ...(packaged ? noteLists(notes, listCauses) : listCauses),
    ...verifySameNames(directory.sameName, shown, await aliasesOfSameNames(directory.sameName, modules, read), notes),
    ...verifyDepmodOutput(
      output,
      modules,
      { loadable, builtin },
      {
        file,
        known: (m) => known.has(m),
        unsure,
        notes,
        order:
          lists.order === undefined
            ? 'missing'
            : isToldOf([...causes, ...listCauses], file('modules.order'))
              ? 'unusable'
              : 'sound',
      },
    ),
  );
  noteKeys(notes, loadable, builtin);
  const told = await withOrigins(findingsOf(causes, options.all), { directory, shown, readTables });
  const judged = withSeverities(told, notes.notes(), options);
  const summary = buses.summary();
  const sum = (field: 'tables' | 'rows') => summary.reduce((total, bus) => total + bus[field], 0);
  return {
    findings: judged.findings,
    summary: {
      release: directory.release,
      modules: directory.modules.length,
      tables: sum('tables'),
      rows: sum('rows'),
      aliases: aliasCount,
      handWritten,
      builtinAliases: output.builtin?.length ?? 0,
      buses: summary,
      severities: severitiesOf(judged.findings, judged.notes),
      notes: judged.notes,
    },
  };
}

/** Rules of a modules.order that depmod cannot use as it was meant. */
const UNUSABLE: ReadonlySet<FindingRule> = new Set(['empty-list', 'cr-lf']);

function isToldOf(causes: readonly Cause[], order: string): boolean {
  return causes.some(
    ({ rule, items }) => rule === 'damaged-order' || (UNUSABLE.has(rule) && items.some(({ file }) => file === order)),
  );
}

function itemOf({ message, file, line }: Diagnostic): Item {
  return { message, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

/**
 * The aliases of every file of the names that several have: of the one that is taken, which was read before, and of the
 * others.
 */
async function aliasesOfSameNames(
  winners: readonly Winner[],
  modules: readonly ModuleAliases[],
  read: VerifyInput['read'],
): Promise<(file: FoundModule) => readonly string[] | undefined> {
  const aliases = new Map<string, readonly string[] | undefined>();
  if (winners.length === 0) return () => undefined;
  const taken = new Map(modules.map((module) => [module.module, module.aliases]));
  for (const { module } of winners) aliases.set(module.path, taken.get(module.name));
  for await (const other of read(winners.flatMap(({ others }) => others))) aliases.set(other.found.path, other.aliases);
  return ({ path }) => aliases.get(path);
}

function severitiesOf(findings: readonly Finding[], notes: readonly Note[]): Record<Severity, number> {
  const of = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const noted = notes.reduce((sum, { count }) => sum + count, 0);
  return { error: of('error'), warning: of('warning'), note: of('note') + noted };
}
