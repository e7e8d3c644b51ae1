import type { Args, Command } from '../command-line/command.ts';
import { EXIT } from '../command-line/command.ts';
import { print, printDiagnostics } from '../command-line/output.ts';
import { orNone } from '../command-line/unanswerable.ts';
import { faultsOf, incomplete } from '../explain/incomplete.ts';
import { unknownBus, unknownBusText } from '../explain/known-buses.ts';
import { readLines } from '../files/lines.ts';
import { rawPath, readablePath } from '../files/raw-path.ts';
import { type AliasIndex, withPrefix } from '../lookup/alias-index.ts';
import { likenessOf } from '../lookup/likeness.ts';
import type { Rank } from '../match/match.ts';
import { type LookupDocument, type LookupStyle, lookupJson, lookupText } from '../report/lookup-lines.ts';
import { MATCHING_OPTIONS, openFor, SYSFS_OPTION } from './matching-options.ts';
import type { Understood } from './not-a-modalias.ts';

/** More keys than this are worth building an index. */
const FEW = 8;

export const lookup: Command = {
  name: 'lookup',
  usage: '<modalias..>',
  summary: 'name the modules that serve a modalias',
  description: [
    'Prints the modules that serve each MODALIAS, best first, one per line.',
    'As in libkmod, only the first source with a match answers; --all-sources shows the others too. To look up many modaliases, give - and write one per line to standard input: each is answered as it arrives.',
    'An argument without a match can also name a device of this machine: a PCI or USB address, a path in sysfs, or a line of lspci or lsusb output. Its modalias is then read, shown and looked up, except with --modprobe.',
  ],
  positionals: {
    modalias: {
      describe:
        "A modalias, as in a device's modalias file in sysfs, or the address of a device; - reads one per line from standard input",
    },
  },
  options: {
    ...MATCHING_OPTIONS,
    best: { type: 'boolean', describe: 'Print the best module only', conflicts: ['all', 'modprobe', 'all-sources'] },
    all: { type: 'boolean', describe: 'Print every match: module, source and pattern', conflicts: ['modprobe'] },
    'all-sources': { type: 'boolean', describe: 'Like --all, with the matches that an earlier source hides' },
    modprobe: {
      type: 'boolean',
      describe: 'Print exactly what modprobe -R prints, in its order and with its duplicates',
      conflicts: ['all-sources'],
    },
    'with-input': {
      type: 'boolean',
      describe:
        'Prefix each answer with its modalias and a tab, and print - where there is none; the default on a terminal with several modaliases',
      conflicts: ['modprobe', 'json'],
    },
    json: { type: 'boolean', describe: 'Print one JSON document per modalias, one per line' },
    ...SYSFS_OPTION,
  },
  examples: [
    ['modalias lookup pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00', 'The modules for a network card'],
    ['modalias lookup --prefix vfio "$(cat /sys/bus/pci/devices/0000:01:00.0/modalias)"', 'Its VFIO driver'],
    ['modalias lookup 0000:01:00.0', 'The modules for a device of this machine'],
    ['cat /sys/bus/*/devices/*/modalias | modalias lookup --json -', 'Every device of this machine'],
  ],
  exits: {
    1: 'at least one modalias has no match',
    2: 'no answer: wrong usage, unreadable input, ids alone, or no such device',
  },
  async run(args) {
    const words = args.modalias as string[];
    const several = words.includes('-') || words.length > 1;
    const index = await openFor(args, words.includes('-') || words.length > FEW ? 'many' : 'few');
    const shown = { ...args, withInput: args.withInput ?? (several && !args.modprobe && process.stdout.isTTY) };
    let understand: ((text: string) => Understood) | undefined;
    let status: number = EXIT.ok;
    for await (const batch of keys(words)) {
      let text = '';
      for (const asked of batch) {
        let answer = answerOf(index, asked, shown);
        if (!answer.found && !args.modprobe) {
          // Only a text without a match is considered, so that every answer of libkmod stands and a match costs no
          // import.
          understand ??= (await import('./not-a-modalias.ts')).understands(args.sysfs as string);
          answer = answerTo(index, asked, cutOff(asked) ?? understand(asked), answer, shown);
        }
        status = Math.max(status, answer.status);
        text += answer.text;
      }
      await print(text, args.json ? 'utf8' : 'latin1');
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

/** A list from Windows ends its lines with a carriage return; a modalias never does. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** The note for a modalias that no device has: it lacks fields, or values are cut off. */
function cutOff(modalias: string): Understood | undefined {
  const cut = incomplete(modalias.replaceAll('-', '_'));
  // Digits in lower case have a note of their own.
  if (!cut || likenessOf(modalias)) return undefined;
  const message = `'${modalias.slice(0, 80)}' ${faultsOf(cut)}`;
  return { modaliases: [], diagnostics: [{ code: 'incomplete', severity: 'note', message }] };
}

interface Answer {
  readonly found: boolean;
  readonly status: number;
  readonly text: string;
}

/** One modalias's lines. One that cannot be looked up at all is a warning and has no match. */
function answerOf(index: AliasIndex, modalias: string, args: Args, more: Partial<LookupDocument> = {}): Answer {
  const style: LookupStyle = {
    rank: args.rank as Rank,
    withInput: args.withInput === true,
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
  const key = withPrefix(modalias, args.prefix as string | undefined);
  const { answer: answers, problems } = orNone(
    () => (args['all-sources'] ? index.lookupAll(key) : [index.lookup(key)]),
    () => [],
  );
  const found = (answers[0]?.length ?? 0) > 0;
  const all = [...problems, ...(more.problems ?? [])];
  const text = args.json
    ? lookupJson({ ...more, modalias, problems: all }, answers, style)
    : lookupText(more.asked ?? modalias, answers, style);
  return { found, status: found ? EXIT.ok : EXIT.no, text };
}

/** What to say of a miss: nothing in scripts, but for a single argument that is not a modalias at all. */
function missText(asked: string, args: Args): string | undefined {
  const [only, ...more] = args.modalias as readonly string[];
  if (args.json || args.withInput) return undefined;
  if (more.length === 0 && only !== '-' && !/^[a-z][a-z0-9_-]*:/.test(asked))
    return `'${readablePath(asked)}' is not a modalias, and no module or device has this name; a modalias starts with its bus, as in pci:v00008086..`;
  const unknown = unknownBus(asked);
  if (more.length === 0 && only !== '-' && unknown !== undefined) return unknownBusText(unknown);
  return process.stderr.isTTY ? `no module serves '${readablePath(asked)}'` : undefined;
}

/** The answer to a text without a match: that of the modaliases it was understood to mean, or its own with a note. */
function answerTo(
  index: AliasIndex,
  asked: string,
  { modaliases, diagnostics }: Understood,
  miss: Answer,
  args: Args,
): Answer {
  printDiagnostics(diagnostics);
  if (modaliases.length > 0) {
    const answers = modaliases.map((modalias) => answerOf(index, modalias, args, { asked }));
    const found = answers.some((answer) => answer.found);
    return { found, status: found ? EXIT.ok : EXIT.no, text: answers.map(({ text }) => text).join('') };
  }
  if (diagnostics.length === 0) {
    const message = missText(asked, args);
    if (message !== undefined) printDiagnostics([{ code: 'no-match', severity: 'note', message }]);
    return miss;
  }
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  const { text } = args.json ? answerOf(index, asked, args, { problems: diagnostics }) : miss;
  return { found: false, status: failed ? EXIT.unanswered : EXIT.no, text };
}
