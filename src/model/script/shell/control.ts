import { type Descriptors, type Frame, type Thread, UNKNOWN_STATUS, UNKNOWN_TEXT, type Value } from './thread.ts';
import { Unreadable } from './unreadable.ts';

/** Deepest nesting of calls, loops and substitutions that is followed. */
const MOST_FRAMES = 500;

export function checkDepth(t: Thread): void {
  if (t.depth > MOST_FRAMES) throw new Unreadable(`calls within calls, ${MOST_FRAMES} deep`);
}

/** The command has ended: what it leaves, and whether `set -e` ends the script there. */
export function complete(t: Thread, status: number, guarded: boolean): void {
  t.status = status;
  t.memo = NO_MEMO;
  t.ready = null;
  t.substituted = 0;
  if (guarded || t.guarded || !t.options.has('errexit') || status === 0) return;
  if (status === UNKNOWN_STATUS) t.doubtful = true;
  else exit(t, status);
}

const NO_MEMO: ReadonlyMap<string, string> = new Map();

/** Takes frames off the stack up to the first that `stop` accepts, which stays; null where there is none. */
function unwind(t: Thread, stop: (frame: Frame) => boolean): Frame | null {
  while (t.frames && !stop(t.frames)) {
    const frame = t.pop();
    if (frame.kind === 'redirect') t.descriptors = restored(frame, t);
    else if (frame.kind === 'call') leaveCall(t, frame);
  }
  return t.frames;
}

/** The descriptors before a redirection, but for what was read of an input that it left alone. */
function restored(frame: Frame & { kind: 'redirect' }, t: Thread): Descriptors {
  return frame.input ? frame.saved : [t.descriptors[0], ...frame.saved.slice(1)];
}

export function popRedirect(t: Thread): void {
  const frame = t.pop();
  if (frame.kind === 'redirect') t.descriptors = restored(frame, t);
}

/** Ends the shell, or the subshell that it is in. */
export function exit(t: Thread, status: number): void {
  const scope = unwind(t, (frame) => frame.kind === 'scope');
  t.status = status;
  t.ready = null;
  t.memo = NO_MEMO;
  if (scope?.kind === 'scope') {
    t.pc = scope.substitution === null ? scope.end : t.code.ops.length;
    if (scope.substitution === null) t.code = scope.saved.code;
    return;
  }
  t.pc = Number.MAX_SAFE_INTEGER;
}

/** Ends a function or a sourced text; false where there is none to end. */
export function returnFrom(t: Thread, status: number): boolean {
  const call = unwind(t, (frame) => frame.kind === 'call' || frame.kind === 'scope');
  if (call?.kind !== 'call') return false;
  t.status = status;
  endCall(t);
  return true;
}

/** The end of a function's instructions. */
export function endCall(t: Thread): void {
  const { status } = t;
  const frame = t.pop();
  if (frame.kind !== 'call') return;
  leaveCall(t, frame);
  t.code = frame.saved.code;
  t.pc = frame.saved.pc;
  complete(t, status, frame.guarded);
}

/** The variables with some set back to what they were; undefined is unset. */
export function withValues(
  variables: Thread['variables'],
  before: ReadonlyMap<string, Value | undefined>,
): Thread['variables'] {
  if (before.size === 0) return variables;
  const after = new Map(variables);
  for (const [name, value] of before)
    if (value === undefined) after.delete(name);
    else after.set(name, value);
  return after;
}

function leaveCall(t: Thread, { saved, redirects, own }: Frame & { kind: 'call' }): void {
  if (redirects) t.descriptors = [t.descriptors[0], ...saved.descriptors.slice(1)];
  t.guarded = saved.guarded;
  if (own === null) return;
  if (own === 'shell') {
    t.variables = saved.variables;
    t.functions = saved.functions;
    t.options = saved.options;
    t.directory = saved.directory;
    t.name = saved.name;
  } else if (t.locals && t.locals.size > 0) {
    const variables = new Map(t.variables);
    for (const [name, value] of t.locals)
      if (value === undefined) variables.delete(name);
      else variables.set(name, value);
    t.variables = variables;
  }
  t.locals = saved.locals;
  t.words = saved.words;
}

/** `break` and `continue`; false outside of a loop. */
export function leaveLoop(t: Thread, levels: number, again: boolean): boolean {
  let left = levels;
  const loops = (frame: Frame): boolean =>
    frame.kind === 'call' || frame.kind === 'scope' || (frame.kind === 'loop' && --left <= 0);
  const inLoop = hasLoop(t.frames);
  if (!inLoop) return false;
  const frame = unwind(t, loops);
  if (frame?.kind !== 'loop') return false;
  t.pc = again ? frame.again : frame.end;
  return true;
}

function hasLoop(frame: Frame | null): boolean {
  if (!frame || frame.kind === 'call' || frame.kind === 'scope') return false;
  return frame.kind === 'loop' || hasLoop(frame.next);
}

/** The end of a subshell, a part of a pipeline or a substitution: the shell is as before, but for what is written. */
export function closeScope(t: Thread, guarded: boolean): void {
  const { status, captures, files } = t;
  const frame = t.pop();
  if (frame.kind !== 'scope') return;
  const { saved, substitution, pipe } = frame;
  const { frames, depth, pc } = t;
  Object.assign(t, saved.copy());
  t.frames = frames;
  t.depth = depth;
  t.files = files;
  t.captures = captures;
  if (substitution !== null) {
    const text = popCapture(t);
    t.memo = new Map(t.memo).set(substitution, text.replace(/\n+$/, ''));
    t.substituted = status;
    return;
  }
  t.pc = pc + 1;
  if (pipe === 'middle') {
    t.piped = popCapture(t);
    t.failed = status || t.failed;
    return;
  }
  const failed = pipe === 'last' && t.options.has('pipefail') ? status || t.failed : status;
  if (pipe === 'last') {
    t.piped = '';
    t.failed = 0;
  }
  complete(t, failed, guarded);
}

function popCapture(t: Thread): string {
  const text = t.captures.at(-1) ?? '';
  t.captures = t.captures.slice(0, -1);
  return text.replaceAll('\0', '');
}

/** Adds to what a substitution or a pipeline collects. */
export function capture(t: Thread, depth: number, text: string): void {
  const before = t.captures[depth] ?? '';
  if (before.length + text.length > 1 << 20) throw new Unreadable('the output of a command of more than 1 MiB');
  t.captures = t.captures.with(depth, before + text);
}

/** What the shell writes about a failure is not known, where a script collects it. */
export function complain(t: Thread): void {
  const errors = t.descriptors[2];
  if (errors?.kind === 'capture') capture(t, errors.depth, UNKNOWN_TEXT);
}
