import { compile } from '../compile.ts';
import { checkDepth, exit, leaveLoop, returnFrom } from '../control.ts';
import { type CommandTable, DONE, FAILED, type Outcome, type Run } from '../outcome.ts';
import { parseBuilt } from '../source.ts';
import { UNKNOWN_STATUS, UNKNOWN_TEXT } from '../thread.ts';
import { Unreadable } from '../unreadable.ts';

const JUMPED: Outcome = { status: 0, jumped: true };

function statusOf(word: string | undefined, last: number): number {
  if (word === undefined) return last;
  if (word.includes(UNKNOWN_TEXT)) return UNKNOWN_STATUS;
  return /^\d+$/.test(word) ? Number(word) & 0xff : 2;
}

/** Runs a text in this shell, as eval does. */
function evalText({ words, thread: t, place, guarded }: Run): Outcome {
  const text = words.join(' ');
  if (text.includes(UNKNOWN_TEXT)) throw new Unreadable('eval of a text that is not known');
  const source = parseBuilt(text, place);
  if (!source) throw new Unreadable('eval of a text that does not parse');
  t.push({ kind: 'call', saved: t.copy(), redirects: true, guarded, own: null });
  checkDepth(t);
  t.ready = null;
  t.memo = new Map();
  t.code = compile(source);
  t.pc = 0;
  return JUMPED;
}

/** Runs a text in a shell of its own, which has the exported variables only. */
export function runText(
  { thread: t, place, guarded }: Run,
  text: string,
  words: readonly string[],
  name: string,
): Outcome {
  if (text.includes(UNKNOWN_TEXT)) throw new Unreadable('sh -c of a text that is not known');
  const source = parseBuilt(`(${text}\n)`, place);
  if (!source) throw new Unreadable('sh -c of a text that does not parse');
  t.push({ kind: 'call', saved: t.copy(), redirects: true, guarded, own: 'shell' });
  checkDepth(t);
  t.variables = new Map([...t.variables].filter(([variable]) => t.exported.has(variable)));
  t.functions = new Map();
  t.options = new Set();
  t.locals = null;
  t.words = words;
  t.name = name;
  t.ready = null;
  t.memo = new Map();
  t.code = compile(source);
  t.pc = 0;
  return JUMPED;
}

/** `sh -c TEXT [NAME [WORD..]]`; a script of another file is not read, one from the standard input is. */
function shell(run: Run): Outcome {
  const { words, input } = run;
  const at = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (at >= 0 && words[at + 1] !== undefined) {
    const flags = words.slice(0, at + 1).join('');
    const text = `${flags.includes('e') ? 'set -e\n' : ''}${words[at + 1]}`;
    return runText(run, text, words.slice(at + 3), words[at + 2] ?? 'sh');
  }
  const script = words.find((word) => !word.startsWith('-'));
  if (script === undefined && !input.includes(UNKNOWN_TEXT)) return runText(run, input, [], 'sh');
  throw new Unreadable(`${run.name} ${words.join(' ')}: another script`, true);
}

/** Builtins that change where the shell goes on. */
export const FLOW_COMMANDS: CommandTable = {
  exit: ({ words, thread: t }) => {
    exit(t, statusOf(words[0], t.status));
    return JUMPED;
  },
  return: ({ words, thread: t }) => {
    if (!returnFrom(t, statusOf(words[0], t.status))) throw new Unreadable('return outside of a function');
    return JUMPED;
  },
  break: ({ words, thread: t }) => (leaveLoop(t, Number(words[0] ?? '1'), false) ? jumped(t) : DONE),
  continue: ({ words, thread: t }) => (leaveLoop(t, Number(words[0] ?? '1'), true) ? jumped(t) : DONE),
  eval: evalText,
  sh: shell,
  bash: shell,
  dash: shell,
  ash: shell,
  exec: (run) => {
    if (run.words.length === 0) return DONE;
    // The shell is gone then, and with it what it would have done at its end.
    run.thread.trap = null;
    run.thread.words = run.words;
    return evalText({ ...run, words: ['command "$@"; exit $?'] });
  },
  trap: ({ words, thread: t }) => {
    const [action, ...signals] = words.filter((word) => word !== '--');
    if (signals.includes('ERR') || signals.includes('DEBUG')) throw new Unreadable('a trap on ERR', true);
    if (signals.some((signal) => signal === 'EXIT' || signal === '0'))
      t.trap = action === '-' || action === '' ? null : action!;
    return DONE;
  },
  '.': sourced,
  source: sourced,
};

function jumped(t: Run['thread']): Outcome {
  t.ready = null;
  t.memo = new Map();
  t.status = 0;
  return JUMPED;
}

/** A text of another file is read if the script itself wrote it; else what it does is not known. */
function sourced(run: Run): Outcome {
  const [path] = run.words;
  const text = path === undefined ? null : run.files.text(path);
  if (text === null) return FAILED;
  if (text.includes(UNKNOWN_TEXT)) {
    run.thread.foreign = true;
    throw new Unreadable(`${run.text}: another file`, true);
  }
  return evalText({ ...run, words: [text] });
}
