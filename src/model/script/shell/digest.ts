import { createHash } from 'node:crypto';
import type { KernelEvent } from '../../../driver-core/index.ts';
import { Remembered } from '../../../driver-core/lists/remembered.ts';

/** Length of all texts that a digest was made of. */
let digested = 0;

export function digestedLength(): number {
  return digested;
}

/** 132 bits stand for a text: equal texts have equal ones, and others do not in practice. */
export function digest(text: string): string {
  digested += text.length;
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** A text, or its digest where it is long: what stays the same from step to step is then not gone through again. */
function shortened(text: string): string {
  return text.length < 1000 ? text : digest(text);
}

/** What a loop goes through, which stays the same in all of its turns. */
const LISTS = new Remembered((items: readonly string[]) => digest(JSON.stringify(items)));

export const itemsKey = (items: readonly string[]): string => LISTS.of(items);

/** For each event of a list, a text for all from there on. */
const LEFT = new Remembered((events: readonly KernelEvent[]) => {
  let left = '';
  return events
    .toReversed()
    .map((event) => {
      left = digest(`${JSON.stringify(event)}\n${left}`);
      return left;
    })
    .reverse();
});

/** What is left of events, from one of them on. */
export const leftKey = (events: readonly KernelEvent[], at: number): string => LEFT.of(events)[at]!;

const MAPS = new Remembered((map: ReadonlyMap<string, unknown>) => {
  const rows = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return shortened(JSON.stringify(rows.map(([name, value]) => [name, valueKey(value)])));
});

/** Names and values, in whatever order they were set. */
export const mapKey = (map: ReadonlyMap<string, unknown>): string => MAPS.of(map);

export function valueKey(value: unknown): unknown {
  if (value instanceof Map) return [...value];
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : (value ?? 0);
}
