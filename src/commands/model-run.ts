import { type Command, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics, printJson } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { partsAt, runPrograms } from '../model/explore/run.ts';
import { POLICIES, underPolicy } from '../model/policies/policies.ts';
import { didYouMean } from '../nearest.ts';
import { formatRelease } from '../release.ts';
import { type NamedRun, partingText, runDocument, runText } from '../report/model/run-text.ts';
import { outputWidth } from '../report/terminal.ts';
import { listOf, MACHINE_OPTIONS, MACHINES_LIST, machinesOf, programsOf, SCRIPT_OPTIONS } from './model-options.ts';

export const run: Command = {
  name: 'run',
  usage: '<script..>',
  summary: 'show one run step by step: what each write returns, by which rule, and which device is where',
  description: [
    'Runs what the scripts do in a model of the kernel, one after the other and with nothing in between, and prints each step with its result, the rule of the kernel, and where the devices are then.',
    'With two policies, shows the first step at which they differ. Policies are rules of matching and binding: mainline, and what was proposed over the years.',
  ],
  positionals: { script: { describe: 'Shell scripts and recipes (see modalias model check --help)', type: 'string' } },
  options: {
    machine: { ...MACHINE_OPTIONS.machine!, demandOption: true },
    modules: MACHINE_OPTIONS.modules!,
    kernel: {
      ...MACHINE_OPTIONS.kernel!,
      defaultDescription: 'RELEASE',
      describe: "Use the rules of this kernel release instead of the machine's",
    },
    ...SCRIPT_OPTIONS,
    policy: {
      type: 'string',
      array: true,
      defaultDescription: 'POLICY[,POLICY]',
      describe: 'Bind by other rules than mainline; of two, show the first step at which they differ',
    },
    json: { type: 'boolean', describe: 'Print JSON' },
  },
  lists: [
    {
      title: 'Policies',
      entries: Object.entries(POLICIES).map(([name, { year, about }]) => [name, `(${year}) ${about.join(' ')}`]),
    },
    MACHINES_LIST,
  ],
  completes: { script: 'file', machine: 'file', modules: 'file', policy: Object.keys(POLICIES) },
  examples: [
    ['modalias model run bind.json --machine two-like-nics', 'What each step does'],
    ['modalias model run bind.json --machine two-like-nics --policy mainline,2021-abc', 'Where two policies part'],
  ],
  exits: { 0: 'the run ends with status 0, or two policies do not part', 1: 'it fails or waits, or they part' },
  async run(args) {
    const policies = listOf(args.policy) ?? ['mainline'];
    const known = Object.keys(POLICIES);
    for (const name of policies)
      if (!Object.hasOwn(POLICIES, name))
        throw new ModaliasError(
          'usage',
          `model run: --policy: found '${name}', expected ${known.join(', ')}${didYouMean(name, known)}`,
        );
    const machines = await machinesOf(args, (message) =>
      printDiagnostics([{ code: 'newer-release', severity: 'warning', message: `--kernel ${message}` }]),
    );
    if (policies.length > 2 || machines.length > 1)
      throw new ModaliasError('usage', 'model run: expected one kernel, and one policy or two');
    const programs = await programsOf(args.script as readonly string[], args);
    const machine = machines[0]!;
    const runs = policies.map(
      (policy): NamedRun => ({ policy, run: runPrograms(programs, underPolicy(machine, POLICIES[policy]!)) }),
    );
    const [first, second] = runs as [NamedRun, NamedRun?];
    const at = second ? partsAt(first.run, second.run) : -1;
    if (args.json) await printJson(runDocument(formatRelease(machine.release), runs, at));
    else await print(second ? partingText([first, second], at, outputWidth()) : runText(first, outputWidth()));
    const lost = runs.some(({ run: { end } }) => end === 'not-understood' || end === 'too-long');
    if (lost) return EXIT.unanswered;
    return (second ? at < 0 : first.run.end === 0) ? EXIT.ok : EXIT.no;
  },
};
