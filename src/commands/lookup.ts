import type { Args, Command } from '../command-line/command.ts';
import { EXIT } from '../command-line/command.ts';
import { print } from '../command-line/output.ts';
import { orNone } from '../command-line/unanswerable.ts';
import { readLines } from '../files/lines.ts';
import { rawPath } from '../files/raw-path.ts';
import { type AliasIndex, withPrefix } from '../lookup/alias-index.ts';
import type { Rank } from '../match/match.ts';
import { type LookupStyle, lookupJson, lookupText } from '../report/lookup-lines.ts';
import { MATCHING_OPTIONS, openFor } from './matching-options.ts';

/** More keys than this are worth an index of their own. */
const FEW = 8;

export const lookup: Command = {
  name: 'lookup',
  usage: '<modalias..>',
  summary: 'name the modules that serve a modalias',
  description: [
    'Prints the modules whose aliases match, one a line, the best first. What matches is exactly what libkmod finds: names of modules, modules.alias, what is built in, and the configuration of modprobe.',
    'The first source that knows the modalias answers alone, as in libkmod; --all-sources shows the others too. For many modaliases give - and one a line on standard input: the answers come as the lines come.',
  ],
  positionals: {
    modalias: { describe: 'What a device carries in its file modalias; - reads one a line from standard input' },
  },
  options: {
    ...MATCHING_OPTIONS,
    best: { type: 'boolean', describe: 'Print the best module only', conflicts: ['all', 'modprobe', 'all-sources'] },
    all: { type: 'boolean', describe: 'Print every match: module, source and pattern', conflicts: ['modprobe'] },
    'all-sources': { type: 'boolean', describe: 'Like --all, with the matches that an earlier source hides' },
    modprobe: {
      type: 'boolean',
      describe: 'Print exactly what modprobe -R does: its order, its repeats',
      conflicts: ['all-sources'],
    },
    json: { type: 'boolean', describe: 'Print one JSON document a line for each modalias' },
  },
  examples: [
    ['modalias lookup pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00', 'The modules for a network card'],
    ['modalias lookup --prefix vfio "$(cat /sys/bus/pci/devices/0000:01:00.0/modalias)"', 'Its VFIO driver'],
    ['cat /sys/bus/*/devices/*/modalias | modalias lookup --json -', 'Every device of this machine'],
  ],
  exits: { 1: 'at least one modalias has no match' },
  async run(args) {
    const words = args.modalias as string[];
    const index = openFor(args, words.includes('-') || words.length > FEW ? 'many' : 'few');
    let status: number = EXIT.ok;
    for await (const batch of keys(words)) {
      const answers = batch.map((modalias) => answerOf(index, modalias, args));
      if (!answers.every((answer) => answer.found)) status = EXIT.no;
      await print(answers.map((answer) => answer.text).join(''), args.json ? 'utf8' : 'latin1');
    }
    return status;
  },
};

/** The modaliases in batches as they come in. */
async function* keys(words: readonly string[]): AsyncGenerator<readonly string[]> {
  for (const word of words) {
    if (word === '-') for await (const lines of readLines('-')) yield lines.map(withoutReturn);
    else yield [rawPath(word)];
  }
}

/** A list from Windows ends its lines with a carriage return too, which no modalias does. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** One modalias's lines. One that cannot be looked up at all is a warning and has no match. */
function answerOf(index: AliasIndex, modalias: string, args: Args): { found: boolean; text: string } {
  const style: LookupStyle = {
    rank: args.rank as Rank,
    show: args['all-sources']
      ? 'all-sources'
      : args.all
        ? 'all'
        : args.best
          ? 'best'
          : args.modprobe
            ? 'modprobe'
            : 'names',
  };
  const asked = withPrefix(modalias, args.prefix as string | undefined);
  const { answer: answers, problems } = orNone(
    () => (args['all-sources'] ? index.lookupAll(asked) : [index.lookup(asked)]),
    () => [],
  );
  const found = (answers[0]?.length ?? 0) > 0;
  return { found, text: args.json ? lookupJson(modalias, answers, style, problems) : lookupText(answers, style) };
}
