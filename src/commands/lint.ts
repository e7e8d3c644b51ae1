import { type Command, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics } from '../command-line/output.ts';
import { type Progress, startProgress } from '../command-line/progress.ts';
import { ModaliasError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { Severities } from '../packaging/lint/config/configured.ts';
import { findLintConfig, LINT_CONFIG_FILE, readLintConfig } from '../packaging/lint/config/find-lint-config.ts';
import { CONFIG_RULES, type LintConfig } from '../packaging/lint/config/lint-config.ts';
import { LINT_SEVERITY_RULES, type LintSeverities, lint as lintInputs } from '../packaging/lint/lint.ts';
import { LINT_RULE_NAMES, LINT_RULES, type LintRuleName } from '../packaging/lint/rules.ts';
import { SEVERITIES } from '../packaging/rules.ts';
import { SEVERITY_CHOICES, SEVERITY_RULES, type SeverityChoice } from '../packaging/severities.ts';
import { lintReport } from '../report/lint/lint-report.ts';
import { formatLintRule } from '../report/lint/lint-text.ts';
import { outputWidth } from '../report/terminal.ts';
import { readingOptions, reportFindings } from './findings.ts';
import { RELEASE_OPTION, withPackageProgress } from './package-inputs.ts';
import { BASELINE_TEXT, REPORT_OPTIONS, readBaseline, today } from './report-options.ts';
import { SEVERITY_OPTION, severitiesOf, severityWords } from './severity-option.ts';
import { WORKERS_OPTION } from './workers.ts';

/** Rules of verify that lint does not have: a baseline may be for both. */
const VERIFY_ONLY = SEVERITY_RULES.filter((rule) => !LINT_SEVERITY_RULES.includes(rule));

export const lint: Command = {
  name: 'lint',
  usage: '[path..]',
  summary: 'find faults in aliases and id tables that no other tool reports',
  description: [
    'Looks for aliases and rows that the kernel, depmod and modpost accept but that do not do what they were written for. PATH is JSON id tables, a modules.alias, a module file, a modules directory, a package (.deb, .rpm, tar) or modprobe.d; directories and packages are laid over each other, the last on top. A finding names module, table, row, alias, file and line.',
    'Each rule has a severity, which --severity changes; --explain RULE explains it: why it matters, an example that fires, one that does not, and the fix.',
    'lint looks at what an alias says; verify whether tables, .modinfo, modules.alias and its index agree.',
    'Files of modprobe.d (*.conf, and directories of them, the first wins if two have a file of the same name) are checked against the modules of the directory or package that is also named, or else of the running kernel.',
    `The nearest ${LINT_CONFIG_FILE} of the working directory and those above it switches rules off or gives them another severity, each with a reason: {"version": 1, "rules": [{"rule": "of-only", "module": "acme-*", "severity": "off", "reason": ".."}]}. An entry without module, bus and pattern applies everywhere; module and pattern may contain the wildcards * and ?. The last matching entry applies. --severity overrides entries that apply everywhere. Entries for a module, bus or pattern that change nothing are findings (unused-suppression), as are those for a module that a directory or modules.alias lacks.`,
    BASELINE_TEXT,
  ],
  positionals: {
    path: { describe: 'Files, directories and packages; - is JSON id tables on standard input', type: 'string' },
  },
  options: {
    explain: { type: 'string', defaultDescription: 'RULE', describe: 'Explain a rule, and read no input' },
    config: {
      type: 'string',
      defaultDescription: 'PATH',
      describe: `Configuration of the rules, or none; otherwise the nearest ${LINT_CONFIG_FILE}`,
    },
    kernel: {
      type: 'string',
      defaultDescription: 'RELEASE',
      describe: "Use the rules of this kernel release instead of each module's own",
    },
    release: RELEASE_OPTION,
    workers: WORKERS_OPTION,
    all: { type: 'boolean', describe: 'Report every alias separately, however many of a module there are' },
    'fail-on': {
      choices: SEVERITIES,
      default: 'warning',
      defaultDescription: 'severity',
      describe: 'Exit with 1 for findings of this severity and above',
    },
    severity: SEVERITY_OPTION,
    werror: { type: 'boolean', describe: 'Treat warnings as errors, in the output and for --fail-on' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print the findings only; nothing if there are none' },
    ...REPORT_OPTIONS,
  },
  lists: SEVERITY_CHOICES.map((severity) => ({ title: titleOf(severity), entries: rulesOf(severity) })).filter(
    ({ entries }) => entries.length > 0,
  ),
  completes: { path: 'file', config: 'file', explain: LINT_RULE_NAMES, severity: severityWords(LINT_SEVERITY_RULES) },
  examples: [
    ['modalias lint ids.json', 'Check the id tables of a driver'],
    ['modalias lint --fail-on error build/acme.ko', 'Let CI fail on errors of a module'],
    ['modalias lint /lib/modules/6.12.1', 'Check every module of a kernel'],
    ['modalias lint --format sarif -o lint.sarif tables/*.json', 'Write a file for the code scanning of a repository'],
    ['modalias lint /lib/modules/6.12.1 /etc/modprobe.d', 'Also check what modprobe.d says about its modules'],
    ['modalias lint --explain dash-in-bracket', 'What a rule is about'],
  ],
  exits: {
    1: 'there are findings at or above --fail-on that no baseline accepts',
    2: 'an input cannot be read; what was read of other modules is still printed',
  },
  async run(args) {
    const paths = args.path as readonly string[];
    if (args.explain !== undefined) return explain(args.explain as string, paths);
    if (paths.length === 0)
      throw new ModaliasError('usage', 'lint: expected PATH, or --explain RULE (modalias lint --help)');
    const severities = severitiesOf(args.severity, 'lint: --severity', LINT_SEVERITY_RULES) as LintSeverities;
    const config = await readConfig(args.config as string | undefined);
    const baseline = await readBaseline(args, [...LINT_SEVERITY_RULES, ...VERIFY_ONLY]);
    const day = today(args);
    let progress: Progress | undefined;
    let failed = false;
    const result = await withPackageProgress((onRead) =>
      lintInputs(paths, {
        ...readingOptions(args),
        onRead,
        severities,
        config,
        onStart: (modules) => {
          progress = startProgress('linting modules', modules);
        },
        onModule: () => progress?.advance(),
        diagnose: (diagnostic) => {
          progress?.clear();
          printDiagnostics([diagnostic]);
          failed ||= diagnostic.severity === 'error';
        },
      }),
    ).finally(() => progress?.finish());
    const status = await reportFindings(result, args, {
      inputs: paths,
      baseline,
      today: day,
      severities: new Severities(severities, config).general,
      elsewhere: VERIFY_ONLY,
      reportOf: lintReport,
    });
    return failed ? EXIT.unanswered : status;
  },
};

/** The configuration that --config names, else the nearest one; undefined for none. */
async function readConfig(given: string | undefined): Promise<LintConfig | undefined> {
  const path = given ?? findLintConfig(process.cwd());
  return path === undefined || path === 'none' ? undefined : readLintConfig(path);
}

async function explain(name: string, paths: readonly string[]): Promise<number> {
  if (paths.length > 0) throw new ModaliasError('usage', 'lint: --explain reads no input; omit PATH');
  if (!(LINT_RULE_NAMES as readonly string[]).includes(name))
    throw new ModaliasError('usage', `lint: --explain: '${name}' is not a rule${didYouMean(name, LINT_RULE_NAMES)}`);
  await print(formatLintRule(name, LINT_RULES[name as LintRuleName], outputWidth()));
  return EXIT.ok;
}

function titleOf(severity: SeverityChoice): string {
  return severity === 'off' ? 'Rules (off unless asked for)' : `Rules (${severity}s)`;
}

function rulesOf(severity: SeverityChoice): [term: string, text: string][] {
  const rules = LINT_RULE_NAMES.map((name) => [name, LINT_RULES[name].severity, LINT_RULES[name].what] as const);
  const own = Object.entries(CONFIG_RULES).map(([name, { severity, about }]) => [name, severity, about] as const);
  return [...rules, ...own].flatMap(([name, its, what]) => (its === severity ? [[name, what]] : []));
}
