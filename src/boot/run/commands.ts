import { underscored } from '../../pattern/normalize.ts';
import type { Because } from '../because.ts';
import type { Answer } from './answer.ts';
import { bindDoings, driverctlDoings } from './binders.ts';
import { loadDoings } from './load.ts';
import { type RunSimple, type ShellCommand, scriptDoings } from './script.ts';
import type { Stage } from './stage.ts';
import type { Doing } from './task.ts';
import { writeDoings } from './write.ts';

/** Deepest chain of commands that run each other. */
const DEEPEST = 8;

/** What a shell command, or a script, does to the subject. A place without a line is that of the whole script. */
export function runCommand(stage: Stage, script: string, because: Because, depth: number): Doing[] {
  if (depth > DEEPEST) return [];
  const inFile = because.file !== null && because.line === null;
  return scriptDoings(stage, script, because, (command) => {
    const why = inFile ? { ...because, line: command.line, rule: text(command) } : because;
    return commandDoings(stage, command, why, depth);
  });
}

/** Words before a command that change nothing here. */
const PREFIXES = new Set(['exec', 'command', 'env', 'sudo', 'nice', 'nohup', 'time']);

/** How some commands end, whatever they do. */
const ENDS: ReadonlyMap<string, Answer> = new Map([
  [':', 'yes'],
  ['true', 'yes'],
  ['echo', 'yes'],
  ['printf', 'yes'],
  ['false', 'no'],
]);

function commandDoings(stage: Stage, command: ShellCommand, because: Because, depth: number): ReturnType<RunSimple> {
  let words = command.words.map((word, index) => (index === 0 && word !== null ? baseName(word) : word));
  while (words.length > 1 && words[0] !== null && PREFIXES.has(words[0]!))
    words = [words[1] === null ? null : baseName(words[1]!), ...words.slice(2)];
  const [name = null, ...rest] = words;
  const doings =
    name === null
      ? undefined
      : (named(stage, name, rest, command, because, depth) ?? ofScript(stage, command.words[0] ?? '', because, depth));
  if (doings === undefined || (command.output === null && /^(?:echo|printf)$/.test(name ?? '')))
    unread(stage, command, because);
  return doings && { doings, status: ENDS.get(name ?? '') ?? (doings.length > 0 ? 'yes' : 'unknown') };
}

/** What a command does; undefined for one that is not known. */
function named(
  stage: Stage,
  name: string,
  words: readonly (string | null)[],
  command: ShellCommand,
  because: Because,
  depth: number,
): readonly Doing[] | undefined {
  if (HARMLESS.has(name)) return [];
  if (words.includes(null) && name !== 'echo' && name !== 'printf') return undefined;
  const known = words.map((word) => word ?? '');
  const load = (module: string) => loadDoings(stage, module, [], { applyBlacklist: false }, runCommand, depth);
  switch (name) {
    case 'echo':
    case 'printf':
      return written(stage, name, words, command, because);
    case 'modprobe':
      return modprobe(stage, known, because, depth);
    case 'insmod': {
      const module = baseName(known.find((word) => !word.startsWith('-')) ?? '').replace(/\.ko.*$/, '');
      return loadDoings(stage, module, [because], { applyBlacklist: false, ignoreCommands: true }, runCommand, depth);
    }
    case 'rmmod':
      return known.map((module) => ({ event: { kind: 'unload' as const, module, alone: true }, because: [because] }));
    case '.':
    case 'source':
    case 'sh':
    case 'bash':
    case 'dash':
      return shell(stage, known, because, depth);
    case 'driverctl':
      return driverctlDoings(stage, known, because, load);
    case 'modalias':
      return known[0] === 'vfio' && known[1] === 'bind' ? bindDoings(stage, known.slice(2), because, load) : [];
    default:
      return undefined;
  }
}

/** A script that is run by its path. */
function ofScript(stage: Stage, path: string, because: Because, depth: number): readonly Doing[] | undefined {
  const text = path.includes('/') ? stage.files.text(path) : undefined;
  if (text === undefined || !/^#!.*\b(?:ba|da|k)?sh\b/.test(text.slice(0, 100))) return undefined;
  const script: Because = { file: stage.files.label(path), line: null, rule: path };
  return runCommand(stage, text, script, depth + 1).map((doing) => ({
    ...doing,
    because: [because, ...doing.because],
  }));
}

function shell(stage: Stage, words: readonly string[], because: Because, depth: number): readonly Doing[] | undefined {
  const at = words.findIndex((word) => /^-\w*c$/.test(word));
  if (at >= 0) return runCommand(stage, words[at + 1] ?? '', because, depth + 1);
  const script = words.find((word) => !word.startsWith('-'));
  const text = script === undefined ? undefined : stage.files.text(script);
  return text === undefined ? undefined : runCommand(stage, text, because, depth + 1);
}

/** `echo WORDS > FILE` and `printf FORMAT WORDS > FILE`; text that goes elsewhere does not matter. */
function written(
  stage: Stage,
  name: 'echo' | 'printf',
  words: readonly (string | null)[],
  { output }: ShellCommand,
  because: Because,
): readonly Doing[] | undefined {
  if (typeof output !== 'string' || !output.startsWith('/sys/')) return [];
  if (words.includes(null)) return undefined;
  const known = words.map((word) => word ?? '');
  let data: string;
  if (name === 'echo') {
    const bare = known[0] === '-n' || known[0] === '-ne';
    data = known.slice(/^-\w+$/.test(known[0] ?? '') ? 1 : 0).join(' ') + (bare ? '' : '\n');
  } else {
    const [format = '', ...values] = known;
    let next = 0;
    data = format.replaceAll('\\n', '\n').replaceAll(/%s/g, () => values[next++] ?? '');
  }
  return writeDoings(stage, output.slice('/sys/'.length), data, because);
}

/** modprobe(8). MODPROBE_OPTIONS of initramfs-tools adds -b, which the caller's words have then. */
function modprobe(stage: Stage, words: readonly string[], because: Because, depth: number): readonly Doing[] {
  const flags = words.filter((word) => word.startsWith('-'));
  const names = words.filter((word) => !word.startsWith('-'));
  const has = (short: string, long: string) =>
    flags.some((flag) => flag === long || (/^-[^-]/.test(flag) && flag.slice(1).includes(short)));
  if (has('n', '--dry-run') || has('D', '--show-depends') || has('R', '--resolve-alias')) return [];
  if (has('r', '--remove')) return names.map((module) => ({ event: { kind: 'unload', module }, because: [because] }));
  const options = { applyBlacklist: has('b', '--use-blacklist'), ignoreCommands: has('i', '--ignore-install') };
  const loaded = has('a', '--all') ? names : names.slice(0, 1);
  const ids = has('a', '--all')
    ? undefined
    : names
        .slice(1)
        .findLast((word) => word.startsWith('ids='))
        ?.slice(4);
  return loaded.flatMap((name) =>
    loadDoings(stage, name, [because], options, runCommand, depth).map((doing): Doing => {
      const { event } = doing;
      if (ids === undefined || typeof event === 'function' || event.kind !== 'load') return doing;
      return event.module === underscored(name) ? { ...doing, event: { ...event, ids } } : doing;
    }),
  );
}

/** Words of commands that have to do with drivers: such a command, not understood, leaves the answer open. */
const TOUCHY =
  /vfio|driver_override|drivers_probe|new_id|nodedev|devbind|modprobe(?!\.d)|insmod|\/sys\/bus\/\w+\/(?:drivers|devices)/;

/** Commands that move no device, whatever their words are. */
const HARMLESS = new Set(
  `[ [[ test : true false mkdir rm rmdir ln chmod chown cat grep sed cut tr head tail wc sleep exit return break continue
  set unset export local readonly shift read trap wait cd pwd ls readlink realpath basename dirname udevadm mount umount
  info warn die debug vinfo getarg getargbool getargs logger systemctl journalctl dmesg lspci uname id log_end_msg
  log_warning_msg log_failure_msg log_success_msg panic maybe_break type which depmod ip ethtool`.split(/\s+/),
);

function unread(stage: Stage, command: ShellCommand, because: Because): void {
  const shown = text(command);
  if (!TOUCHY.test(shown) && !shown.includes(stage.subject.name)) return;
  const message = `this command is not understood: ${shown}`;
  stage.doubt({ code: 'boot-unread', severity: 'warning', message, ...placeOf(because) });
}

function text({ words, output }: ShellCommand): string {
  const shown = words.map((word) => word ?? '...').join(' ');
  return `${shown}${output === undefined ? '' : ` > ${output ?? '...'}`}`.slice(0, 200);
}

function placeOf({ file, line }: Because) {
  return { ...(file === null ? {} : { file }), ...(line === null ? {} : { line }) };
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}
