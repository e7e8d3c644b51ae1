import { type Args, type Command, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics } from '../command-line/output.ts';
import { startProgress } from '../command-line/progress.ts';
import { ModaliasError } from '../errors.ts';
import { rawPath } from '../files/raw-path.ts';
import type { ExtractedModule } from '../module/extract-module.ts';
import { type ExtractModulesOptions, extractModules, isPackageInput } from '../modules-directory/extract-modules.ts';
import { checkRelease, isDirectory } from '../modules-directory/layers.ts';
import { findModuleInputs } from '../modules-directory/module-inputs.ts';
import { knownRelease } from '../release.ts';
import { formatModule, formatModuleLine } from '../tables/format-tables.ts';
import { packageProgress, RELEASE_OPTION } from './package-inputs.ts';
import { WORKERS_OPTION, workerCount } from './workers.ts';

export const extract: Command = {
  name: 'extract',
  usage: '<path..>',
  summary: 'write the id tables of kernel modules as JSON',
  description: [
    'Reads the device id tables from which modpost made the aliases, and the alias strings of .modinfo, from module files (plain, gzip, xz or zstd, recognised by their magic bytes) or from every module below a directory such as /lib/modules/RELEASE or in a package (.deb, .rpm, tar), which is not unpacked to disk. generate turns the output back into the same aliases.',
    'A single module file is printed as one object over several lines; several files, a directory or a package as one object per line (NDJSON), in the order of the arguments and, below a directory or in a package, in byte order of the names.',
    "The struct layout of a table is inferred from its symbol, its size and its terminator first, and from the module's vermagic second, because distribution kernels carry newer code under an older version. A disagreement is a warning, an ambiguous table an error. --kernel decides for all modules.",
    'A file that cannot be read as a module is reported on standard error; the others are still printed, and the exit status is 2.',
  ],
  positionals: {
    path: {
      describe: 'Module files, modules directories, packages, or - for one module on standard input',
      type: 'string',
    },
  },
  options: {
    'no-aliases': { type: 'boolean', describe: 'Omit the aliases of .modinfo and print the tables only' },
    kernel: {
      type: 'string',
      defaultDescription: 'RELEASE',
      describe: 'Use the struct layouts of this release, such as 6.12 or 6.12.9, whatever the modules say',
    },
    'unpack-limit': {
      type: 'number',
      defaultDescription: 'MIB',
      describe: 'Limit in MiB on the unpacked size of a module (default: 512)',
    },
    release: RELEASE_OPTION,
    workers: WORKERS_OPTION,
    json: { type: 'boolean', describe: 'Print one object per line, even for a single file' },
  },
  examples: [
    ['modalias extract e1000e.ko', 'The tables of one module'],
    ['modalias extract /lib/modules/6.12.1 > tables.ndjson', 'The tables of all modules of a kernel'],
    ['modalias extract linux-image.deb > tables.ndjson', 'The same of a package'],
    [
      'modalias extract --no-aliases DIR | modalias generate -',
      'The aliases that the tables make, without hand-written ones',
    ],
  ],
  exits: { 2: 'some input could not be read as a module; the rest is still printed' },
  async run(args) {
    const options = extractOptions(args);
    if ((args.path as readonly string[]).filter((path) => path === '-').length > 1)
      throw new ModaliasError('usage', 'extract: standard input (-) can be read only once');
    const { inputs, directory, diagnostics } = findModuleInputs(args.path as readonly string[]);
    const { packagedRelease } = options;
    if (packagedRelease !== undefined) await checkReleases(args.path as readonly string[], packagedRelease);
    const one = !args.json && !directory && inputs.length === 1 && !(await isPackageInput(inputs[0]!));
    const format = one ? formatModule : formatModuleLine;
    printDiagnostics(diagnostics);
    const progress = startProgress('extracting', process.stdout.isTTY ? 0 : inputs.length);
    const told = new Set<string>();
    let failed = false;
    const { onRead } = packageProgress();
    const extracted = extractModules(inputs, { ...options, onRead, diagnose: (d) => printDiagnostics([d]) });
    for await (const { value, error } of extracted) {
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

/** Refuses a release that says nothing of an input: of a directory of another name, and of a module. */
async function checkReleases(paths: readonly string[], release: string): Promise<void> {
  for (const path of paths) {
    if (path !== '-' && isDirectory(path)) checkRelease(path, release);
    else if (path === '-' || !(await isPackageInput({ path: rawPath(path) })))
      throw new ModaliasError('usage', '--release: expected packages or modules directories', { file: path });
  }
}

function withoutAliases({ aliases: _aliases, ...module }: ExtractedModule): Omit<ExtractedModule, 'aliases'> {
  return module;
}

/** What concerns the whole kernel is reported with its first module only. */
const ONCE = new Set(['newer-release']);

const MIB = 1024 * 1024;
/** The largest limit: what fits into a Buffer on every Node. */
const MOST_MIB = 2047;

function extractOptions(args: Args): ExtractModulesOptions {
  const limit = args.unpackLimit as number | undefined;
  if (limit !== undefined && !(limit > 0 && limit <= MOST_MIB))
    throw new ModaliasError('usage', `--unpack-limit: expected a number of MiB up to ${MOST_MIB}; found ${limit}`);
  const release = args.kernel as string | undefined;
  if (release !== undefined) knownRelease(release, () => {});
  return {
    release,
    packagedRelease: args.release as string | undefined,
    limit: limit && Math.floor(limit * MIB),
    workers: workerCount(args),
  };
}
