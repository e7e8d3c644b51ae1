import { hasKnownLines } from './lines.ts';
import { testWords } from '../conditions.ts';
import { type CommandTable, DONE, FAILED, type Outcome, type Run, said } from '../outcome.ts';
import { parseBuilt } from '../source.ts';
import { SOME_WORDS, UNKNOWN_TEXT } from '../thread.ts';
import { factOf } from '../undecided.ts';
import { ofBearableLength, Unreadable } from '../unreadable.ts';

const NAME = /^[A-Za-z_]\w*$/;

/** export, declare, local and readonly: `name=value` or `name`, after options. */
function declare(kind: 'export' | 'declare' | 'local') {
  return ({ words, thread: t, expander, name: command }: Run): Outcome => {
    const options = words.filter((word) => /^[-+]/.test(word)).join('');
    if (/[pFf]/.test(options) && command !== 'readonly') return said(UNKNOWN_TEXT);
    if (options.includes('n')) throw new Unreadable(`${command} -n`);
    for (const word of words) {
      if (/^[-+]/.test(word)) continue;
      const at = word.indexOf('=');
      const name = at < 0 ? word : word.slice(0, at);
      if (!NAME.test(name)) throw new Unreadable(`${command} ${word}`);
      if (kind !== 'export' && t.locals && !options.includes('g') && !t.locals.has(name))
        t.locals = new Map(t.locals).set(name, t.variables.get(name));
      if (at >= 0) expander.parameters.set(name, ofBearableLength(word.slice(at + 1)));
      else if (/[aA]/.test(options) && !t.variables.has(name)) expander.parameters.set(name, new Map());
      else if (kind === 'local' && typeof t.variables.get(name) === 'string') expander.parameters.unset(name);
      if (kind === 'export' || options.includes('x')) t.exported = new Set([...t.exported, name]);
    }
    return DONE;
  };
}

/** read: a line of the standard input, split at IFS into the variables; false at its end. */
function read({ words, thread: t, expander, input }: Run): Outcome {
  const options = words.filter((word) => /^-/.test(word));
  if (options.some((word) => !/^-(?:r|s|e|rs|t|p|n)$/.test(word) && !/^-[tn]\d+$/.test(word)))
    throw new Unreadable(`read ${options.join(' ')}`);
  const names = words.filter((word, i) => !word.startsWith('-') && !/^-[tpn]$/.test(words[i - 1] ?? ''));
  if (!hasKnownLines(input)) {
    t.descriptors = t.descriptors.with(0, { kind: 'text', text: UNKNOWN_TEXT });
    for (const name of names.length === 0 ? ['REPLY'] : names) expander.parameters.set(name, UNKNOWN_TEXT);
    return { status: -1 };
  }
  const end = input.indexOf('\n');
  const line = end < 0 ? input : input.slice(0, end);
  t.descriptors = t.descriptors.with(0, { kind: 'text', text: end < 0 ? '' : input.slice(end + 1) });
  const ifs = expander.parameters.ifs();
  const variables = names.length === 0 ? ['REPLY'] : names;
  let rest = names.length === 0 ? line : trim(line, ifs);
  for (const [i, name] of variables.entries()) {
    // From words that are not known on, nobody knows where the next field begins.
    const [blank, open] = [[...rest].findIndex((c) => ifs.includes(c)), rest.indexOf(UNKNOWN_TEXT)];
    const isKnown = open < 0 || (blank >= 0 && blank < open);
    if (!isKnown && i < variables.length - 1) {
      for (const one of variables.slice(i)) expander.parameters.set(one, SOME_WORDS);
      break;
    }
    if (i === variables.length - 1) expander.parameters.set(name, rest);
    else {
      const at = [...rest].findIndex((c) => ifs.includes(c));
      expander.parameters.set(name, at < 0 ? rest : rest.slice(0, at));
      const after = at < 0 ? '' : rest.slice(at);
      rest = at < 0 ? '' : /\s/.test(after[0]!) ? trim(after, ifs) : after.slice(1);
    }
  }
  return end < 0 ? FAILED : DONE;
}

function trim(text: string, ifs: string): string {
  const blank = [...ifs].filter((c) => ' \t\n'.includes(c));
  let [from, to] = [0, text.length];
  while (from < to && blank.includes(text[from]!)) from++;
  while (to > from && blank.includes(text[to - 1]!)) to--;
  return text.slice(from, to);
}

const SHORT: Readonly<Record<string, string>> = { e: 'errexit', u: 'nounset', f: 'noglob', x: 'xtrace', v: 'verbose' };
const OPTIONS = new Set([...Object.values(SHORT), 'pipefail', 'posix', 'errtrace']);

function set({ words, thread: t, text }: Run): Outcome {
  const options = new Set(t.options);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--' || !/^[-+]./.test(word)) {
      t.words = word === '--' ? words.slice(i + 1) : words.slice(i);
      break;
    }
    for (const letter of word.slice(1)) {
      const name = letter === 'o' ? words[++i] : SHORT[letter];
      if (letter === 'E' || letter === 'T') continue;
      if (name === undefined || !OPTIONS.has(name)) throw new Unreadable(text);
      if (word[0] === '-') options.add(name);
      else options.delete(name);
    }
  }
  t.options = options;
  return DONE;
}

/** let: each word is an arithmetic expression; false where the last is 0. */
function letWords({ words, expander, place, text }: Run): Outcome {
  let value = 0n;
  for (const word of words) {
    const node = parseBuilt(`((${word}))`, place)?.script.commands[0]?.command;
    if (node?.type !== 'ArithmeticCommand' || word.includes(UNKNOWN_TEXT)) throw new Unreadable(text);
    value = expander.arithmetic(node.expression);
  }
  return { status: value === 0n ? 1 : 0 };
}

/** getopts: the next option of the positional parameters, with its value in OPTARG (POSIX.1). */
function getopts({ words, thread: t, expander, text }: Run): Outcome {
  const [letters = '', name = '', ...given] = words;
  const list = given.length > 0 ? given : t.words;
  const { parameters } = expander;
  const index = Number(parameters.value('OPTIND') ?? '1');
  if (!NAME.test(name) || !Number.isInteger(index) || (letters + list.join('')).includes(UNKNOWN_TEXT))
    throw new Unreadable(text);
  // Where it stands in a word of several options, bash and dash keep to themselves; here it is kept beside.
  const inside = t.inOption?.index === index ? t.inOption.at : 1;
  const word = list[index - 1];
  const leave = (option: string, after: number): Outcome => {
    const ended = word === undefined || after >= word.length;
    t.inOption = ended ? null : { index, at: after };
    parameters.set('OPTIND', `${ended ? index + 1 : index}`);
    parameters.set(name, option);
    return DONE;
  };
  if (word === undefined || !/^-./.test(word) || word === '--') {
    parameters.set('OPTIND', `${word === '--' ? index + 1 : index}`);
    parameters.set(name, '?');
    t.inOption = null;
    return FAILED;
  }
  const option = word[inside]!;
  const at = option === ':' ? -1 : letters.indexOf(option);
  const silent = letters.startsWith(':');
  parameters.unset('OPTARG');
  if (at < 0) {
    if (silent) parameters.set('OPTARG', option);
    return leave('?', inside + 1);
  }
  if (letters[at + 1] !== ':') return leave(option, inside + 1);
  const rest = word.slice(inside + 1);
  const value = rest === '' ? list[index] : rest;
  t.inOption = null;
  parameters.set('OPTIND', `${rest === '' ? index + 2 : index + 1}`);
  if (value === undefined) {
    if (silent) parameters.set('OPTARG', option);
    parameters.set(name, silent ? ':' : '?');
    parameters.set('OPTIND', `${index + 1}`);
    return DONE;
  }
  parameters.set('OPTARG', value);
  parameters.set(name, option);
  return DONE;
}

/** mapfile: the lines of its input as an array. */
function mapfile({ words, thread: t, expander, input, text }: Run): Outcome {
  const strip = words.includes('-t');
  const names = words.filter((word) => !word.startsWith('-'));
  if (words.some((word) => word.startsWith('-') && word !== '-t') || names.length > 1) throw new Unreadable(text);
  t.descriptors = t.descriptors.with(0, { kind: 'text', text: '' });
  if (input.includes(UNKNOWN_TEXT)) throw new Unreadable('how many lines a text has that is not known');
  const lines = input.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const rows = lines.map((line, i): [string, string] => [`${i}`, strip ? line.replace(/\n$/, '') : line]);
  expander.parameters.set(names[0] ?? 'MAPFILE', new Map(rows));
  return DONE;
}

/** Builtins about variables, positional parameters and conditions. */
export const VARIABLE_COMMANDS: CommandTable = {
  set,
  read,
  getopts,
  let: letWords,
  mapfile,
  readarray: mapfile,
  export: declare('export'),
  declare: declare('declare'),
  typeset: declare('declare'),
  local: declare('local'),
  readonly: declare('declare'),
  unset: ({ words, thread: t, expander }) => {
    for (const word of words) {
      if (words[0] === '-f') t.functions = new Map([...t.functions].filter(([name]) => name !== word));
      else if (NAME.test(word)) expander.parameters.unset(word);
      else if (word !== '-v') throw new Unreadable(`unset ${word}`);
    }
    return DONE;
  },
  shift: ({ words, thread: t }) => {
    const count = Number(words[0] ?? '1');
    if (!Number.isInteger(count) || count < 0) throw new Unreadable(`shift ${words[0]}`);
    if (count > t.words.length) return FAILED;
    t.words = t.words.slice(count);
    return DONE;
  },
  shopt: ({ words, thread: t }) => {
    const options = new Set(t.options);
    for (const word of words)
      if (word === 'nullglob' || word === 'extglob') words[0] === '-s' ? options.add(word) : options.delete(word);
      else if (!word.startsWith('-')) throw new Unreadable(`shopt ${word}`);
    t.options = options;
    return DONE;
  },
  cd: ({ words, thread: t, files }) => {
    const [to] = words.filter((word) => !word.startsWith('-'));
    if (to === undefined) throw new Unreadable('cd without a directory');
    const kind = files.kind(to);
    if (kind === 'unknown') throw new Unreadable(`cd ${to.replaceAll(UNKNOWN_TEXT, '?')}`);
    if (kind !== 'directory') return FAILED;
    t.directory = files.absolute(to);
    return DONE;
  },
  pwd: ({ thread: t }) => said(`${t.directory}\n`),
  test: (run) => ({ status: testWords(run.words, run) ? 0 : 1 }),
  '[': (run) => {
    if (run.words.at(-1) !== ']') return { status: 2 };
    return { status: testWords(run.words.slice(0, -1), run) ? 0 : 1 };
  },
  command: (run) => whereIs(run),
  type: (run) => whereIs(run),
  which: (run) => whereIs(run),
  hash: (run) => ({ status: run.words.length === 0 ? 0 : whereIs(run).status }),
};

/** Programs that a machine on which devices are bound has: what `command -v` finds. */
const COMMAND_NAMES: ReadonlySet<string> = new Set(
  `sh bash dash echo printf test cat tee dd ls rm mkdir touch mktemp chmod chown basename dirname readlink realpath cut
   tr sed awk grep egrep sort uniq head tail wc seq date sleep logger sync id uname hostname mount modprobe insmod rmmod
   lsmod modinfo depmod udevadm lspci driverctl`
    .split(/\s+/)
    .filter(Boolean),
);

/** `command -v NAME`: what this reads is installed; of other programs it is not known. */
function whereIs({ words, thread: t }: Run): Outcome {
  const [name, ...others] = words.filter((word) => !word.startsWith('-'));
  if (name === undefined) return FAILED;
  if (others.length > 0) throw new Unreadable('a search for several programs at once');
  if (t.functions.has(name)) return said(`${name}\n`);
  if (COMMAND_NAMES.has(name)) return said(`/usr/bin/${name}\n`);
  if (factOf(t, [`${name} is not installed`, `${name} is installed`]) === 1) return said(`/usr/bin/${name}\n`);
  return FAILED;
}
