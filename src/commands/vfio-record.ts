import { hostname } from 'node:os';
import { type Args, type Command, EXIT } from '../command-line/command.ts';
import { print } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { writeFiles } from '../files/write.ts';
import { openAliasIndex } from '../lookup/load.ts';
import { IDENTITIES, type Identity } from '../model/machines/anonymous.ts';
import { recordMachine } from '../model/machines/record.ts';
import { didYouMean } from '../nearest.ts';
import { ROOT_OPTIONS, rootsOf } from './vfio-options.ts';

const { sysfs, proc } = ROOT_OPTIONS;

export const record: Command = {
  name: 'record',
  usage: '[name]',
  summary: 'record this machine in a file, for model check, tests and bug reports',
  description: [
    'Writes the devices, IOMMU groups, drivers and what VFIO depends on as one JSON document, which modalias model reads with --machine. Only what is listed in its format is recorded: serial numbers, MAC addresses, UUIDs, IP addresses, host names and paths of users are left out unless --keep names them, in names of devices and disks too, as far as the machine tells what they are.',
    'With -m, the modules that the kernel names for each device are written too; without them the model does not know which drivers match a device that they do not have.',
  ],
  positionals: { name: { describe: 'Name of the machine in the document', type: 'string', default: 'machine' } },
  options: {
    keep: {
      type: 'string',
      array: true,
      defaultDescription: 'WHAT',
      describe: `Also record what identifies the machine: ${Object.keys(IDENTITIES).join(', ')}`,
    },
    modules: {
      alias: 'm',
      type: 'string',
      defaultDescription: 'PATH',
      describe: 'Modules directory, modules.alias or modules.alias.bin of the kernel',
    },
    output: { alias: 'o', type: 'string', defaultDescription: 'FILE', describe: 'Write to FILE, atomically' },
    sysfs: { ...sysfs!, describe: 'Read this sysfs instead of /sys' },
    proc: proc!,
  },
  lists: [{ title: 'What identifies a machine (--keep)', entries: Object.entries(IDENTITIES) }],
  completes: { name: 'nothing', keep: Object.keys(IDENTITIES), modules: 'file', output: 'file' },
  examples: [
    ['modalias vfio record -m /lib/modules/$(uname -r) -o machine.json', 'This machine'],
    ['modalias model check bind.json --machine machine.json', 'Ask what a script does to it'],
  ],
  async run(args) {
    const keep = keptOf(args);
    const roots = rootsOf(args);
    const index = args.modules === undefined ? undefined : openAliasIndex(args.modules as string, { expected: 'few' });
    const name = keep.has('host-name') && args.name === 'machine' ? hostname() : (args.name as string);
    const machine = recordMachine(roots, {
      name,
      keep,
      modulesFor:
        index &&
        ((modalias) => [...new Set(index.lookupAll(modalias).flatMap((found) => found.map(({ module }) => module)))]),
    });
    const text = `${JSON.stringify(machine, null, 1)}\n`;
    const output = args.output as string | undefined;
    if (output === undefined || output === '-') await print(text);
    else await writeFiles([{ path: output, data: Buffer.from(text) }]);
    return EXIT.ok;
  },
};

function keptOf(args: Args): ReadonlySet<Identity> {
  const words = ((args.keep as readonly string[] | undefined) ?? []).flatMap((list) => list.split(','));
  const known = Object.keys(IDENTITIES);
  for (const word of words)
    if (!known.includes(word))
      throw new ModaliasError(
        'usage',
        `vfio record: --keep: found '${word}', expected ${known.join(', ')}${didYouMean(word, known)}`,
      );
  return new Set(words as Identity[]);
}
