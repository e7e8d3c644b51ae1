import { expect, test } from 'vitest';
import { Frontier } from '../../../src/model/explore/frontier.ts';

/** Ways from one place to others, each with what it costs: 0 or 1. */
const WAYS: Readonly<Record<number, readonly (readonly [to: number, cost: 0 | 1])[]>> = {
  0: [
    [1, 1],
    [2, 1],
    [3, 0],
  ],
  3: [
    [4, 0],
    [5, 1],
  ],
  4: [[1, 0]],
  1: [[6, 1]],
  2: [[6, 0]],
};

test('Frontier: gives the nearest first, each once, and one that is reached for less again is nearer', () => {
  const frontier = new Frontier();
  const known = new Set([0]);
  const order: number[][] = [];
  frontier.add(0, true);
  for (let at = frontier.take(); at >= 0; at = frontier.take()) {
    order.push([at, frontier.distanceOf(at)]);
    for (const [to, cost] of WAYS[at] ?? [])
      if (!known.has(to)) {
        known.add(to);
        frontier.add(to, cost === 0);
      } else if (cost === 0) frontier.bringNearer(to);
  }
  expect(order).toEqual([
    [0, 0],
    [3, 0],
    [4, 0],
    [1, 0],
    [2, 1],
    [5, 1],
    [6, 1],
  ]);
});
