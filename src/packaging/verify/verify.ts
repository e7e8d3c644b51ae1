import { ModaliasError } from '../../errors.ts';
import { readablePath } from '../../files/raw-path.ts';
import { buildTrie } from '../../index-file/index-trie.ts';
import { type ModulesDirectoryOptions, openModulesDirectory } from '../../modules-directory/modules-directory.ts';
import { formatRelease, toRelease } from '../../release.ts';
import type { Finding, Note } from '../finding.ts';
import { builtinEntries, loadableEntries, type ModuleAliases } from '../index-files.ts';
import { NoteBook } from '../notes.ts';
import { BusCounter, type BusSummary } from './bus-summary.ts';
import { noteKeys, noteLookAlikes } from './key-notes.ts';
import { verifyBuiltin, verifyLoadable } from './verify-depmod-output.ts';
import { readDepmodOutput } from './verify-files.ts';
import { readAndVerify, type VerifyReadOptions } from './verify-read.ts';

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
  readonly notes: readonly Note[];
}

export interface VerifyResult {
  readonly findings: readonly Finding[];
  readonly summary: VerifySummary;
}

export interface VerifyOptions extends VerifyReadOptions, Pick<ModulesDirectoryOptions, 'depmodConfig'> {
  /** Called once with the number of modules, before the first is read. Default: nothing is called. */
  readonly onStart?: ((modules: number) => void) | undefined;
  /** Called after each module that was read. Default: nothing is called. */
  readonly onModule?: (() => void) | undefined;
}

/**
 * Checks every alias of a modules directory: id tables against .modinfo, .modinfo against modules.alias and modules.alias.bin,
 * modules.builtin.modinfo against modules.builtin.alias.bin. One cause gives few findings. Throws `unreadable` where the directory or one of its lists
 * cannot be read, `no-modules` where there is nothing to check, `bad-release`.
 */
export async function verifyModulesDirectory(path: string, options: VerifyOptions = {}): Promise<VerifyResult> {
  const kernel = options.kernel === undefined ? undefined : toRelease(options.kernel);
  const name = typeof options.kernel === 'string' ? options.kernel : kernel && formatRelease(kernel);
  const directory = openModulesDirectory(path, { depmodConfig: options.depmodConfig, release: name });
  if (directory.modules.length === 0)
    throw new ModaliasError(
      'no-modules',
      'no kernel module is below it; wanted a directory such as /lib/modules/RELEASE',
      {
        file: path,
      },
    );
  const output = readDepmodOutput(directory.root);
  const notes = new NoteBook();
  notes.diagnostics(directory.diagnostics);
  const findings: Finding[] = [];
  const buses = new BusCounter();
  const modules: ModuleAliases[] = [];
  const unsure = new Set(directory.diagnostics.flatMap((d) => (d.code === 'same-name' && d.module ? [d.module] : [])));
  let aliasCount = 0;
  let handWritten = 0;
  options.onStart?.(directory.modules.length);
  for await (const { found, aliases, verdict } of readAndVerify(directory.modules, options)) {
    options.onModule?.();
    findings.push(...verdict.findings);
    notes.diagnostics(verdict.diagnostics.map((d) => ({ ...d, module: found.name })));
    buses.add(verdict);
    handWritten += verdict.handWritten.length;
    noteLookAlikes(notes, found.name, verdict);
    if (aliases === undefined) unsure.add(found.name);
    aliasCount += aliases?.length ?? 0;
    modules.push({ module: found.name, aliases: aliases ?? [] });
  }
  const known = new Set(directory.modules.map((module) => module.name));
  const file = (name: string) => readablePath(`${directory.root}/${name}`);
  const drop = () => {}; // The aliases that an index leaves out are findings already.
  const loadable = buildTrie(loadableEntries(modules, drop));
  const builtin = buildTrie(builtinEntries(output.builtin ?? [], drop));
  findings.push(
    ...verifyLoadable(output, modules, loadable, { file, known: (m) => known.has(m), unsure, notes }),
    ...verifyBuiltin(output, builtin, { file, notes }),
  );
  noteKeys(notes, loadable, builtin);
  const summary = buses.summary();
  const sum = (field: 'tables' | 'rows') => summary.reduce((total, bus) => total + bus[field], 0);
  return {
    findings,
    summary: {
      release: directory.release,
      modules: directory.modules.length,
      tables: sum('tables'),
      rows: sum('rows'),
      aliases: aliasCount,
      handWritten,
      builtinAliases: output.builtin?.length ?? 0,
      buses: summary,
      notes: notes.notes(),
    },
  };
}
