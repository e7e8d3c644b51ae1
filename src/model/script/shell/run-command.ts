import type { Command } from 'unbash';
import type { KernelEvent } from '../../../driver-core/index.ts';
import type { Code } from './code.ts';
import { COMMANDS } from './commands.ts';
import { checkDepth, complain, complete, withValues } from './control.ts';
import type { Context } from './outcome.ts';
import { expandRedirects, open } from './redirect.ts';
import { type Ready, type Thread, UNKNOWN_TEXT } from './thread.ts';
import { choose } from './undecided.ts';
import { Unreadable } from './unreadable.ts';
import { type Expander, UNCOUNTED } from './words/expand.ts';
import { writeTo } from './write.ts';

/** A command's words, assignments and redirections, expanded. */
export function prepare(node: Command, expander: Expander, counts: (name: string) => boolean): Ready {
  expander.hasSplitUnknown = false;
  const words = node.name ? expander.fields([node.name]) : [];
  // declare and its like take assignments as such
  for (const argument of node.args) {
    if (argument.type !== 'Assignment') words.push(...expander.fields([argument]));
    else {
      const [name, value] = expander.assignment(argument);
      if (typeof value === 'string') words.push(`${name}=${value}`);
      else {
        expander.parameters.set(name, value);
        words.push(name);
      }
    }
  }
  if (expander.hasSplitUnknown && counts(words[0] ?? '')) throw new Unreadable(UNCOUNTED);
  const assignments = node.prefix.flatMap((one) => (one.type === 'Assignment' ? [expander.assignment(one)] : []));
  return { words, assignments, redirects: expandRedirects(node.redirects, expander) };
}

/** Prefixes that run the rest of their words as a command: how many words they take of their own. */
const PREFIXES: Readonly<Record<string, (words: readonly string[]) => number>> = {
  command: (words) => (/^-[vV]$/.test(words[0] ?? '') ? -1 : words[0] === '-p' ? 1 : 0),
  builtin: () => 0,
  nohup: () => 0,
  time: () => 0,
  doas: () => 0,
  busybox: () => 0,
  sudo: (words) => words.findIndex((word) => !/^(?:-[nEHSk]+|--|\w+=.*)$/.test(word)),
  env: (words) => words.findIndex((word) => !/^(?:-i|\w+=.*)$/.test(word)),
  nice: (words) => (words[0] === '-n' ? 2 : 0),
  'systemd-cat': (words) => options(words, 'tpP'),
  'systemd-inhibit': (words) => options(words, ''),
  setsid: (words) => options(words, ''),
  ionice: (words) => options(words, 'cnpPu'),
  taskset: (words) => options(words, '') + 1,
  chrt: (words) => options(words, '') + 1,
  flock: (words) => options(words, 'wE') + 1,
  stdbuf: (words) => words.findIndex((word) => !word.startsWith('-')),
  timeout: (words) => words.findIndex((word) => !word.startsWith('-')) + 1,
};

/** How many words are options, of which these letters take the next word as their value. */
function options(words: readonly string[], letters: string): number {
  let i = 0;
  while (words[i]?.startsWith('-')) i += /^-.$/.test(words[i]!) && letters.includes(words[i]![1]!) ? 2 : 1;
  return i;
}

/** Whether a command runs the rest of its words as a command. */
export function isPrefix(name: string): boolean {
  return Object.hasOwn(PREFIXES, baseName(name));
}

/** The command that prefixes like sudo and timeout run. */
export function withoutPrefix(words: readonly string[]): readonly string[] {
  let rest = words;
  for (let i = 0; i < 10; i++) {
    const name = baseName(rest[0] ?? '');
    const take = Object.hasOwn(PREFIXES, name) ? PREFIXES[name]!(rest.slice(1)) : -1;
    if (take < 0 || take + 1 >= rest.length) return rest;
    rest = rest.slice(take + 1);
    if (name === 'flock' && rest[0] === '-c') rest = ['sh', ...rest];
  }
  return rest;
}

/** Whether a lock is got, where it is not waited for; nobody knows who else has it. */
function hasLock(t: Thread, words: readonly string[]): boolean {
  const at = words.findIndex((word) => baseName(word) === 'flock');
  if (at < 0 || !words.slice(0, at).every((word) => isPrefix(word) || /^-|=/.test(word))) return true;
  const own = words.slice(at + 1, at + 1 + options(words.slice(at + 1), 'wE'));
  if (own.some((word) => /^(?:-u|--unlock)$/.test(word))) return true;
  const waits = !own.some((word) => /^(?:-\w*[nw]|--nonblock|--nb|--wait|--timeout)/.test(word));
  return choose(t, 'flock', waits ? ['it has the lock'] : ['it has the lock', 'another process has it']) === 0;
}

/** Whether timeout runs a script that may wait or loop: where that is cut off is not known. */
function isCutOff(words: readonly string[], command: readonly string[]): boolean {
  const prefixes = words.slice(0, words.length - command.length).map(baseName);
  return prefixes.includes('timeout') && command.some((word) => /\b(?:while|until|for|sleep|wait|read)\b/.test(word));
}

/** `/sbin/modprobe` is modprobe. */
function baseName(word: string): string {
  return /^(?:\/usr)?(?:\/local)?\/s?bin\/([^/]+)$/.exec(word)?.[1] ?? word;
}

/** Runs a command whose words are expanded; the events it makes are left in `thread.acts`. */
export function runCommand(context: Context): void {
  const { thread: t, files, expander, guarded, posix, text } = context;
  const { words, assignments, redirects } = t.ready!;
  const opened = open(t, redirects, files);
  if (!opened) {
    complain(t);
    complete(t, 1, guarded);
    return;
  }
  if (!hasLock(t, words)) {
    complete(t, 1, guarded);
    return;
  }
  const command = withoutPrefix(words);
  if (isCutOff(words, command)) throw new Unreadable(text);
  const [first] = command;
  if (first === undefined) {
    runNothing(context, opened.opened);
    return;
  }
  if (first.includes(UNKNOWN_TEXT)) throw new Unreadable(text);
  const name = baseName(first);
  const outer = new Map(assignments.map(([variable]) => [variable, t.variables.get(variable)]));
  const before = t.descriptors;
  for (const [variable, value] of assignments) expander.parameters.set(variable, value);
  const body = t.functions.get(name);
  if (body && command.length === words.length) {
    call(t, body, command.slice(1), redirects.length > 0, guarded);
    t.locals = outer;
    t.descriptors = opened.descriptors;
    return;
  }
  t.descriptors = opened.descriptors;
  const rule = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!rule) {
    writeTo(t, t.descriptors[1], UNKNOWN_TEXT, false, files);
    complain(t);
    t.descriptors = before;
    throw new Unreadable(text, true);
  }
  const outcome = rule({ ...context, name, words: command.slice(1), input: inputOf(t) });
  if (outcome.jumped) {
    if (assignments.length > 0 && name !== 'exit') throw new Unreadable(text);
    return;
  }
  if (!posix || !SPECIAL.has(name)) t.variables = withValues(t.variables, outer);
  const events = [...(outcome.events ?? []), ...output(context, outcome.out ?? '', name, opened.opened)];
  if (outcome.status !== 0) complain(t);
  if (name !== 'exec' || command.length > 1)
    t.descriptors = [opened.input ? before[0] : t.descriptors[0], ...before.slice(1)];
  settle(context, outcome.status, events);
}

/** Calls a function; its descriptors are set by the caller. */
function call(t: Thread, body: Code, words: readonly string[], redirects: boolean, guarded: boolean): void {
  t.push({ kind: 'call', saved: t.copy(), redirects, guarded, own: 'function' });
  checkDepth(t);
  t.guarded ||= guarded;
  t.words = words;
  t.ready = null;
  t.memo = new Map();
  t.code = body;
  t.pc = 0;
}

/** Builtins whose assignments stay. POSIX.1, 2.14. */
const SPECIAL = new Set([':', 'eval', 'exec', 'export', 'readonly', 'set', 'shift', 'trap', 'unset', '.']);

/** Builtins that write through the shell's own standard output. */
const PRINTING = new Set(['echo', 'printf']);

/** The events of a command's output; opening a file of sysfs and writing nothing is one, too. */
function output(
  { thread: t, files, posix }: Context,
  out: string,
  name: string,
  opened: readonly string[],
): KernelEvent[] {
  if (out !== '') return writeTo(t, t.descriptors[1], out, !posix && PRINTING.has(name), files);
  return name === 'exec' ? [] : opened.map((path) => ({ kind: 'write', path: files.inSysfs(path)!, data: '' }));
}

function settle({ thread, guarded, place, text }: Context, status: number, events: readonly KernelEvent[]): void {
  if (events.length === 0) {
    complete(thread, status, guarded);
    return;
  }
  thread.acts = { place, text, events, at: 0, status, guarded };
}

/** Assignments and redirections alone; `$(< file)` is a redirection alone. */
function runNothing(context: Context, opened: readonly string[]): void {
  const { thread: t, files, expander, posix } = context;
  const { assignments, redirects } = t.ready!;
  for (const [name, value] of assignments) expander.parameters.set(name, value);
  const [only] = redirects;
  const substitution = t.frames?.kind === 'scope' && t.frames.substitution !== null;
  if (redirects.length === 1 && only!.operator === '<' && substitution && !posix)
    writeTo(t, t.descriptors[1], files.text(only!.target) ?? '', false, files);
  const events = opened.map((path) => ({ kind: 'write', path: files.inSysfs(path)!, data: '' }) as const);
  settle(context, redirects.length > 0 ? 0 : t.substituted, events);
}

function inputOf(t: Thread): string {
  const input = t.descriptors[0];
  return input?.kind === 'text' ? input.text : '';
}
