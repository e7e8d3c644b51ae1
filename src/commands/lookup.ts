import { release } from 'node:os';
import { ModaliasError } from '../errors.ts';
import { readLines } from '../files/lines.ts';
import { loadAliasIndex } from '../match/load.ts';
import type { Match } from '../match/match.ts';
import type { Command } from './command.ts';
import { EXIT } from './command.ts';
import { print, printDiagnostics, printJson } from './output.ts';

export const lookup: Command = {
  name: 'lookup',
  usage: '<modalias..>',
  summary: 'name the modules that serve a modalias',
  description: [
    'Prints the modules whose aliases match, one a line, exactly those that modprobe would load. A modalias of `-` reads one a line from standard input.',
  ],
  positionals: { modalias: { describe: 'What a device carries, e.g. in /sys/.../modalias; - reads one a line' } },
  options: {
    modules: {
      alias: 'm',
      type: 'string',
      defaultDescription: 'PATH',
      describe: "Modules directory, modules.alias or modules.alias.bin (default: the running kernel's)",
    },
    prefix: { type: 'string', defaultDescription: 'NAME', describe: 'Look for override aliases, e.g. vfio' },
    json: { type: 'boolean', describe: 'Print one JSON document a line for each modalias' },
  },
  examples: [
    ['modalias lookup "$(cat /sys/bus/pci/devices/0000:00:1f.2/modalias)"', 'The modules for a device'],
    ['cat /sys/bus/*/devices/*/modalias | modalias lookup --json -', 'Every device of this machine'],
  ],
  exits: { 1: 'a modalias has no match' },
  async run(args) {
    const index = await loadAliasIndex((args.modules as string | undefined) ?? `/lib/modules/${release()}`);
    const prefix = args.prefix === undefined ? '' : `${args.prefix as string}_`;
    let status: number = EXIT.ok;
    const answer = async (modalias: string) => {
      let matches: readonly Match[] = [];
      try {
        matches = index.lookup(prefix + modalias);
      } catch (error) {
        if (!(error instanceof ModaliasError)) throw error;
        printDiagnostics(error.problems.map((p) => ({ ...p, severity: 'warning' })));
      }
      if (matches.length === 0) status = EXIT.no;
      const modules = [...new Set(matches.map((m) => m.module))];
      await (args.json
        ? printJson({ modalias, modules, matches, best: matches[0] ?? null, ambiguous: false })
        : print(modules.map((m) => `${m}\n`).join('')));
    };
    for (const modalias of args.modalias as string[]) {
      if (modalias === '-') for await (const line of readLines('-')) await answer(line);
      else await answer(Buffer.from(modalias).toString('latin1'));
    }
    return status;
  },
};
