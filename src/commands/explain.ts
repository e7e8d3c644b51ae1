import { styleText } from 'node:util';
import { type Args, type Command, EXIT } from '../command-line/command.ts';
import { print, printDiagnostics, printJson } from '../command-line/output.ts';
import { orNone } from '../command-line/unanswerable.ts';
import type { Diagnostic } from '../errors.ts';
import type { Explanation } from '../explain/explanation.ts';
import { rawPath } from '../files/raw-path.ts';
import { withPrefix } from '../lookup/alias-index.ts';
import type { Rank } from '../match/match.ts';
import { explanationDocument } from '../report/explanation-json.ts';
import { explanationText } from '../report/explanation-text.ts';
import { installedNames } from '../report/id-names.ts';
import { outputWidth } from '../report/terminal.ts';
import { MATCHING_OPTIONS, openFor, SYSFS_OPTION } from './matching-options.ts';

export const explain: Command = {
  name: 'explain',
  usage: '<modalias>',
  summary: 'explain which modules serve a modalias',
  description: [
    'Shows the fields of the modalias, then every candidate: its pattern, module and file, whether it is loadable, built in or blacklisted, its place under each rule, and which fields it matches exactly or leaves open. Then shows the matches that are hidden, and by what, and the three closest patterns that do not match.',
    'A device of this machine can be given by its address, its path in sysfs, or a line of lspci or lsusb output: its modalias is read and explained. For a truncated modalias, the missing fields are listed, with the patterns that match whatever their values.',
    'Names of vendors, devices and classes come from pci.ids and usb.ids if installed.',
  ],
  positionals: {
    modalias: { describe: "A modalias, as in a device's modalias file in sysfs, or the address of a device" },
  },
  options: { ...MATCHING_OPTIONS, json: { type: 'boolean', describe: 'Print one JSON document' }, ...SYSFS_OPTION },
  examples: [
    ['modalias explain pci:v00008086d00000953sv00008086sd00003702bc01sc08i02', 'Why nvme serves this disk'],
    ['modalias explain --prefix vfio "$(cat /sys/bus/pci/devices/0000:01:00.0/modalias)"', 'Its VFIO drivers compared'],
  ],
  exits: {
    1: 'no alias matches',
    2: 'no answer: wrong usage, unreadable input, ids alone, or no such device',
  },
  async run(args) {
    const choice = { prefix: args.prefix as string | undefined, rank: args.rank as Rank };
    const index = await openFor(args, 'many');
    const asked = rawPath(args.modalias as string);
    const explained = (modalias: string, diagnostics: readonly Diagnostic[]): Answer => {
      const { answer, problems } = orNone(
        () => index.explain(modalias, choice),
        () => unexplained(withPrefix(modalias, choice.prefix)),
      );
      return { explanation: answer, problems: [...problems, ...diagnostics] };
    };
    const first = explained(asked, []);
    if (first.explanation.candidates.length > 0) return printed([first], args);
    const { understands } = await import('./not-a-modalias.ts');
    const { modaliases, diagnostics } = understands(args.sysfs as string)(asked);
    printDiagnostics(diagnostics);
    if (modaliases.length > 0)
      return printed(
        modaliases.map((modalias) => explained(modalias, [])),
        args,
      );
    if (!diagnostics.some(({ severity }) => severity === 'error')) return printed([first], args);
    if (args.json) await printed([explained(asked, diagnostics)], args);
    return EXIT.unanswered;
  },
};

interface Answer {
  readonly explanation: Explanation;
  readonly problems: readonly Diagnostic[];
}

/** Prints explanations: one, or for a USB device one for each interface. */
async function printed(answers: readonly Answer[], args: Args): Promise<number> {
  for (const [i, { explanation, problems }] of answers.entries()) {
    const names = installedNames(explanation);
    if (args.json) {
      await printJson(explanationDocument(explanation, names, problems));
    } else {
      const paint = (style: Parameters<typeof styleText>[0], text: string) =>
        styleText(style, text, { stream: process.stdout, validateStream: true });
      await print((i > 0 ? '\n' : '') + explanationText(explanation, names, outputWidth(), paint));
    }
  }
  return answers.some(({ explanation }) => explanation.candidates.length > 0) ? EXIT.ok : EXIT.no;
}

function unexplained(key: string): Explanation {
  return { key, fields: [], candidates: [], ambiguous: false, hidden: [], nearest: [] };
}
