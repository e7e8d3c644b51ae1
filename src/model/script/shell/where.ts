import type { Place } from '../program.ts';
import type { Code, Op } from './code.ts';

/** Place and text of an instruction, for what is said of it: the rest of its line. */
export function where({ source }: Code, op: Op | undefined): { readonly place: Place; readonly text: string } {
  const pos = op?.pos ?? 0;
  const place = source.place(pos);
  const text = source.shown?.(place.line) ?? source.text.slice(pos, pos + 200).split('\n', 1)[0]!;
  return { place, text };
}
