import type { KernelState, Result } from '../../../driver-core/index.ts';
import type { Place, Position, Step } from '../program.ts';
import type { Code, Op } from './code.ts';
import { compile } from './compile.ts';
import { testExpression } from './conditions.ts';
import { checkDepth, closeScope, complain, complete, endCall, exit, popRedirect } from './control.ts';
import { Expander } from './expand.ts';
import { Files } from './files.ts';
import { matches, parsePattern } from './pattern.ts';
import { expandRedirects, open } from './redirect.ts';
import { prepare, runCommand } from './run-command.ts';
import { parseBuilt, parsedWithin } from './source.ts';
import { type Thread, UNKNOWN_STATUS, UNKNOWN_TEXT } from './thread.ts';
import { NeedsSubstitution, type Substitution, Unreadable } from './unreadable.ts';

/** Most instructions between two steps: a script that does more without touching the kernel is not followed. */
const MOST_INSTRUCTIONS = 200_000;

/** What is the same for every position of a program. */
export interface Setting {
  /** Variables that the script assigns somewhere. */
  readonly assigned: ReadonlySet<string>;
  /** dash, whose echo reads backslashes, and not bash. */
  readonly posix: boolean;
}

/** What a shell process at `at` does next. */
export function nextStep(at: Position, kernel: KernelState, setting: Setting): Step {
  const t = (at as Thread).copy();
  const files = new Files(t, kernel);
  const expander = new Expander(t, files, setting.assigned);
  for (let i = 0; i < MOST_INSTRUCTIONS; i++) {
    if (t.halted !== null) return { kind: 'unread', ...where(t.code, t.code.ops[t.pc - 1]), then: null };
    if (t.acts) return actStep(t);
    if (t.pc >= t.code.ops.length && !t.frames && ended(t, null)) return { kind: 'end', status: t.status };
    const op = t.code.ops[t.pc];
    const { code } = t;
    try {
      if (op) instruction(t, op, files, expander, setting);
      else endOfCode(t);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return unread(t, code, op, error);
    }
    if (files.looked) return { kind: 'read', ...where(code, op), then: t };
  }
  return { kind: 'unread', ...where(t.code, t.code.ops[t.pc]), then: null };
}

function where(code: Code, op: Op | undefined): { place: Place; text: string } {
  const pos = op?.pos ?? 0;
  return { place: code.source.place(pos), text: code.source.text.slice(pos, pos + 200).split('\n', 1)[0]! };
}

/** The next event of a command; the command has ended with the last. */
function actStep(t: Thread): Step {
  const { place, text, events, status, guarded } = t.acts!;
  const [event, ...rest] = events;
  const then = (result: Result): Position => {
    const after = t.copy();
    const failed = result.kind === 'errno' ? 1 : result.kind === 'unknown' ? UNKNOWN_STATUS : status;
    const worst = status === 0 || failed > 0 ? failed : status;
    if (rest.length > 0) after.acts = { place, text, events: rest, status: worst, guarded };
    else {
      after.acts = null;
      if (worst !== 0) complain(after);
      try {
        complete(after, worst, guarded);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        after.halted = error.message;
      }
    }
    return after;
  };
  return { kind: 'event', place, text, event: event!, then };
}

function unread(t: Thread, code: Code, op: Op | undefined, error: Unreadable): Step {
  const { place, text } = where(code, op);
  const said = error.message === text ? text : `${text}: ${error.message}`;
  if (error.goesOn) complete(t, 0, true);
  return { kind: 'unread', place, text: said, then: error.goesOn ? t : null };
}

/** Whether a shell or a subshell has ended; a trap on EXIT that it set runs first, and its status stays. */
function ended(t: Thread, outer: string | null): boolean {
  const { trap, status } = t;
  if (trap === null || trap === outer) return true;
  t.trap = null;
  const source = parseBuilt(`${trap}\nexit ${Math.max(status, 0)}`, t.code.source.place(0));
  if (!source) throw new Unreadable(`trap ${trap}`);
  t.code = compile(source);
  t.pc = 0;
  return false;
}

function endOfCode(t: Thread): void {
  const top = t.frames!;
  if (top.kind === 'call') endCall(t);
  else if (top.kind === 'scope') {
    if (ended(t, top.saved.trap)) closeScope(t, top.guarded);
  } else exit(t, t.status);
}

function instruction(t: Thread, op: Op, files: Files, expander: Expander, setting: Setting): void {
  const before = t.variables;
  try {
    perform(t, op, files, expander, setting);
  } catch (error) {
    if (!(error instanceof NeedsSubstitution)) throw error;
    t.variables = before;
    substitute(t, error.node);
  }
}

/** Runs a substitution; the instruction is tried again once its output is known. */
function substitute(t: Thread, node: Substitution): void {
  const source = node.script && parsedWithin(t.code.source, node.script, node.pos);
  if (!source) throw new Unreadable(node.text.slice(0, 200));
  t.push({ kind: 'scope', saved: t.copy(), end: t.pc, substitution: `${node.pos}`, pipe: null, guarded: true });
  checkDepth(t);
  t.captures = [...t.captures, ''];
  t.descriptors = t.descriptors.with(1, { kind: 'capture', depth: t.captures.length - 1 });
  t.memo = new Map();
  t.ready = null;
  t.code = compiled(source);
  t.pc = 0;
}

const CODES = new WeakMap<object, Code>();

function compiled(source: NonNullable<ReturnType<typeof parsedWithin>>): Code {
  let code = CODES.get(source.script);
  if (!code) {
    code = compile(source);
    CODES.set(source.script, code);
  }
  return code;
}

function succeeded(t: Thread): boolean {
  if (t.status === UNKNOWN_STATUS) throw new Unreadable('whether the command before succeeded');
  return t.status === 0;
}

function perform(t: Thread, op: Op, files: Files, expander: Expander, setting: Setting): void {
  switch (op.op) {
    case 'command':
      if (!t.ready) {
        t.ready = prepare(op.node, expander);
        // what it saw and what it does are two steps
        if (files.looked) return;
      }
      t.pc++;
      runCommand({
        thread: t,
        files,
        expander,
        guarded: op.guarded,
        posix: setting.posix,
        ...where(t.code, op),
      });
      return;
    case 'test': {
      const value = testExpression(op.node.expression, expander, files);
      t.pc++;
      complete(t, value ? 0 : 1, op.guarded);
      return;
    }
    case 'arithmetic': {
      const value = expander.arithmetic(op.node.expression);
      t.pc++;
      complete(t, value === 0n ? 1 : 0, op.guarded);
      return;
    }
    case 'evaluate': {
      const value = expander.arithmetic(op.node);
      t.pc++;
      complete(t, value === 0n ? 1 : 0, true);
      return;
    }
    case 'jump':
      t.pc = op.to.at;
      return;
    case 'branch':
      t.pc = succeeded(t) === op.success ? op.to.at : t.pc + 1;
      return;
    case 'not':
      t.status = succeeded(t) ? 1 : 0;
      t.pc++;
      return;
    case 'status':
      t.status = op.value;
      t.pc++;
      return;
    case 'loop':
      t.pc++;
      t.push({ kind: 'loop', items: [], at: 0, end: op.end.at, again: op.again.at });
      return;
    case 'leave':
      t.pop();
      t.pc++;
      return;
    case 'for': {
      const items = op.node.wordlist ? expander.fields(op.node.wordlist) : t.words;
      if (items.some((item) => item.includes(UNKNOWN_TEXT))) throw new Unreadable('a list that is not known');
      t.memo = new Map();
      t.status = 0;
      t.pc++;
      t.push({ kind: 'loop', items, at: 0, end: op.end.at, again: op.again.at });
      return;
    }
    case 'next': {
      const frame = t.frames;
      if (frame?.kind !== 'loop' || frame.at >= frame.items.length) {
        t.pc = op.end.at;
        return;
      }
      expander.parameters.set(op.name, frame.items[frame.at]!);
      t.frames = { ...frame, at: frame.at + 1 };
      t.pc++;
      return;
    }
    case 'case': {
      const text = expander.text(op.node.word);
      const chosen = op.node.items.findIndex(({ pattern }) =>
        pattern.some((word) => {
          const wanted = expander.pattern(word);
          if (wanted !== '*' && (text + wanted).includes(UNKNOWN_TEXT))
            throw new Unreadable('a word that is not known');
          return matches(parsePattern(wanted), text);
        }),
      );
      t.memo = new Map();
      t.status = 0;
      t.pc = chosen < 0 ? op.end.at : op.to[chosen]!.at;
      return;
    }
    case 'redirect': {
      const opened = open(t, expandRedirects(op.nodes, expander), files);
      const missing = opened?.opened.some((path) => files.kind(path) === 'absent');
      t.memo = new Map();
      if (!opened || missing) {
        t.pc = op.end.at;
        complete(t, 1, false);
        return;
      }
      t.push({ kind: 'redirect', saved: t.descriptors, input: opened.input });
      t.descriptors = opened.descriptors;
      t.pc++;
      return;
    }
    case 'restore':
      popRedirect(t);
      t.pc++;
      return;
    case 'subshell':
      t.push({ kind: 'scope', saved: t.copy(), end: op.end.at, substitution: null, pipe: null, guarded: true });
      t.pc++;
      return;
    case 'pipe': {
      const { descriptors, piped } = t;
      t.push({
        kind: 'scope',
        saved: t.copy(),
        end: op.end.at,
        substitution: null,
        pipe: op.last ? 'last' : 'middle',
        guarded: true,
      });
      checkDepth(t);
      const input = op.first ? descriptors[0] : ({ kind: 'text', text: piped } as const);
      if (op.last) t.descriptors = descriptors.with(0, input);
      else {
        t.captures = [...t.captures, ''];
        const output = { kind: 'capture', depth: t.captures.length - 1 } as const;
        t.descriptors = [input, output, op.errors ? output : descriptors[2], ...descriptors.slice(3)];
      }
      t.pc++;
      return;
    }
    case 'close':
      if (t.frames?.kind === 'scope' && ended(t, t.frames.saved.trap)) closeScope(t, op.guarded);
      return;
    case 'define':
      t.functions = new Map(t.functions).set(op.name, op.body);
      t.status = 0;
      t.pc++;
      return;
    case 'unread':
      t.pc++;
      throw new Unreadable(op.text, true);
  }
}
