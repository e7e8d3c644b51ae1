import type { Args, Command } from '../command-line/command.ts';
import { printDiagnostics } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { INVENTORIES } from '../inventory/line-formats.ts';
import { readInventory } from '../inventory/read-inventory.ts';
import { didYouMean } from '../nearest.ts';
import { entriesFor } from '../packaging/baseline/accept.ts';
import { acceptChanges, matchOfChange } from '../packaging/diff/accept-changes.ts';
import { type ChangeClass, CLASSES } from '../packaging/change-classes.ts';
import { diffSides } from '../packaging/diff/diff.ts';
import { type ReadSideOptions, readSide } from '../packaging/diff/read-side.ts';
import { withRows } from '../packaging/diff/rows.ts';
import { type Selection, select, warnOfStrangers } from '../packaging/diff/select.ts';
import type { DiffSide } from '../packaging/diff/side.ts';
import { moduleName } from '../pattern/normalize.ts';
import { loadDeviceNames } from '../report/device-names.ts';
import { diffReport } from '../report/diff-report.ts';
import { LISTED } from '../report/diff-text.ts';
import { RELEASE_OPTION, withPackageProgress } from './package-inputs.ts';
import { BASELINE_TEXT, REPORT_OPTIONS, readBaseline, today, writeReport } from './report-options.ts';

export const diff: Command = {
  name: 'diff',
  usage: '[path..]',
  summary: 'say which devices gain, lose or change their driver between two kernels',
  description: [
    'Compares OLD and NEW, each a modules directory, a package (.deb, .rpm, tar), a modules.alias, a modules.alias.bin or JSON id tables. Packages are read in place; their aliases are made as build makes them. Compares what the patterns match, not their text: a device that a wider pattern still serves is not lost, and a renamed or split module is reported once. Every change has an example: a modalias whose answers in OLD and NEW show it.',
    `Classes: lost, generic (only a driver of a wider class is left), dropped (another module that had the device remains), moved (to another module), narrowed (a part is lost), override-only (only driver_override finds a driver); from NEW to OLD gained, specific, joined, widened; builtin, loadable, package (the module comes from another package) and order where the modules stay. Aliases that name no device (crypto, file systems, protocols) are listed separately.`,
    'Lists the losses by module and vendor, with names from pci.ids, usb.ids and hwdb where these are installed; the rest is counted. --only lists the classes it names. Built-in code, and modules without aliases, are compared if both sides list them; a modules.alias does not. Kernels before 6.18 do not record the id tables of built-in drivers: a note counts what looks lost or gained for that reason alone.',
    BASELINE_TEXT,
  ],
  positionals: { path: { describe: 'OLD, then NEW' } },
  options: {
    old: {
      type: 'string',
      array: true,
      defaultDescription: 'PATH',
      describe: 'An input of OLD, may be repeated; directories and packages are laid over each other, the last on top',
    },
    new: { type: 'string', array: true, defaultDescription: 'PATH', describe: 'An input of NEW, may be repeated' },
    release: {
      ...RELEASE_OPTION,
      array: true,
      describe: `${RELEASE_OPTION.describe}; given twice, of OLD and of NEW`,
    },
    rows: { type: 'boolean', describe: 'Also read which rows of the modules make each pattern, for --json' },
    bus: { type: 'string', array: true, describe: 'Only devices of this bus (pci, usb, of), may be repeated' },
    module: {
      type: 'string',
      array: true,
      defaultDescription: 'NAME',
      describe: 'Only changes of this module, may be repeated',
    },
    only: {
      type: 'string',
      array: true,
      defaultDescription: 'CLASS,..',
      describe: 'Only these classes, each listed pattern by pattern',
    },
    devices: {
      type: 'string',
      defaultDescription: 'FILE',
      describe: `Only what concerns these devices: ${INVENTORIES}; - for standard input`,
    },
    'fail-on': {
      type: 'string',
      array: true,
      defaultDescription: 'CLASS,..',
      default: ['any'],
      describe: 'Classes that give exit status 1, or any, or none',
    },
    ...REPORT_OPTIONS,
  },
  completes: { old: 'file', new: 'file', devices: 'file', module: 'nothing' },
  examples: [
    ['modalias diff /lib/modules/6.1.0-56-amd64 /lib/modules/6.12.117-amd64', 'What an upgrade changes'],
    [
      'modalias diff --only lost,generic --fail-on lost old/modules.alias new/modules.alias',
      'Let CI fail on lost devices',
    ],
    [
      'modalias diff --old old/linux-image.deb --new linux-modules.deb --new linux-base.deb',
      'Packages before an upload',
    ],
    ['modalias diff --format html -o diff.html OLD NEW', 'A page to read and to search'],
    ['modalias diff --devices /sys OLD NEW', 'Only for this machine'],
    ['ssh HOST lspci -vmmn | modalias diff --devices - OLD NEW', 'Only for the PCI devices of another'],
  ],
  exits: { 0: 'no change is of the classes in --fail-on', 1: 'some are' },
  async run(args) {
    const [oldPaths, newPaths] = sidesOf(args);
    const only = classesOf(args.only, '--only');
    const failing = new Set(classesOf(args.failOn, '--fail-on', ['any', 'none']));
    const baseline = await readBaseline(args);
    const day = today(args);
    const inventory = args.devices === undefined ? undefined : await readInventory(args.devices as string);
    printDiagnostics(inventory?.diagnostics ?? []);
    const diagnose = (d: Parameters<typeof printDiagnostics>[0] extends Iterable<infer D> ? D : never) =>
      printDiagnostics([d]);
    const sides = await readSides([oldPaths, newPaths], args, diagnose);
    const whole = diffSides(...sides);
    const held = baseline && acceptChanges(whole, baseline, day);
    const selection: Selection = {
      classes: only && new Set(only as ChangeClass[]),
      buses: namesOf(args.bus),
      modules: namesOf((args.module as string[] | undefined)?.map(moduleName)),
      devices: inventory?.devices,
    };
    printDiagnostics(warnOfStrangers(selection, sides));
    const counted = await withRows(select(held?.counted ?? whole, selection, sides), ...sides);
    const report = diffReport(counted, {
      sides,
      failing: (kind) => failing.has(kind) || failing.has('any'),
      namesOf: loadDeviceNames(),
      listed: selection.classes ?? LISTED,
      isPart: Object.values(selection).some((chosen) => chosen !== undefined),
      baseline: held && { ...held, accepted: select(held.accepted, selection, sides) },
    });
    return writeReport(report, args, () => {
      const { changes, other, undecided } = select(whole, selection, sides);
      return entriesFor([...changes, ...other, ...undecided], matchOfChange, held?.entries);
    });
  },
};

/** The inputs of OLD and of NEW: two paths, or those of --old and --new. */
function sidesOf(args: Args): readonly [old: readonly string[], now: readonly string[]] {
  const paths = args.path as string[];
  const { old = [], new: now = [] } = args as { old?: string[]; new?: string[] };
  if (paths.length === 2 && old.length + now.length === 0) return [[paths[0]!], [paths[1]!]];
  if (paths.length === 0 && old.length > 0 && now.length > 0) return [old, now];
  throw new ModaliasError('usage', 'diff: expected OLD and NEW, or --old PATH and --new PATH (modalias diff --help)');
}

/** Reads both sides. Packages that hold several kernels need a release: one for both, or one for each. */
async function readSides(
  paths: readonly [old: readonly string[], now: readonly string[]],
  args: Args,
  diagnose: ReadSideOptions['diagnose'],
): Promise<readonly [old: DiffSide, now: DiffSide]> {
  const releases = (args.release as readonly string[] | undefined) ?? [];
  if (releases.length > 2) throw new ModaliasError('usage', 'diff: --release: expected one for OLD and one for NEW');
  const side = (inputs: readonly string[], packagedRelease: string | undefined) =>
    withPackageProgress((onRead) => readSide(inputs, { packagedRelease, onRead, diagnose, rows: args.rows === true }));
  return [await side(paths[0], releases[0]), await side(paths[1], releases.at(-1))];
}

/** The classes of a repeated option, which may also be lists with commas. */
function classesOf(value: unknown, option: string, others: readonly string[] = []): string[] | undefined {
  if (value === undefined) return undefined;
  const known: readonly string[] = [...CLASSES, ...others];
  const names = (value as string[]).flatMap((list) => list.split(','));
  for (const name of names)
    if (!known.includes(name))
      throw new ModaliasError(
        'usage',
        `diff: ${option}: found '${name}', expected ${known.join(', ')}${didYouMean(name, known)}`,
      );
  return names;
}

const namesOf = (value: unknown) => (value === undefined ? undefined : new Set(value as string[]));
