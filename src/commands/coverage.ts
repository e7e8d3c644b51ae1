import type { Args, Command } from '../command-line/command.ts';
import { printDiagnostics } from '../command-line/output.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import type { JsonKeys } from '../inventory/json-devices.ts';
import { INVENTORY_PROGRAMS } from '../inventory/line-formats.ts';
import { readMentions } from '../inventory/read-mentions.ts';
import { runningModules } from '../lookup/load.ts';
import { didYouMean } from '../nearest.ts';
import { entriesFor } from '../packaging/baseline/accept.ts';
import { UNSERVED } from '../packaging/change-classes.ts';
import { acceptableOf, acceptCoverage, matchOfDevice } from '../packaging/coverage/accept-coverage.ts';
import { cover } from '../packaging/coverage/coverage.ts';
import { Fleet } from '../packaging/coverage/fleet.ts';
import { type CoverageKernel, coverageKernel } from '../packaging/coverage/kernel.ts';
import { STEP_CLASSES, type StepClass } from '../packaging/coverage/step.ts';
import { readSide } from '../packaging/diff/read-side.ts';
import { coverageReport } from '../report/coverage/coverage-report.ts';
import { LISTED_STEPS } from '../report/coverage/coverage-text.ts';
import { loadDeviceNames } from '../report/device-names.ts';
import { REPORT_FORMATS } from '../report/formats/formats.ts';
import { streamCoverage } from './coverage-stream.ts';
import { RELEASE_OPTION, withPackageProgress } from './package-inputs.ts';
import { BASELINE_TEXT, REPORT_OPTIONS, readBaseline, today, writeReport } from './report-options.ts';

const { format: FORMAT, ...OTHER_OPTIONS } = REPORT_OPTIONS;

export const coverage: Command = {
  name: 'coverage',
  usage: '',
  summary: 'say which devices of machines each kernel serves, and where that changes',
  description: [
    'Looks the devices of INVENTORY up in each KERNEL as libkmod does, and says which modules serve them: before an upgrade, when a fleet moves, when a package is split. Kernels are compared in the order in which they are named. A KERNEL is a modules directory, a package (.deb, .rpm, tar), a modules.alias, a modules.alias.bin or JSON id tables; several of one NAME are laid over each other.',
    `An INVENTORY is a sysfs root, a recorded machine, or a file with modaliases (alone, after a count as uniq -c prints it, or after the name of a machine) or with the output of ${INVENTORY_PROGRAMS.join(', ')}; or a directory of these, one for each machine. With --key it is NDJSON.`,
    'States: module, builtin (a built-in driver, where the kernel records what it matches), generic (only drivers of a wider class are left of those that serve the device in another of the kernels), none, and unknown: that depends on fields that the inventory lacks, such as the interface classes that lsusb does not print, the module may be built in, or the modalias is not what a device prints, and problem says why.',
    `Classes: lost, generic, unknown (whether the device is still served is not known), dropped (another of its modules remains), moved (to other modules), and gained, specific, joined, builtin, loadable, package (the module comes from another one) of what is no loss.`,
    BASELINE_TEXT,
    'For coverage pattern is the modalias of a device, and module the modules that served it, with blanks between them. Devices that --fail-on unserved finds are of the class unserved.',
    '--format ndjson answers each line by itself, in order, and keeps nothing: input may be split over processes and machines, and the outputs joined. The other formats need memory for each different modalias.',
  ],
  options: {
    modules: {
      alias: 'm',
      type: 'string',
      array: true,
      defaultDescription: 'NAME=KERNEL',
      describe: "A kernel by a name of your choice, may be repeated. Default: the running kernel's directory",
    },
    devices: {
      alias: 'd',
      type: 'string',
      array: true,
      defaultDescription: 'INVENTORY',
      describe: 'Devices to look up, may be repeated; - for standard input. Default: /sys',
    },
    key: {
      type: 'string',
      describe: 'The inventories are NDJSON: the member, or JSON pointer, with the modalias or a list of them',
    },
    'machine-key': {
      type: 'string',
      defaultDescription: 'KEY',
      describe: 'The member, or JSON pointer, with the name of the machine',
    },
    release: {
      ...RELEASE_OPTION,
      array: true,
      defaultDescription: '[NAME=]RELEASE',
      describe: `${RELEASE_OPTION.describe}; of the kernel NAME, or of all`,
    },
    all: { type: 'boolean', describe: 'List every device, not only those that lose something' },
    only: {
      type: 'string',
      array: true,
      defaultDescription: 'CLASS,..',
      describe: 'List devices of these classes',
    },
    'fail-on': {
      type: 'string',
      array: true,
      defaultDescription: 'CLASS,..',
      default: ['any'],
      describe:
        'Classes that give exit status 1, or any, or none, or unserved for devices that some kernel does not serve',
    },
    format: {
      ...FORMAT,
      choices: [...Object.keys(REPORT_FORMATS), 'ndjson'],
      describe: `${FORMAT!.describe}, ndjson (a line for each line of input)`,
    },
    ...OTHER_OPTIONS,
  },
  completes: { modules: 'file', devices: 'file' },
  examples: [
    ['modalias coverage -m new=linux-image-6.12.deb', 'Whether a kernel serves the devices of this machine'],
    [
      'modalias coverage -d machines -m old=/lib/modules/6.1.0-56-amd64 -m new=/lib/modules/6.12.117-amd64',
      'What an upgrade does to a fleet: a directory with a file for each machine',
    ],
    [
      'ssh HOST lspci -vmmn | modalias coverage -d - --fail-on lost,generic -m old=OLD -m new=NEW',
      'For another machine',
    ],
    [
      'parallel --pipe -k modalias coverage --format ndjson -d - -m old=OLD -m new=NEW < all.txt > answers.ndjson',
      'Millions of lines, on all processors',
    ],
  ],
  exits: { 0: 'no device is of the classes in --fail-on, or a baseline accepts them', 1: 'some are' },
  async run(args) {
    const failing = failingOf(args);
    const listed = classesOf(args.only, '--only');
    const inventories = (args.devices as string[] | undefined) ?? ['/sys'];
    if (inventories.includes('')) throw new ModaliasError('usage', 'coverage: --devices is given without a value');
    if (args.format === 'sarif')
      throw new ModaliasError(
        'not-in-repository',
        'coverage: devices are in no file that a SARIF log could point to; choose another --format',
      );
    if (args.format === 'ndjson') refuseOptions(args);
    const json = jsonKeysOf(args);
    const baseline = await readBaseline(args);
    const day = today(args);
    const kernels = await readKernels(args);
    if (args.format === 'ndjson') return streamCoverage(inventories, kernels, json, failing);
    const fleet = new Fleet();
    for (const path of inventories)
      printDiagnostics(await readMentions(path, { json, onDevice: (mention) => fleet.add(mention) }));
    const whole = cover(fleet, kernels);
    const accepted = baseline && acceptCoverage(whole, baseline, { today: day, failing });
    const report = coverageReport(accepted?.counted ?? whole, {
      failing,
      baseline: accepted,
      namesOf: loadDeviceNames(),
      all: args.all === true,
      listed: listed ? new Set(listed as StepClass[]) : LISTED_STEPS,
      whole: args.all === true || args.format === 'html',
    });
    return writeReport(report, args, () => {
      const items = acceptableOf(whole, failing).filter(({ change }) => failing(change?.class ?? UNSERVED));
      return entriesFor(items, matchOfDevice, accepted?.held.accepted);
    });
  },
};

/** Refuses what needs to know all devices. */
function refuseOptions(args: Args): void {
  for (const option of ['output', 'baseline', 'write-baseline'])
    if (args[option] !== undefined)
      throw new ModaliasError(
        'usage',
        `coverage: --format ndjson answers each line by itself on standard output; --${option} is for the other formats`,
      );
}

function jsonKeysOf(args: Args): JsonKeys | undefined {
  const [key, machineKey] = [args.key, args.machineKey] as (string | undefined)[];
  if (key === undefined && machineKey !== undefined)
    throw new ModaliasError(
      'usage',
      'coverage: --machine-key is for NDJSON; name the member with the modalias by --key',
    );
  if (key === undefined) return undefined;
  if (key === '') throw new ModaliasError('usage', 'coverage: --key: found nothing, expected the name of a member');
  return { key, machineKey };
}

const NAME = /^[^=/\p{Cc}]+$/u;

/** `NAME=VALUE`; undefined where there is no name. */
function named(text: string): readonly [name: string, value: string] | undefined {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0));
  return NAME.test(name) ? [name, text.slice(at + 1)] : undefined;
}

/** The kernels that the options name, in the order of their first mention. */
async function readKernels(args: Args): Promise<readonly CoverageKernel[]> {
  const words = (args.modules as string[] | undefined) ?? [`running=${runningModules()}`];
  const inputs = new Map<string, string[]>();
  for (const word of words) {
    const [name, path] = named(word) ?? [];
    if (name === undefined || !path)
      throw new ModaliasError(
        'usage',
        `coverage: --modules: found '${word}', expected NAME=KERNEL, such as new=/lib/modules/6.12.1`,
      );
    inputs.set(name, [...(inputs.get(name) ?? []), path]);
  }
  const release = releasesOf(args, inputs);
  const diagnose = (diagnostic: Diagnostic) => printDiagnostics([diagnostic]);
  const kernels: CoverageKernel[] = [];
  for (const [name, paths] of inputs) {
    const side = await withPackageProgress((onRead) =>
      readSide(paths, { packagedRelease: release(name), onRead, diagnose }),
    );
    kernels.push(coverageKernel(name, side));
  }
  return kernels;
}

function releasesOf(args: Args, kernels: ReadonlyMap<string, unknown>): (name: string) => string | undefined {
  let ofAll: string | undefined;
  const of = new Map<string, string>();
  for (const word of (args.release as string[] | undefined) ?? []) {
    const [name, release] = named(word) ?? [];
    if (name === undefined) ofAll = word;
    else if (kernels.has(name)) of.set(name, release!);
    else
      throw new ModaliasError(
        'usage',
        `coverage: --release: found '${name}', expected ${[...kernels.keys()].join(', ')}${didYouMean(name, [...kernels.keys()])}`,
      );
  }
  return (name) => of.get(name) ?? ofAll;
}

/**
 * What counts for the exit status. `any` is every class of change; `unserved` are devices that some kernel does not
 * serve.
 */
function failingOf(args: Args): (kind: string) => boolean {
  const classes = new Set(classesOf(args.failOn, '--fail-on', ['unserved', 'any', 'none']));
  return (kind) => classes.has(kind) || (classes.has('any') && kind !== 'unserved');
}

/** The classes of a repeated option, which may also be lists with commas. */
function classesOf(value: unknown, option: string, others: readonly string[] = []): string[] | undefined {
  if (value === undefined) return undefined;
  const known: readonly string[] = [...STEP_CLASSES, ...others];
  const names = (value as string[]).flatMap((list) => list.split(','));
  for (const name of names)
    if (!known.includes(name))
      throw new ModaliasError(
        'usage',
        `coverage: ${option}: found '${name}', expected ${known.join(', ')}${didYouMean(name, known)}`,
      );
  return names;
}
