import type { Options } from 'yargs';
import type { Command, CommandEntry } from './command.ts';
import { COMMON_OPTIONS } from './command.ts';
import { readUsage } from './positionals.ts';

/** A term and what it means: an option, an argument, an exit status, an example. */
export interface Entry {
  readonly term: string;
  readonly text: string;
}

/** A part of a manual: prose, or a list of terms, or both. */
export interface Section {
  readonly title: string;
  readonly paragraphs?: readonly string[];
  readonly entries?: readonly Entry[];
}

/** A manual as data; --help prints it as text and the man pages as groff. */
export interface Manual {
  /** The words that invoke it: `modalias vfio plan`. */
  readonly name: string;
  readonly summary: string;
  readonly synopsis: string;
  readonly sections: readonly Section[];
}

const EXITS = {
  0: 'done, or the answer is yes',
  1: 'the answer is no: no match, differences or findings',
  2: 'no answer: wrong usage, unreadable or malformed input',
};

/** The manual of the program itself: its commands, each with one line. */
export function programManual(table: readonly CommandEntry[]): Manual {
  return {
    name: 'modalias',
    summary: 'generate, build, verify and look up Linux modules.alias',
    synopsis: 'modalias COMMAND [OPTION..] [ARGUMENT..]',
    sections: [
      { title: 'Commands', entries: table.map((e) => ({ term: e.name, text: e.summary })) },
      {
        title: 'Options',
        entries: [...optionEntries(COMMON_OPTIONS), { term: '-V, --version', text: 'Show the version' }],
      },
      { title: 'Exit status', entries: exitEntries(EXITS) },
      { title: 'See also', paragraphs: ['modalias COMMAND --help shows the options of a command, with examples.'] },
    ],
  };
}

/** The manual of a command, `path` being the words that call it after `modalias`. */
export function commandManual(command: Command, path: string): Manual {
  const subcommands = command.subcommands ?? [];
  const synopsis = `modalias ${path} ${subcommands.length ? 'COMMAND ' : ''}[OPTION..] ${inCapitals(command.usage)}`;
  const sections: Section[] = [
    { title: 'Description', paragraphs: command.description },
    { title: 'Commands', entries: subcommands.map((s) => ({ term: s.name, text: s.summary })) },
    { title: 'Arguments', entries: positionalEntries(command) },
    { title: 'Options', entries: optionEntries({ ...command.options, ...COMMON_OPTIONS }) },
    ...(command.lists ?? []).map(({ title, entries }) => ({
      title,
      entries: entries.map(([term, text]) => ({ term, text })),
    })),
    { title: 'Examples', entries: command.examples.map(([term, text]) => ({ term, text })) },
    // A command that does not document exit status 1 never returns it.
    { title: 'Exit status', entries: exitEntries({ 0: EXITS[0], 2: EXITS[2], ...command.exits }) },
  ];
  return {
    name: `modalias ${path}`,
    summary: command.summary,
    synopsis: synopsis.trim(),
    sections: sections.filter((s) => s.paragraphs?.length || s.entries?.length),
  };
}

/** `<modalias..> [file]` -> `MODALIAS.. [FILE]`, as manuals write it. */
function inCapitals(usage: string): string {
  return readUsage(usage)
    .map((p) => `${p.name.toUpperCase()}${p.several ? '..' : ''}`.replace(/.*/s, (s) => (p.required ? s : `[${s}]`)))
    .join(' ');
}

function positionalEntries(command: Command): Entry[] {
  return readUsage(command.usage).flatMap(({ name }) => {
    const positional = command.positionals?.[name];
    return positional ? [{ term: name.toUpperCase(), text: withChoices(positional) }] : [];
  });
}

function optionEntries(options: Readonly<Record<string, Options>>): Entry[] {
  return Object.entries(options)
    .filter(([, option]) => !option.hidden)
    .map(([name, option]) => {
      const short =
        option.alias === undefined
          ? ''
          : [option.alias]
              .flat()
              .map((a) => `-${a}, `)
              .join('');
      return { term: `${short}--${name}${valueName(name, option)}`, text: withChoices(option) };
    });
}

function valueName(name: string, option: Options): string {
  if (option.type === 'boolean') return '';
  return ` ${(typeof option.defaultDescription === 'string' ? option.defaultDescription : name).toUpperCase()}`;
}

function withChoices(option: Options): string {
  const notes = [
    option.choices ? `one of ${option.choices.join(', ')}` : '',
    option.default !== undefined && option.default !== false ? `default ${String(option.default)}` : '',
  ].filter(Boolean);
  return `${option.describe ?? ''}${notes.length ? ` (${notes.join('; ')})` : ''}`;
}

function exitEntries(exits: Readonly<Record<number, string>>): Entry[] {
  return Object.entries(exits).map(([status, text]) => ({ term: status, text }));
}
