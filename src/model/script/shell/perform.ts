import type { Code, Op } from './code.ts';
import { compile } from './compile.ts';
import { chosenItem, isTrue } from './branches.ts';
import { testExpression } from './conditions.ts';
import { checkDepth, closeScope, complete, popRedirect } from './control.ts';
import { hasEnded } from './end.ts';
import type { Files } from './files.ts';
import { expandRedirects, open } from './redirect.ts';
import { prepare, runCommand } from './run-command.ts';
import { parsedWithin } from './source.ts';
import { SOME_NAME, type Thread, UNKNOWN_TEXT } from './thread.ts';
import { choose, needStatus } from './undecided.ts';
import { NeedsSubstitution, needFew, type Substitution, Unreadable } from './unreadable.ts';
import { where } from './where.ts';
import { UnknownNumber } from './words/arithmetic.ts';
import type { Expander } from './words/expand.ts';

/** What is the same for every position of a program. */
export interface Setting {
  /** Variables that the script assigns somewhere. */
  readonly assigned: ReadonlySet<string>;
  /** dash, whose echo reads backslashes, and not bash. */
  readonly posix: boolean;
}

/** Performs one instruction; where it needs the output of a substitution, that is run before it is tried again. */
export function instruction(t: Thread, op: Op, files: Files, expander: Expander, setting: Setting): void {
  const before = t.variables;
  try {
    perform(t, op, files, expander, setting);
  } catch (error) {
    if (error instanceof UnknownNumber) throw new Unreadable(error.message);
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
  needStatus(t);
  return t.status === 0;
}

/** Whether nothing is unknown of a path but names of files in it: it is one word. */
const isName = (item: string) => !item.replaceAll(SOME_NAME, '').includes(UNKNOWN_TEXT);

function perform(t: Thread, op: Op, files: Files, expander: Expander, setting: Setting): void {
  switch (op.op) {
    case 'command':
      if (!t.ready) {
        t.ready = prepare(op.node, expander, (name) => name === 'set' || t.functions.has(name));
        // what it saw and what it does are two steps
        if (files.looks > 0) return;
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
      const value = testExpression(op.node.expression, expander, { files, thread: t });
      t.pc++;
      complete(t, value ? 0 : 1, op.guarded);
      return;
    }
    case 'arithmetic': {
      const value = isTrue(t, op.node.expression, expander);
      t.pc++;
      complete(t, value ? 0 : 1, op.guarded);
      return;
    }
    case 'evaluate': {
      const value = isTrue(t, op.node, expander);
      t.pc++;
      complete(t, value ? 0 : 1, true);
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
      const item = frame.items[frame.at]!;
      // Of what is not known there may be none, and any number.
      const isKnown = !item.includes(UNKNOWN_TEXT);
      const isThere = isKnown || choose(t, 'next', ['there is none left', 'there is one']) === 1;
      t.memo = new Map();
      if (isKnown || !isThere) t.frames = { ...frame, at: frame.at + 1 };
      if (!isThere) return;
      expander.parameters.set(op.name, isKnown || isName(item) ? item : UNKNOWN_TEXT);
      t.pc++;
      return;
    }
    case 'case': {
      const chosen = chosenItem(t, op.node, expander);
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
      if (t.frames?.kind === 'scope' && hasEnded(t, t.frames.saved.trap)) closeScope(t, op.guarded);
      return;
    case 'define':
      define(t, op.name);
      return;
    case 'unread':
      t.pc++;
      throw new Unreadable(op.text, true);
  }
}

/** Defines a function, and those that follow it at once. */
function define(t: Thread, name: string): void {
  needFew(t.functions, name, 'functions');
  const functions = new Map(t.functions);
  for (let op = t.code.ops[t.pc]; op?.op === 'define'; op = t.code.ops[++t.pc]) functions.set(op.name, op.body);
  t.functions = functions;
  t.status = 0;
}
