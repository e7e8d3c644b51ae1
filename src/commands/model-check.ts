import { type Args, type Command, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { DISTURBANCES, type Disturbance, USUAL_DISTURBANCES } from '../model/explore/acts.ts';
import { DEFAULT_PROPERTIES, parseProperty, type Stated } from '../model/explore/properties.ts';
import { checkVariants } from '../model/explore/choices/variants.ts';
import { USUAL_WORK, Work } from '../model/explore/work.ts';
import { findFaults } from '../model/findings/find.ts';
import { FINDING_RULES } from '../model/findings/rules.ts';
import { didYouMean } from '../nearest.ts';
import { checkReport, verdictOf } from '../report/model/check-report.ts';
import { findingRuleText } from '../report/model/rule-text.ts';
import { outputWidth } from '../report/terminal.ts';
import { listOf, MACHINE_OPTIONS, MACHINES_LIST, machinesOf, programsOf, SCRIPT_OPTIONS } from './model-options.ts';
import { REPORT_OPTIONS, writeReport } from './report-options.ts';

const { format, output, json } = REPORT_OPTIONS;

const ruleEntries = Object.entries(FINDING_RULES).map(([name, { what }]): [string, string] => [name, what]);

export const check: Command = {
  name: 'check',
  usage: '[script..]',
  summary: 'say whether a way of binding is safe, whatever happens meanwhile',
  description: [
    'Runs what the scripts do in a model of the kernel that agrees with real ones write by write, with every order of what may happen between two writes, and checks properties of where devices are. Each violation comes with the shortest way there: who does what, the result, and the rule of the kernel; of the looks at sysfs only those that make a difference. The orders in which drivers may have been registered are tried for up to five that can have the same devices; with more the verdict is unknown. A device that is plugged in after the scripts have ended counts, too. A script that waits for what never comes has failed. A device that is removed is lost, unless the script removes devices on purpose (remove, sriov_numvfs) and it is gone where nothing disturbs the script, too.',
    "A SCRIPT is a script for POSIX sh or bash, run as root with the arguments of --args. A command that is not understood is named with its line, and the verdict is then unknown, unless a property fails without it. Where a script asks for what the machine's description does not tell, every way is explored: what goes wrong in each is unsafe, what goes wrong in some only is unknown. A variable that neither the script nor --env sets is empty where it is asked about. sh is dash, which interprets backslashes in echo.",
    'A SCRIPT may also be a recipe: {"version": 1, "events": [{"kind": "write", "path": "bus/pci/drivers_probe", "data": "0000:01:00.0\\n"}, {"kind": "load", "module": "vfio-pci"}, {"kind": "expect", "device": "0000:01:00.0", "driver": "vfio-pci"}]}. It ends at the first event that fails, unless that has "mayFail": true. Several scripts run at the same time.',
    'First come findings: faults that show where nothing else happens, each with a rule that --explain describes. They do not change the verdict.',
    'A SCRIPT may also be udev rules (.rules: an add event of each device of the machine), a file of modprobe.d (.conf: each module that it names is loaded), or a plan of vfio plan --json.',
    'Without --ends and --never, the usual properties are checked; with them, only what they state. DEVICE is a name on its bus, where PCI addresses may leave out the domain, or twin for a device of the same id that is plugged in meanwhile; DRIVER is the name of a driver, or none.',
  ],
  positionals: { script: { describe: 'Shell scripts and recipes', type: 'string' } },
  options: {
    explain: { type: 'string', defaultDescription: 'RULE', describe: 'Explain a rule, and read no input' },
    ...MACHINE_OPTIONS,
    ...SCRIPT_OPTIONS,
    while: {
      type: 'string',
      array: true,
      defaultDescription: 'ACT,..',
      describe: `What may act between any two steps, or none (default: ${USUAL_DISTURBANCES.join(', ')})`,
    },
    once: { type: 'boolean', describe: 'Let each act happen at most once, not any number of times' },
    ends: {
      type: 'string',
      array: true,
      defaultDescription: 'DEVICE on DRIVER',
      describe: 'Check that every run ends with the device on this driver',
    },
    never: {
      type: 'string',
      array: true,
      defaultDescription: 'DEVICE on DRIVER',
      describe: "Check that the device is never on this driver; 'DEVICE stranded': that it never ends without a driver",
    },
    'most-states': {
      type: 'string',
      defaultDescription: 'NUMBER',
      describe:
        'Explore at most this many states with each kernel (default: 1000000 in all, fewer where each takes long); the verdict is unknown if there are more',
    },
    format: format!,
    output: output!,
    json: json!,
  },
  lists: [
    { title: 'What may act (--while)', entries: Object.entries(DISTURBANCES) },
    { title: 'Rules that need no search (--explain)', entries: ruleEntries },
    { title: 'Properties', entries: Object.entries(DEFAULT_PROPERTIES) },
    MACHINES_LIST,
  ],
  completes: {
    script: 'file',
    machine: 'file',
    modules: 'file',
    while: Object.keys(DISTURBANCES),
    explain: Object.keys(FINDING_RULES),
  },
  examples: [
    ['modalias model check bind.sh --args 0000:01:00.0 --machine two-like-nics', 'A script, on a built-in machine'],
    ['modalias model check bind.json --machine two-like-nics', 'A recipe'],
    [
      'modalias model check bind.json --machine mine.json --kernel 6.1,6.12,7.2',
      'On a recorded one, with three kernels',
    ],
    ["modalias model check bind.json --machine mine.json --never 'twin on vfio-pci'", 'Check one property'],
  ],
  exits: {
    0: 'safe',
    1: 'a property does not hold',
    2: 'not answerable: an input cannot be read, or the verdict is unknown',
  },
  async run(args) {
    if (args.explain !== undefined) return explain(args.explain as string);
    const options = {
      while: whilesOf(args),
      stated: statedOf(args),
      once: args.once === true,
      mostStates: args.mostStates === undefined ? USUAL_WORK : mostStatesOf(args.mostStates as string),
    };
    const work = args.mostStates === undefined ? new Work(USUAL_WORK) : undefined;
    const paths = args.script as readonly string[];
    if (!paths?.length || args.machine === undefined)
      throw new ModaliasError(
        'usage',
        'model check: expected SCRIPT and --machine, or --explain RULE (modalias model check --help)',
      );
    const machines = await machinesOf(args, (message) =>
      printDiagnostics([{ code: 'newer-release', severity: 'warning', message: `--kernel ${message}` }]),
    );
    const programs = await programsOf(paths, args);
    const results = machines.map((machine, i) =>
      checkVariants(programs, machine, { ...options, work: work?.part(1 / (machines.length - i)) }),
    );
    const findings = findFaults(programs, machines[0]!);
    const report = checkReport(results, {
      inputs: paths,
      machine: args.machine as string,
      findings,
      stated: options.stated,
    });
    await writeReport(report, args, () => []);
    return { safe: EXIT.ok, unsafe: EXIT.no, unknown: EXIT.unanswered }[verdictOf(results)];
  },
};

async function explain(name: string): Promise<number> {
  const rule = Object.hasOwn(FINDING_RULES, name) ? FINDING_RULES[name] : undefined;
  if (!rule) {
    const known = didYouMean(name, Object.keys(FINDING_RULES));
    throw new ModaliasError('usage', `model check: --explain: '${name}' is not a rule${known}`);
  }
  await print(findingRuleText(name, rule, outputWidth()));
  return EXIT.ok;
}

function whilesOf(args: Args): ReadonlySet<Disturbance> {
  const names = listOf(args.while) ?? USUAL_DISTURBANCES;
  if (names.length === 1 && names[0] === 'none') return new Set();
  const known = Object.keys(DISTURBANCES);
  for (const name of names)
    if (!known.includes(name))
      throw new ModaliasError(
        'usage',
        `model check: --while: found '${name}', expected ${known.join(', ')} or none${didYouMean(name, known)}`,
      );
  return new Set(names as Disturbance[]);
}

function statedOf(args: Args): Stated[] {
  return (['ends', 'never'] as const).flatMap((option) =>
    ((args[option] as readonly string[] | undefined) ?? []).map((text) => parseProperty(option, text)),
  );
}

function mostStatesOf(text: string): number {
  const most = /^[1-9]\d{0,7}$/.test(text) ? Number(text) : 0;
  if (most === 0)
    throw new ModaliasError(
      'usage',
      `model check: --most-states: found '${text}', expected a number from 1 to 99999999`,
    );
  return most;
}
