import { type Command, EXIT } from '../command-line/command.ts';
import { print, printJson } from '../command-line/output.ts';
import { type Progress, startProgress } from '../command-line/progress.ts';
import { verifyModulesDirectory } from '../packaging/verify/verify.ts';
import { formatVerifyText } from '../report/verify-text.ts';
import { WORKERS_OPTION, workerCount } from './workers.ts';

export const verify: Command = {
  name: 'verify',
  usage: '<dir>',
  summary: 'check every alias of a modules directory, from the id tables to the index',
  description: [
    'For each module below DIR (/lib/modules/RELEASE): the aliases that its id tables make against its .modinfo, its .modinfo against modules.alias and modules.alias.bin; for built-in code modules.builtin.modinfo against modules.builtin.alias.bin. A finding names module, table, row and alias. One cause gives one finding or two, however many aliases it touches.',
    'Aliases that no row makes are hand-written and only counted. What is legitimate but worth knowing (aliases of several modules, built-in aliases hidden by loadable ones, rows that make no alias) is noted in the summary. A directory that depmod has not seen yet has only its modules checked.',
  ],
  positionals: { dir: { describe: 'A modules directory, /lib/modules/RELEASE', type: 'string' } },
  options: {
    kernel: {
      type: 'string',
      defaultDescription: 'RELEASE',
      describe: "Rules to make aliases by, instead of each module's own release",
    },
    'depmod-config': {
      type: 'string',
      defaultDescription: 'PATH',
      describe: 'Read depmod.d lines from this directory or file, or none; otherwise the directories that depmod reads',
    },
    workers: WORKERS_OPTION,
    json: { type: 'boolean', describe: 'Print one JSON document' },
  },
  examples: [
    ['modalias verify /lib/modules/6.12.1', 'Check an installed kernel'],
    ['modalias verify --json pkg/lib/modules/6.12.1', 'Check a package before it is uploaded, in CI'],
  ],
  exits: { 1: 'there are findings' },
  async run(args) {
    let progress: Progress | undefined;
    const result = await verifyModulesDirectory(args.dir as string, {
      depmodConfig: args.depmodConfig as string | undefined,
      kernel: args.kernel as string | undefined,
      workers: workerCount(args),
      onStart: (modules) => {
        progress = startProgress('verifying modules', modules);
      },
      onModule: () => progress?.advance(),
    }).finally(() => progress?.finish());
    await (args.json ? printJson({ version: 1, ...result }) : print(formatVerifyText(result)));
    return result.findings.length > 0 ? EXIT.no : EXIT.ok;
  },
};
