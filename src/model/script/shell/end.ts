import { compile } from './compile.ts';
import { parseBuilt } from './source.ts';
import type { Thread } from './thread.ts';
import { needStatus } from './undecided.ts';
import { Unreadable } from './unreadable.ts';

/** Whether a shell or a subshell has ended; a trap on EXIT that it set runs first, and its status stays. */
export function hasEnded(t: Thread, outer: string | null): boolean {
  const { trap } = t;
  if (trap === null || trap === outer) return true;
  needStatus(t);
  t.trap = null;
  const { status } = t;
  const source = parseBuilt(`${trap}\nexit ${status}`, t.code.source.place(0));
  if (!source) throw new Unreadable(`trap ${trap}`);
  t.code = compile(source);
  t.pc = 0;
  return false;
}
