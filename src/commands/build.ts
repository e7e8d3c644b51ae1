import { type Command, statusOf } from '../command-line/command.ts';
import { print, printDiagnostics, printJson } from '../command-line/output.ts';
import { startProgress } from '../command-line/progress.ts';
import { ModaliasError } from '../errors.ts';
import { openModules } from '../modules-directory/open-modules.ts';
import { aliasesOf, indexFilesOf, writeIndexFiles } from '../packaging/build.ts';
import { needsFolder } from '../packaging/kernel-folder.ts';
import { RELEASE_OPTION, withPackageProgress } from './package-inputs.ts';
import { WORKERS_OPTION, workerCount } from './workers.ts';

export const build: Command = {
  name: 'build',
  usage: '<dir>',
  summary: 'write modules.alias and the .bin indexes of a modules directory',
  description: [
    "Reads every module below DIR (/lib/modules/RELEASE) and writes modules.alias, modules.alias.bin and modules.builtin.alias.bin, byte for byte those of depmod, in depmod's order: modules.order first, then hash order for what it does not list, with the search and override rules of depmod.d. Aliases with unpaired brackets go into the text only. Either all three files are replaced or none is.",
    'If depmod would choose between two files of the same module name by directory order, the first name in byte order is used and a warning names both. A module that cannot be read gives a warning and no aliases.',
    '--index-layout selects the version of kmod: post is that of kmod up to 33; pre is that of kmod 34 and newer, where the first of repeated lines in modules.order counts, not the last. Every libkmod reads both.',
  ],
  positionals: { dir: { describe: 'A modules directory, /lib/modules/RELEASE, or with -o a package', type: 'string' } },
  options: {
    output: {
      type: 'string',
      alias: 'o',
      defaultDescription: 'OUTDIR',
      describe: 'Write to this directory (created if needed) instead of DIR',
    },
    'index-layout': {
      choices: ['pre', 'post'],
      default: 'post',
      defaultDescription: 'layout',
      describe: 'Order of the nodes in the .bin files',
    },
    'depmod-config': {
      type: 'string',
      defaultDescription: 'PATH',
      describe: 'Read depmod.d lines from this directory or file, or none; default: the directories that depmod reads',
    },
    kernel: {
      type: 'string',
      defaultDescription: 'RELEASE',
      describe: "Release to match the override and external lines of depmod.d against (default: DIR's name)",
    },
    release: RELEASE_OPTION,
    workers: WORKERS_OPTION,
    werror: { type: 'boolean', describe: 'Exit with 1 if there was a warning' },
    json: { type: 'boolean', describe: 'Print what was written as JSON' },
  },
  examples: [
    ['modalias build /lib/modules/6.12.1', 'Replace the three files of an installed kernel'],
    ['modalias build linux-image.deb -o out', 'From a package (.deb, .rpm, tar), which is not unpacked'],
    ['modalias build pkg/lib/modules/6.12.1 -o out --depmod-config none', "Without this machine's depmod.d"],
  ],
  exits: { 1: 'there were warnings, with --werror; the files are written' },
  async run(args) {
    const text = (name: string) => args[name] as string | undefined;
    const workers = workerCount(args);
    const layout = args.indexLayout === 'pre' ? 'pre' : 'post';
    const inputs = [text('dir')!];
    if (text('output') === undefined && (await needsFolder(inputs)))
      throw new ModaliasError('usage', 'build: nothing is written into a package; expected -o OUTDIR', {
        file: inputs[0]!,
      });
    const opening = {
      depmodConfig: text('depmodConfig'),
      packagedRelease: text('release'),
      depmodRelease: text('kernel'),
      repeated: layout === 'pre' ? ('first' as const) : ('last' as const),
      workers,
    };
    const opened = await withPackageProgress((onRead) => openModules(inputs, aliasesOf, { ...opening, onRead }));
    const { directory } = opened;
    const progress = startProgress('reading modules', directory.modules.length);
    const files = await indexFilesOf(opened, { layout, onModule: () => progress.advance() }).finally(() =>
      progress.finish(),
    );
    const written = await writeIndexFiles(files, text('output') ?? text('dir')!);
    const diagnostics = [...directory.diagnostics, ...files.diagnostics];
    printDiagnostics(diagnostics);
    const sizes = written.map(({ path, data }) => ({ path, bytes: data.length }));
    if (args.json)
      await printJson({ version: 1, release: directory.release, modules: directory.modules.length, files: sizes });
    else for (const { path, bytes } of sizes) await print(`${path}: ${bytes} bytes\n`);
    return statusOf(diagnostics, args.werror === true);
  },
};
