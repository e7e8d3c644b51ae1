import { type Args, type Command, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics, printJson } from '../command-line/output.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { writeWhole } from '../files/write.ts';
import type { KnownDevice } from '../inventory/known-device.ts';
import { INVENTORIES } from '../inventory/line-formats.ts';
import { readInventory } from '../inventory/read-inventory.ts';
import { readConfig, runningModules } from '../lookup/load.ts';
import { didYouMean } from '../nearest.ts';
import { choose } from '../packaging/export/choose.ts';
import { EXPORT_FORMATS } from '../packaging/export/formats.ts';
import { underscored } from '../pattern/normalize.ts';
import { exportJson } from '../report/export/export-json.ts';
import { exportNotes } from '../report/export/export-notes.ts';
import { CONFIG_OPTION, configOf } from './config-option.ts';
import { MATCHING_OPTIONS, openFor } from './matching-options.ts';

const formats = Object.entries(EXPORT_FORMATS);

export const exportCommand: Command = {
  name: 'export',
  usage: '<format>',
  summary: 'write aliases and lists of modules in formats that other programs read',
  description: [
    `Writes what the loadable modules of a kernel serve in a FORMAT that other programs read: ${formats.map(([name, { about }]) => `${name} (${about})`).join(', ')}. --module and --devices choose; without them it is all that devices can ask for.`,
    "Patterns are rewritten so that the format's reader matches what libkmod matches: a dash or underscore of an alias is either, as it is for libkmod; for AppStream brackets are written out, acpi*:X:* becomes acpi:X:* and acpi:*:X:*, and ? stands for a comma or parenthesis; in SUSE's Supplements each byte but letters, digits, colons and stars is %XX, and the package stands before the first colon. A pattern that must match more is a warning, and what a reader cannot match is listed; --json has every one.",
    'initramfs is a list of modules, one per line with a comment that names its devices, for /etc/initramfs-tools/modules, for dracut (DRACUT_KERNEL_MODALIASES) and for mkinitcpio (MODULES). Where an inventory lacks fields, modules that may serve a device are on it, too (perhaps); what modprobe.d blacklists is not. Built-in drivers and aliases that no device has (crypto, file systems, driver_override) are left out of every format.',
  ],
  positionals: { format: { choices: Object.keys(EXPORT_FORMATS), describe: 'Program that will read it' } },
  options: {
    modules: MATCHING_OPTIONS.modules!,
    release: MATCHING_OPTIONS.release!,
    ...CONFIG_OPTION,
    module: {
      type: 'string',
      array: true,
      defaultDescription: 'NAME',
      describe: 'Only aliases of this module, may be repeated',
    },
    devices: {
      alias: 'd',
      type: 'string',
      array: true,
      defaultDescription: 'FILE',
      describe: `Only what these devices need: ${INVENTORIES}; - for standard input; may be repeated`,
    },
    package: {
      type: 'string',
      defaultDescription: 'NAME',
      describe: 'Package that the modules are for, such as kernel-default (rpm-suse)',
    },
    output: { alias: 'o', type: 'string', defaultDescription: 'FILE', describe: 'Write to FILE, atomically' },
    json: { type: 'boolean', describe: 'Print one JSON document: each pattern with what is written for it' },
  },
  completes: { format: Object.keys(EXPORT_FORMATS), module: 'module', devices: 'file', package: 'nothing' },
  examples: [
    ['modalias export initramfs -d /sys', 'The modules that an initramfs of this machine needs'],
    ['cat machines/*.txt | modalias export initramfs -m linux-image.deb -d -', 'One list for many machines'],
    ['modalias export appstream -m dkms.alias --module wl', 'Lines for the metainfo file of a driver'],
    ['modalias export rpm-suse --package kernel-default -m lib/modules/6.4.0-default', 'Supplements for a spec file'],
  ],
  exits: { 1: 'there is nothing to export' },
  async run(args) {
    const name = args.format as string;
    const format = EXPORT_FORMATS[name]!;
    const settings = { package: packageOf(args) };
    for (const need of format.needs ?? [])
      if (settings[need] === undefined)
        throw new ModaliasError('usage', `export: ${name} needs --${need} NAME, such as --${need} kernel-default`);
    const devices = await devicesOf(args);
    const index = await openFor(args, 'many');
    const modules = modulesOf(args);
    const chosen = choose(index, { modules, devices, blacklist: blacklistOf(args) });
    if (modules)
      printDiagnostics(
        strangers(
          modules,
          [...index.patterns()].map(({ module }) => module),
        ),
      );
    const exported = format.write(chosen, settings);
    printDiagnostics(exportNotes(exported, chosen));
    const inputs = (args.modules as string[] | undefined) ?? [runningModules()];
    const document = () => exportJson(name, inputs, chosen, exported);
    if (exported.entries.length === 0) {
      if (args.json) await printJson(document());
      printDiagnostics([{ code: 'no-match', severity: 'warning', message: 'there is nothing to export' }]);
      return EXIT.no;
    }
    if (args.output !== undefined && args.output !== '-')
      await writeWhole(args.output as string, args.json ? `${JSON.stringify(document())}\n` : exported.text);
    else await (args.json ? printJson(document()) : print(exported.text));
    return EXIT.ok;
  },
};

/** A name without what ends it in a dependency: a colon, or what rpm splits at. */
function packageOf(args: Args): string | undefined {
  const name = args.package as string | undefined;
  if (name === undefined || /^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name)) return name;
  throw new ModaliasError('usage', `export: --package: found '${name}', expected the name of a package`);
}

async function devicesOf(args: Args): Promise<readonly KnownDevice[] | undefined> {
  const paths = args.devices as readonly string[] | undefined;
  if (!paths) return undefined;
  const devices = new Map<string, KnownDevice>();
  for (const path of paths) {
    const inventory = await readInventory(path);
    printDiagnostics(inventory.diagnostics);
    for (const device of inventory.devices) devices.set(device.modalias, device);
  }
  return [...devices.values()];
}

/** What the configuration forbids; the index has told what is wrong with that. */
function blacklistOf(args: Args): ReadonlySet<string> {
  const config = readConfig(configOf(args), undefined, () => {});
  return new Set(config?.blacklist.map(({ module }) => module));
}

function modulesOf(args: Args): ReadonlySet<string> | undefined {
  const names = args.module as readonly string[] | undefined;
  return names && new Set(names.map(underscored));
}

function strangers(asked: ReadonlySet<string>, known: readonly string[]): Diagnostic[] {
  const names = new Set(known.map(underscored));
  return [...asked]
    .filter((name) => !names.has(name))
    .map((name) => {
      const message = `--module ${name}: it has no aliases here${didYouMean(name, [...names])}`;
      return { code: 'selects-nothing', severity: 'warning', message };
    });
}
