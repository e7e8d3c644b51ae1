import { type Args, type Command, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics } from '../command-line/output.ts';
import { startProgress } from '../command-line/progress.ts';
import { ModaliasError } from '../errors.ts';
import type { ExtractedModule } from '../module/extract-module.ts';
import { type ExtractModulesOptions, extractModules } from '../modules-directory/extract-modules.ts';
import { findModuleInputs } from '../modules-directory/module-inputs.ts';
import { knownRelease } from '../release.ts';
import { formatModule, formatModuleLine } from '../tables/format-tables.ts';
import { WORKERS_OPTION, workerCount } from './workers.ts';

export const extract: Command = {
  name: 'extract',
  usage: '<path..>',
  summary: 'write the id tables of kernel modules as JSON',
  description: [
    'Reads the device tables that modpost made the aliases of, and the alias strings of .modinfo, from module files (plain, gzip, xz or zstd, told by their first bytes) or from every module below a directory such as /lib/modules/RELEASE. generate makes the aliases again from what this prints.',
    'One module file is printed as one object over several lines; several files or a directory as one object a line (NDJSON), in the order of the arguments and, below a directory, of the names by their bytes.',
    "Which release's structs a table has is told by its symbol, its size and its terminator before the module's vermagic, because kernels carry newer code under an older number; what does not agree is a warning, what cannot be decided an error. --kernel decides for all modules.",
    'A file that cannot be read as a module is an error on standard error; the others are still printed, and the exit status is 2.',
  ],
  positionals: {
    path: { describe: 'Module files, modules directories, or - for one module on standard input', type: 'string' },
  },
  options: {
    'no-aliases': { type: 'boolean', describe: 'Leave out the aliases of .modinfo, print the tables only' },
    kernel: {
      type: 'string',
      defaultDescription: 'RELEASE',
      describe: 'Read the tables as this release lays them out, such as 6.12 or 6.12.9, whatever the modules say',
    },
    'unpack-limit': {
      type: 'number',
      defaultDescription: 'MIB',
      describe: 'Most MiB that one compressed module may unpack to; 512 where not given',
    },
    workers: WORKERS_OPTION,
    json: { type: 'boolean', describe: 'One object a line for a single file as well' },
  },
  examples: [
    ['modalias extract e1000e.ko', 'The tables of one module'],
    ['modalias extract /lib/modules/6.12.1 > tables.ndjson', 'Of all modules of a kernel'],
    [
      'modalias extract --no-aliases DIR | modalias generate -',
      'The aliases that the tables make, without hand-written ones',
    ],
  ],
  exits: { 2: 'some input could not be read as a module; what could be is printed all the same' },
  async run(args) {
    const options = extractOptions(args);
    if ((args.path as readonly string[]).filter((path) => path === '-').length > 1)
      throw new ModaliasError('usage', 'extract: standard input (-) can be read once only');
    const { inputs, directory, diagnostics } = findModuleInputs(args.path as readonly string[]);
    const format = args.json || directory || inputs.length > 1 ? formatModuleLine : formatModule;
    printDiagnostics(diagnostics);
    const progress = startProgress('extracting', process.stdout.isTTY ? 0 : inputs.length);
    const told = new Set<string>();
    let failed = false;
    for await (const { value, error } of extractModules(inputs, options)) {
      progress.advance();
      const found = (error ? error.problems : value.diagnostics).filter(
        ({ code }) => !ONCE.has(code) || !told.has(code),
      );
      for (const { code } of found) told.add(code);
      if (found.length > 0) progress.clear();
      printDiagnostics(found);
      if (error) failed = true;
      else await print(format(args.noAliases ? withoutAliases(value) : value));
    }
    progress.finish();
    return failed ? EXIT.unanswered : EXIT.ok;
  },
};

function withoutAliases({ aliases: _aliases, ...module }: ExtractedModule): Omit<ExtractedModule, 'aliases'> {
  return module;
}

/** What is true of a whole kernel is told with its first module only. */
const ONCE = new Set(['newer-release']);

const MIB = 1024 * 1024;
/** Largest limit: what fits into one Buffer on every Node. */
const MOST_MIB = 2047;

function extractOptions(args: Args): ExtractModulesOptions {
  const limit = args.unpackLimit as number | undefined;
  if (limit !== undefined && !(limit > 0 && limit <= MOST_MIB))
    throw new ModaliasError('usage', `--unpack-limit wants a number of MiB up to ${MOST_MIB}; found ${limit}`);
  const kernel = args.kernel as string | undefined;
  if (kernel !== undefined) knownRelease(kernel, () => {});
  return { kernel, limit: limit && Math.floor(limit * MIB), workers: workerCount(args) };
}
