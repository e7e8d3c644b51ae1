import { type KernelEvent, type KernelState, type Result, step } from '../../../driver-core/index.ts';
import type { Position, Step } from '../program.ts';
import { sysfsEntry } from '../sysfs-view.ts';
import type { Code, Op } from './code.ts';
import { closeScope, complain, complete, endCall, exit } from './control.ts';
import { hasEnded } from './end.ts';
import { Files } from './files.ts';
import { instruction, type Setting } from './perform.ts';
import { type Thread, UNKNOWN_STATUS } from './thread.ts';
import { needStatus, Undecided } from './undecided.ts';
import { Unreadable } from './unreadable.ts';
import { where } from './where.ts';
import { Expander } from './words/expand.ts';

/** Most instructions between two steps: a script that does more without touching the kernel is not followed. */
const MOST_INSTRUCTIONS = 50_000;

/** What following a process to its next step took. */
interface Done {
  /** Instructions, and as many more as it takes longer than for one. */
  work: number;
  looks: number;
}

/** What a shell process at `at` does next. */
export function nextStep(at: Position, kernel: KernelState, setting: Setting): Step {
  const start = at as Thread;
  const done: Done = { work: 0, looks: 0 };
  const step = follow(start, kernel, setting, done);
  return { ...step, effort: (done.work >> 4) + (done.looks >> 2) + (Math.max(start.size - 4096, 0) >> 8) };
}

function follow(at: Thread, kernel: KernelState, setting: Setting, done: Done): Step {
  const t = at.copy();
  const files = new Files(t, kernel);
  const expander = new Expander(t, files, setting.assigned);
  for (let i = 0; done.work < MOST_INSTRUCTIONS; i++) {
    // Each assignment copies all variables.
    done.work += 1 + (t.variables.size >> 8);
    if (t.halted !== null) {
      const { place } = where(t.code, t.code.ops[t.pc - 1]);
      return { kind: 'unread', place, text: t.halted, then: null };
    }
    if (t.acts) return actStep(t, kernel);
    const op = t.code.ops[t.pc];
    const { code } = t;
    try {
      if (t.doubtful) endInDoubt(t);
      else if (op) instruction(t, op, files, expander, setting);
      else if (endOfCode(t)) return { kind: 'end', status: t.status };
    } catch (error) {
      if (error instanceof Undecided) return choice(replay(at, kernel, setting, i), error);
      if (!(error instanceof Unreadable)) throw error;
      return unread(t, code, op, error);
    }
    done.looks = files.looks;
    if (files.looks > 0) return { kind: 'read', ...where(code, op), then: t };
  }
  const { place, text } = where(t.code, t.code.ops[t.pc]);
  return { kind: 'unread', place, text: `${text}: it goes on and on without touching the kernel`, then: null };
}

/** Where the process is after so many instructions, none of which ended a step. */
function replay(at: Thread, kernel: KernelState, setting: Setting, count: number): Thread {
  const t = at.copy();
  const files = new Files(t, kernel);
  const expander = new Expander(t, files, setting.assigned);
  for (let i = 0; i < count; i++) {
    const op = t.code.ops[t.pc];
    if (t.doubtful) endInDoubt(t);
    else if (op) instruction(t, op, files, expander, setting);
    else endOfCode(t);
  }
  return t;
}

/** Each way in which a process may go on. */
function choice(before: Thread, { ways, fact }: Undecided): Step {
  const { code, pc, doubtful } = before;
  // What stands before is in doubt, at the end of a text, too.
  const { place, text } = where(code, code.ops[doubtful ? pc - 1 : pc] ?? code.ops.at(-1));
  return {
    kind: 'choice',
    place,
    text,
    fact,
    ways: ways.map((way) => {
      const then = before.copy();
      way.take(then);
      return { text: way.text, then };
    }),
  };
}

/** `set -e` after a command whose status is not known. */
function endInDoubt(t: Thread): void {
  needStatus(t);
  t.doubtful = false;
  if (t.status !== 0) exit(t, t.status);
}

/** The next event of a command; the command has ended with the last. */
function actStep(t: Thread, kernel: KernelState): Step {
  const acts = t.acts!;
  const { place, text, events, at, status, guarded } = acts;
  const then = (result: Result): Position => {
    const after = t.copy();
    const failed = result.kind === 'errno' ? 1 : result.kind === 'unknown' ? UNKNOWN_STATUS : status;
    const worst = status === 0 || failed > 0 ? failed : status;
    if (at + 1 < events.length) after.acts = { ...acts, at: at + 1, status: worst };
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
  const event = events[at]!;
  if (isNowhere(event, kernel)) return { kind: 'read', place, text, then: then({ kind: 'errno', errno: 'ENOENT' }) };
  return { kind: 'event', place, text, event, then };
}

/** Whether a write is to a file that is surely not there, in a directory of which the kernel's model says nothing. */
function isNowhere(event: KernelEvent, kernel: KernelState): boolean {
  if (event.kind !== 'write' || step(kernel, event).result.kind !== 'unknown') return false;
  return sysfsEntry(kernel, event.path).entry.kind === 'absent';
}

function unread(t: Thread, code: Code, op: Op | undefined, error: Unreadable): Step {
  const { place, text } = where(code, op);
  const said = error.message === text ? text : `${text}: ${error.message}`;
  if (error.goesOn) complete(t, 0, true);
  return { kind: 'unread', place, text: said, then: error.goesOn ? t : null };
}

/** The end of a text of commands; true where the whole process has ended. */
function endOfCode(t: Thread): boolean {
  const top = t.frames;
  if (top === null) {
    if (!hasEnded(t, null)) return false;
    needStatus(t);
    return true;
  }
  if (top.kind === 'call') endCall(t);
  else if (top.kind === 'scope') {
    if (hasEnded(t, top.saved.trap)) closeScope(t, top.guarded);
  } else exit(t, t.status);
  return false;
}
