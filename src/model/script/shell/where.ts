import type { Place } from '../program.ts';
import type { Code, Op } from './code.ts';

/** Most characters of a command that are shown. */
const LONGEST = 200;

/** Place and text of an instruction, for what is said of it: its first line. */
export function where({ source }: Code, op: Op | undefined): { readonly place: Place; readonly text: string } {
  const pos = op?.pos ?? 0;
  const place = source.place(pos);
  const end = op && 'node' in op ? (op.node?.end ?? pos) : pos + LONGEST;
  const own = source.text.slice(pos, Math.min(end, pos + LONGEST)).split('\n', 1)[0]!;
  const text = source.shown?.(place.line) ?? own;
  return { place, text };
}
