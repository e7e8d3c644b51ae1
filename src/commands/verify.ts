import type { Command } from '../command-line/command.ts';
import { type Progress, startProgress } from '../command-line/progress.ts';
import { CONFIG_RULES } from '../packaging/lint/config/lint-config.ts';
import { LINT_RULE_NAMES } from '../packaging/lint/rules.ts';
import { FINDING_RULES, SEVERITIES, type Severity } from '../packaging/rules.ts';
import { SEVERITY_RULES } from '../packaging/severities.ts';
import { verifyModulesDirectory } from '../packaging/verify/verify.ts';
import { verifyReport } from '../report/verify-report.ts';
import { readingOptions, reportFindings } from './findings.ts';
import { RELEASE_OPTION, withPackageProgress } from './package-inputs.ts';
import { BASELINE_TEXT, REPORT_OPTIONS, readBaseline, today } from './report-options.ts';
import { SEVERITY_OPTION, severitiesOf, severityWords } from './severity-option.ts';
import { WORKERS_OPTION } from './workers.ts';

/** Rules of lint that verify does not have: a baseline may be for both. */
const LINT_ONLY = [...LINT_RULE_NAMES, ...Object.keys(CONFIG_RULES)].filter((rule) => !SEVERITY_RULES.includes(rule));

export const verify: Command = {
  name: 'verify',
  usage: '<dir..>',
  summary: 'check every alias of a modules directory, from the id tables to the index',
  description: [
    'Checks, for each module below DIR (/lib/modules/RELEASE), the aliases that its id tables make against its .modinfo, and its .modinfo against modules.alias and modules.alias.bin; for built-in code, modules.builtin.modinfo against modules.builtin.alias.bin; and that every file holds the module that its name says, built for this release, and that modules.order and modules.builtin exist. A finding names module, table, row, alias, file and line. One cause gives one or two findings, however many aliases it affects.',
    'Aliases that no row makes are hand-written and only counted. Whatever is legitimate but worth knowing (aliases of several modules, built-in aliases hidden by loadable ones, rows that make no alias, drivers without a table) is noted in the summary. If depmod has not run in a directory yet, only its modules and lists are checked.',
    'Packages (.deb, .rpm and tar archives, recognised by their contents) are read in place; nothing is unpacked to disk. Distributions do not ship alias files in them: the id tables are checked against .modinfo, and whatever another package of the same kernel may contain, such as modules.order, is only noted.',
    'Problems in reading a module are noted under their own codes; see modalias-codes(7).',
    BASELINE_TEXT,
  ],
  positionals: {
    dir: {
      describe: 'Modules directories (/lib/modules/RELEASE) or packages, laid over each other, the last on top',
      type: 'string',
    },
  },
  options: {
    kernel: {
      type: 'string',
      defaultDescription: 'RELEASE',
      describe: "Use the rules of this kernel release instead of each module's own",
    },
    'depmod-config': {
      type: 'string',
      defaultDescription: 'PATH',
      describe: 'Read depmod.d lines from this directory or file, or none; otherwise the directories that depmod reads',
    },
    release: RELEASE_OPTION,
    workers: WORKERS_OPTION,
    all: { type: 'boolean', describe: 'Report every alias, line and file separately, with all examples of notes' },
    'fail-on': {
      choices: SEVERITIES,
      default: 'warning',
      defaultDescription: 'severity',
      describe: 'Exit with 1 for findings (or notes) of this severity and above',
    },
    severity: SEVERITY_OPTION,
    werror: {
      type: 'boolean',
      describe: 'Treat warnings as errors, in the output and for --fail-on; notes stay notes',
    },
    quiet: {
      type: 'boolean',
      alias: 'q',
      describe: 'Print the findings only, without table, notes and summary; nothing if there are none',
    },
    ...REPORT_OPTIONS,
  },
  lists: [
    { title: 'Rules (errors)', entries: rulesOf('error') },
    { title: 'Rules (warnings)', entries: rulesOf('warning') },
    { title: 'Rules (notes)', entries: rulesOf('note') },
  ],
  completes: { severity: severityWords(Object.keys(FINDING_RULES)) },
  examples: [
    ['modalias verify /lib/modules/6.12.1', 'Check an installed kernel'],
    ['modalias verify --quiet --fail-on error pkg/lib/modules/6.12.1', 'Errors fail a build, warnings are printed'],
    ['modalias verify --severity missing-list=off pkg/lib/modules/6.12.1', 'Another package will provide the lists'],
    ['modalias verify linux-modules.deb linux-base.deb', 'Check a kernel that is split over two packages'],
    ['modalias verify --format junit -o verify.xml pkg/lib/modules/6.12.1', 'Write test results for CI'],
    ['modalias verify --json pkg/lib/modules/6.12.1', 'Check a package before it is uploaded, in CI'],
  ],
  exits: {
    1: 'there are findings at or above --fail-on that no baseline accepts',
    2: 'DIR is neither a modules directory nor a package, or a file of it cannot be read',
  },
  async run(args) {
    const severities = severitiesOf(args.severity, 'verify: --severity');
    const baseline = await readBaseline(args, [...SEVERITY_RULES, ...LINT_ONLY]);
    const day = today(args);
    const inputs = args.dir as readonly string[];
    let progress: Progress | undefined;
    const verified = (onRead: (bytes: number, total: number) => void) =>
      verifyModulesDirectory(inputs, {
        ...readingOptions(args),
        onRead,
        depmodConfig: args.depmodConfig as string | undefined,
        severities,
        onStart: (modules) => {
          progress = startProgress('verifying modules', modules);
        },
        onModule: () => progress?.advance(),
      });
    const result = await withPackageProgress(verified).finally(() => progress?.finish());
    return reportFindings(result, args, {
      inputs,
      baseline,
      today: day,
      severities,
      elsewhere: LINT_ONLY,
      reportOf: verifyReport,
    });
  },
};

function rulesOf(severity: Severity): [term: string, text: string][] {
  return Object.entries(FINDING_RULES).flatMap(([rule, { severity: own, about }]) =>
    own === severity ? [[rule, about]] : [],
  );
}
