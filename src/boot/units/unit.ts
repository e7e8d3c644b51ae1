import type { Files } from '../files/files.ts';

/** A unit of systemd: what it waits for, what it pulls in, what it runs. */
export interface Unit {
  readonly name: string;
  /** The file that it comes from, as messages call it. */
  readonly file: string;
  readonly after: readonly string[];
  readonly before: readonly string[];
  /** Units that it wants or requires. */
  readonly wants: readonly string[];
  readonly defaultDependencies: boolean;
  readonly commands: readonly UnitCommand[];
  readonly conditions: readonly { readonly key: string; readonly value: string }[];
}

export interface UnitCommand {
  /** A command line, specifiers replaced. */
  readonly command: string;
  readonly file: string;
  readonly line: number;
}

/** Where systemd looks for units, the first deciding (systemd.unit(5), UNIT FILE LOAD PATH). */
const DIRECTORIES = [
  'etc/systemd/system',
  'run/systemd/system',
  'usr/local/lib/systemd/system',
  'usr/lib/systemd/system',
  'lib/systemd/system',
];

const LONGEST = 1024 * 1024;
const MOST_WORDS = 10_000;

/** Reads a unit by any of its names, with its drop-ins; undefined where there is none, or it is masked. */
export function readUnit(files: Files, asked: string): Unit | undefined {
  if (!/^[\w:.\\@-]{1,255}$/.test(asked)) return undefined;
  const name = ownName(files, asked);
  const template = name.replace(/@.*(?=\.[^.]+$)/, '@');
  const found = [name, template].flatMap((one) => DIRECTORIES.map((directory) => `${directory}/${one}`));
  const path = found.find((one) => files.exists(one));
  if (path === undefined || files.isMasked(path)) return undefined;
  const dropIns = [...new Set([name, template])].flatMap((one) =>
    files.dropIns(
      DIRECTORIES.map((directory) => `${directory}/${one}.d`),
      '.conf',
    ),
  );
  const settings = [{ path, text: files.text(path) ?? '' }, ...dropIns].flatMap((one) =>
    settingsOf(one.text.slice(0, LONGEST), files.label(one.path)),
  );
  const specified = (text: string) => specifiers(text, name);
  const list = (section: string, ...keys: readonly string[]) => {
    let words: string[] = [];
    for (const { section: at, key, value } of settings) {
      if (at !== section || !keys.includes(key)) continue;
      // An empty value resets the list.
      words = value === '' ? [] : [...words, ...specified(value).split(/\s+/)].slice(0, MOST_WORDS);
    }
    return words;
  };
  const linked = (suffix: string) => DIRECTORIES.flatMap((directory) => files.list(`${directory}/${name}.${suffix}`));
  return {
    name,
    file: files.label(path),
    after: list('Unit', 'After'),
    before: list('Unit', 'Before'),
    wants: [
      ...list('Unit', 'Wants', 'Requires', 'BindsTo', 'Upholds', 'Requisite'),
      ...linked('wants'),
      ...linked('requires'),
    ],
    defaultDependencies: !settings.some(
      ({ section, key, value }) =>
        section === 'Unit' && key === 'DefaultDependencies' && /^(?:no|false|off|0)$/i.test(value),
    ),
    commands: commandsOf(settings).map((one) => ({ ...one, command: specified(one.command) })),
    conditions: settings.flatMap(({ section, key, value }) =>
      section === 'Unit' && key.startsWith('Condition') ? { key, value: specified(value) } : [],
    ),
  };
}

/** A link to another unit's file is another name of that unit, as default.target is. */
function ownName(files: Files, name: string): string {
  const path = DIRECTORIES.map((directory) => `${directory}/${name}`).find((one) => files.exists(one));
  const real = path === undefined ? undefined : files.real(path);
  const own = real?.slice(real.lastIndexOf('/') + 1) ?? name;
  return own.includes('@') || own.split('.').at(-1) !== name.split('.').at(-1) ? name : own;
}

interface Setting {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** The lines of a unit file, joined at backslashes (systemd.syntax(7)). */
function settingsOf(text: string, file: string): Setting[] {
  const settings: Setting[] = [];
  let section = '';
  let pending = '';
  for (const [index, raw] of text.split('\n').entries()) {
    if (/^\s*[#;]/.test(raw)) continue;
    if (raw.endsWith('\\')) {
      pending += `${raw.slice(0, -1)} `;
      continue;
    }
    const line = (pending + raw).trim();
    pending = '';
    const header = /^\[([^\]]+)\]$/.exec(line)?.[1];
    if (header !== undefined) section = header;
    const equals = line.indexOf('=');
    if (header !== undefined || equals <= 0) continue;
    settings.push({
      section,
      key: line.slice(0, equals).trim(),
      value: line.slice(equals + 1).trim(),
      file,
      line: index + 1,
    });
  }
  return settings;
}

/** What a service runs until it counts as started, without the signs before a path (systemd.service(5)). */
function commandsOf(settings: readonly Setting[]): UnitCommand[] {
  const phases = ['ExecStartPre', 'ExecStart', 'ExecStartPost'];
  return phases.flatMap((phase) => {
    let found: UnitCommand[] = [];
    for (const { section, key, value, file, line } of settings) {
      if (section !== 'Service' || key !== phase) continue;
      found = value === '' ? [] : [...found, { command: value.replace(/^[-@:+!|]+/, ''), file, line }];
    }
    return found;
  });
}

/** %i, %I, %n, %N, %p and %%; others stay. %I has each dash as a slash (systemd.unit(5), SPECIFIERS). */
function specifiers(text: string, name: string): string {
  const dot = name.lastIndexOf('.');
  const at = name.indexOf('@');
  const instance = at < 0 ? '' : name.slice(at + 1, dot);
  const values: Readonly<Record<string, string>> = {
    i: instance,
    I: instance
      .replaceAll('-', '/')
      .replaceAll(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    n: name,
    N: name.slice(0, dot),
    p: name.slice(0, at < 0 ? dot : at),
    '%': '%',
  };
  return text.replaceAll(/%([iInNp%])/g, (_, letter: string) => values[letter]!);
}
