import type { FileKind } from '../files.ts';
import { type CommandTable, DONE, FAILED, type Outcome, type Run, said } from '../outcome.ts';
import { SOME_NAME, SOME_TEXT, UNKNOWN_STATUS, UNKNOWN_TEXT } from '../thread.ts';
import { choose } from '../undecided.ts';
import { Unreadable } from '../unreadable.ts';
import { writeTo } from '../write.ts';

/** The words that are not options. */
export function operands(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  if (end < 0) return words.filter((word) => !/^-./.test(word));
  return [...words.slice(0, end).filter((word) => !/^-./.test(word)), ...words.slice(end + 1)];
}

/** The text of the files named, or of the standard input; null where one is missing. */
export function contents({ files, input, thread }: Run, paths: readonly string[]): string | null {
  if (paths.length === 0 || (paths.length === 1 && paths[0] === '-')) {
    thread.descriptors = thread.descriptors.with(0, { kind: 'text', text: '' });
    return input;
  }
  const texts = paths.map((path) => files.text(path));
  return texts.includes(null) ? null : texts.join('');
}

function cat(run: Run): Outcome {
  letters(run, 'u');
  const text = contents(run, operands(run.words));
  return text === null ? FAILED : said(text);
}

/** tee writes each read of its input to every file; a text of this length is one. */
function tee(run: Run): Outcome {
  const { words, files, thread } = run;
  const text = contents(run, [])!;
  const events = operands(words).flatMap((path) =>
    writeTo(thread, { kind: 'file', path: files.absolute(path) }, text, false, files),
  );
  return { status: 0, out: text, events };
}

/** `dd of=FILE` copies its input in one write, where nothing else is asked. */
function dd(run: Run): Outcome {
  const given = new Map(run.words.map((word) => word.split(/=(.*)/s, 2) as [string, string]));
  const odd = [...given.keys()].find((name) => !['if', 'of', 'bs', 'status', 'count', 'conv'].includes(name));
  if (odd !== undefined) throw new Unreadable(`dd ${odd}=`, true);
  const from = given.get('if');
  const text = contents(run, from === undefined ? [] : [from]);
  if (text === null) return FAILED;
  const to = given.get('of');
  if (to === undefined) return said(text);
  const events = writeTo(run.thread, { kind: 'file', path: run.files.absolute(to) }, text, false, run.files);
  return { status: 0, events };
}

function each(paths: readonly string[], suffix: (path: string) => string | null): Outcome {
  if (paths.length === 0) return FAILED;
  const found = paths.map(suffix);
  const out = found.map((text) => (text === null ? '' : `${text}\n`)).join('');
  return { status: found.includes(null) ? 1 : 0, out };
}

function basename(path: string): string {
  if (path === UNKNOWN_TEXT) return path;
  const trimmed = path.replace(/(?<=.)\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1) || (path === '' ? '' : '/');
}

function dirname(path: string): string {
  if (path.replaceAll(SOME_NAME, '').includes(UNKNOWN_TEXT)) return UNKNOWN_TEXT;
  const trimmed = path.replace(/(?<=.)\/+$/, '');
  const at = trimmed.lastIndexOf('/');
  return at < 0 ? '.' : trimmed.slice(0, at).replace(/\/+$/, '') || '/';
}

/** Options of a command as letters; Unreadable where there are others than these. */
export function letters({ words }: Run, known: string, long: Readonly<Record<string, string>> = {}): string {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const found = words
    .slice(0, end)
    .filter((word) => /^-./.test(word))
    .map((word) => (word.startsWith('--') ? (long[word] ?? '?') : word.slice(1)))
    .join('');
  const odd = [...found].find((letter) => !known.includes(letter));
  if (odd !== undefined)
    throw new Unreadable(`the option ${odd === '?' ? words.find((word) => /^--/.test(word)) : `-${odd}`}`);
  return found;
}

const CANONICALIZE = { '--canonicalize': 'f', '--canonicalize-existing': 'e' };

/** Where a link leads to as far as that is known; whether there is one may not be. */
function perhaps({ thread }: Run, path: string, found: string | null): string | null {
  if (!found?.includes(UNKNOWN_TEXT)) return found;
  return choose(thread, `link ${path}`, [`'${path}' leads nowhere`, `'${path}' leads somewhere`]) === 1 ? found : null;
}

function readlink(run: Run): Outcome {
  const { words, files } = run;
  const flags = letters(run, 'fenqsv', CANONICALIZE);
  const found = (path: string) =>
    flags.includes('e') ? files.real(path) : flags.includes('f') ? files.nearlyReal(path) : files.link(path);
  const read = (path: string) => perhaps(run, path, found(path));
  const { status, out = '' } = each(operands(words), read);
  return { status, out: flags.includes('n') ? out.replace(/\n$/, '') : out };
}

function realpath(run: Run): Outcome {
  const isWhole = letters(run, 'eqP', CANONICALIZE).includes('e');
  const { files } = run;
  return each(operands(run.words), (path) => perhaps(run, path, isWhole ? files.real(path) : files.nearlyReal(path)));
}

function ls({ words, files }: Run): Outcome {
  if (words.some((word) => /^-[^-]*[^-1adA]|^--/.test(word))) return said(UNKNOWN_TEXT);
  const paths = operands(words);
  const out: string[] = [];
  for (const path of paths.length === 0 ? ['.'] : paths) {
    if (files.absolute(path) === '/sys/class/iommu' && files.hasGroups && !words.includes('-d'))
      return said(`${SOME_TEXT}\n`);
    const kind = files.kind(path);
    if (kind === 'absent') return { status: 2, out: out.join('') };
    if (kind === 'unknown') return { status: UNKNOWN_STATUS, out: UNKNOWN_TEXT };
    const names = kind === 'directory' && !words.includes('-d') ? files.names(path) : [path];
    if (paths.length > 1 && kind === 'directory') return said(UNKNOWN_TEXT);
    out.push(names === null ? UNKNOWN_TEXT : names.map((name) => `${name}\n`).join(''));
  }
  return said(out.join(''));
}

/**
 * Files outside sysfs that are made or removed; of sysfs none can be. Unless an option has it succeed anyway, it fails
 * where a file is there already, or is not there (`needs`).
 */
function change(text: (path: string) => readonly [string, string | null], always: RegExp, needs: boolean) {
  return ({ words, files, thread }: Run): Outcome => {
    let status = 0;
    for (const path of operands(words)) {
      if (path.includes(UNKNOWN_TEXT)) {
        status ||= UNKNOWN_STATUS;
        thread.changed.add(UNKNOWN_TEXT);
        continue;
      }
      const kind = files.kind(path);
      if (files.inSysfs(path) !== null || (!words.some((word) => always.test(word)) && fails(kind, needs))) status = 1;
      else if (kind === 'unknown' && !words.some((word) => always.test(word))) status ||= UNKNOWN_STATUS;
      if (files.inSysfs(path) === null) thread.change(...text(files.absolute(path)));
    }
    return { status };
  };
}

const fails = (kind: FileKind, needs: boolean) => kind !== 'unknown' && (kind === 'absent') === needs;

/** Commands about files and their names. */
export const FILE_COMMANDS: CommandTable = {
  cat,
  tee,
  dd,
  readlink,
  ls,
  basename: (run) => {
    const { words } = run;
    letters(run, 'a');
    if (operands(words).length === 0) return FAILED;
    const named = operands(words);
    const [path = '', suffix = ''] = named;
    if (words.includes('-a')) return each(named, basename);
    const name = basename(path);
    if (suffix.includes(UNKNOWN_TEXT)) return said(UNKNOWN_TEXT);
    return said(
      `${suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`,
    );
  },
  dirname: ({ words }) => each(operands(words), dirname),
  realpath,
  mkdir: change((path) => [`${path}/.`, ''], /^-\w*p/, false),
  touch: change((path) => [path, ''], /^/, false),
  rm: change((path) => [path, null], /^-\w*f/, true),
  rmdir: change((path) => [`${path}/.`, null], /^--ignore/, true),
  mktemp: () => said(UNKNOWN_TEXT),
  chmod: () => ({ status: UNKNOWN_STATUS }),
  chown: () => ({ status: UNKNOWN_STATUS }),
  mountpoint: ({ words }) => (words.includes('/sys') ? DONE : fail('mountpoint')),
};

function fail(text: string): never {
  throw new Unreadable(text, true);
}
