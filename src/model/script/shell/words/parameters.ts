import { OTHER_STATUS, OWN_PROCESS, SOME_TEXT, type Thread, UNKNOWN_TEXT, UNSET_TEXT, type Value } from '../thread.ts';
import { needStatus } from '../undecided.ts';
import { needFew, Unreadable } from '../unreadable.ts';

/** Names that every shell sets itself, to values that only running it tells. */
const OF_THE_SHELL = new Set(['RANDOM', 'LINENO', 'SECONDS', 'HOSTNAME', 'PPID', 'BASHPID', 'EPOCHSECONDS', 'OLDPWD']);

/** Names that sessions, hooks and services set: the environment that a script is given is about others only. */
const OF_SESSIONS =
  /^(?:SUDO_\w+|TERM|LANG|LC_\w+|DISPLAY|XDG_\w+|DBUS_\w+|WAYLAND_DISPLAY|SSH_\w+|MAIL|EDITOR|INVOCATION_ID|JOURNAL_STREAM|PWD|SHLVL|BASH\w*|HOSTTYPE|OSTYPE|MACHTYPE|PIPESTATUS|FUNCNAME|COLUMNS|LINES|ACTION|DEVPATH|SUBSYSTEM|PCI_(?:ID|CLASS|SUBSYS_ID|SLOT_NAME)|DEVNAME|MODALIAS|SEQNUM)$/;

/** The parameters of a shell: variables, arrays and the special ones. */
export class Parameters {
  private readonly thread: Thread;
  /** Variables that the script assigns somewhere: unset, these are empty; others come from the environment. */
  private readonly assigned: ReadonlySet<string>;

  constructor(thread: Thread, assigned: ReadonlySet<string>) {
    this.thread = thread;
    this.assigned = assigned;
  }

  /** The value, or undefined where it is not set as far as is known. */
  value(name: string): Value | undefined {
    const t = this.thread;
    if (/^\d+$/.test(name)) return name === '0' ? t.name : t.words[Number(name) - 1];
    switch (name) {
      case '@':
      case '*':
        return t.words.length === 0 ? undefined : t.words.join(this.ifs()[0] ?? '');
      case '#':
        return `${t.words.length}`;
      case '?':
        needStatus(t, true);
        return t.status === OTHER_STATUS ? SOME_TEXT : `${t.status}`;
      case '-':
        return t.options.has('errexit') ? 'e' : '';
      case '$':
        return OWN_PROCESS;
      case '!':
        return UNKNOWN_TEXT;
      case 'PWD':
        return t.directory;
    }
    return t.variables.get(name);
  }

  /** The text of a parameter; of an array, its first element. */
  text(name: string): string {
    const value = this.value(name);
    if (typeof value === 'string') return value;
    if (value) return value.get('0') ?? '';
    return this.absent(name);
  }

  private absent(name: string): string {
    if (/^(?:\d+|[@*])$/.test(name) || this.assigned.has(name)) {
      if (this.thread.options.has('nounset') && name !== '@' && name !== '*')
        throw new Unreadable(`$${name} is not set, and set -u ends the script there`);
      return '';
    }
    if (!/^[A-Za-z_]/.test(name)) return '';
    return this.isForeign(name) ? UNKNOWN_TEXT : UNSET_TEXT;
  }

  /** Whether somebody else may have set a variable: the shell itself, a session, or a file that was not read. */
  private isForeign(name: string): boolean {
    return this.thread.foreign || OF_THE_SHELL.has(name) || OF_SESSIONS.test(name);
  }

  /** All elements of an array, or the parameter as the only one. */
  list(name: string): readonly string[] {
    if (name === '@' || name === '*') return this.thread.words;
    const value = this.value(name);
    if (value === undefined) return this.assigned.has(name) ? [] : [this.isForeign(name) ? UNKNOWN_TEXT : UNSET_TEXT];
    return typeof value === 'string' ? [value] : [...value.values()];
  }

  keys(name: string): readonly string[] {
    const value = this.value(name);
    if (value === undefined) return [];
    return typeof value === 'string' ? ['0'] : [...value.keys()];
  }

  element(name: string, index: string): string | undefined {
    const value = this.value(name);
    return typeof value === 'string' ? (index === '0' ? value : undefined) : value?.get(index);
  }

  ifs(): string {
    const ifs = this.thread.variables.get('IFS');
    return typeof ifs === 'string' ? ifs : ' \t\n';
  }

  set(name: string, value: Value): void {
    needFew(this.thread.variables, name, 'variables');
    this.thread.variables = new Map(this.thread.variables).set(name, value);
  }

  setElement(name: string, index: string, value: string): void {
    const old = this.thread.variables.get(name);
    const map = new Map(typeof old === 'object' ? old : old === undefined ? [] : [['0', old]]);
    needFew(map, index, 'elements of an array');
    map.set(index, value);
    this.set(name, sortedByIndex(map));
  }

  unset(name: string): void {
    const variables = new Map(this.thread.variables);
    variables.delete(name);
    this.thread.variables = variables;
  }
}

/** Indexed arrays list their elements by number, whatever order they were set in. */
function sortedByIndex(map: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const keys = [...map.keys()];
  if (!keys.every((key) => /^\d+$/.test(key))) return map;
  return new Map(keys.sort((a, b) => Number(a) - Number(b)).map((key) => [key, map.get(key)!]));
}
