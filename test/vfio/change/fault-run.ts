import { expect } from 'vitest';
import { readStatus } from '../../../src/vfio/change/status.ts';
import type { Run } from './bound-run.ts';

/** Names of the devices that status says are not where they were. */
export function toldBy({ root, state }: Run): string[] {
  const { journals } = readStatus(root.roots, state);
  return journals.flatMap(({ devices }) => devices.flatMap(({ name, back }) => (back ? [] : name))).sort();
}

/** Names of the devices that were there and are not where they were; what is made or removed is not among them. */
export function movedIn(run: Run, since = run.before): string[] {
  const now = run.placements();
  return Object.keys(now)
    .filter((name) => name in since && JSON.stringify(now[name]) !== JSON.stringify(since[name]))
    .sort();
}

/** No device is lost in silence: it is where it was, or the result and the status both name it. */
export function honest(run: Run, what: string): void {
  const moved = movedIn(run);
  expect(run.result?.left.map(({ name }) => name).sort(), what).toEqual(moved);
  expect(run.result?.state, what).toBe(moved.length === 0 ? 'rolled-back' : 'incomplete');
  expect(toldBy(run), what).toEqual(moved);
  const now = run.placements();
  const { journals } = readStatus(run.root.roots, run.state);
  for (const told of journals.flatMap(({ devices }) => devices)) expect(told.now, what).toEqual(now[told.name]);
}
