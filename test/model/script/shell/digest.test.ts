import { expect, test } from 'vitest';
import { shellProgram } from '../../../../src/model/script/shell-program.ts';
import type { Thread } from '../../../../src/model/script/shell/thread.ts';
import { twoLikeNics } from '../machine.ts';

/** Of each position of a script that is run alone, where every write succeeds, how much text its key is made of. */
function sizes(script: string): number[] {
  const kernel = twoLikeNics();
  const program = shellProgram(script, 'x.sh');
  const found: number[] = [];
  let at = program.start;
  for (let step = program.next(at, kernel); step.kind !== 'end'; step = program.next(at, kernel)) {
    at = step.kind === 'event' ? step.then({ kind: 'ok' }) : (step as { readonly then: typeof at }).then;
    expect(at.key).toHaveLength(22);
    found.push((at as Thread).size);
  }
  return found;
}

const long = (found: readonly number[]) => found.filter((size) => size > 5000).length;

test('Thread.key: of thousands of writes by one command, of a long list and of many functions text is made once', () => {
  const writes = sizes(`printf '${'a\\n'.repeat(1000)}' > /sys/bus/pci/drivers_probe`);
  expect([writes.length, long(writes)]).toEqual([1000, 1]);
  const list = Array.from({ length: 1000 }, (_, i) => `device${i}`).join(' ');
  const loop = sizes(`for i in ${list}; do [ -e /sys/bus/pci ]; done`);
  expect([loop.length, long(loop)]).toEqual([1000, 1]);
  const functions = Array.from({ length: 1000 }, (_, i) => `function${i}() { :; }`).join('\n');
  const calls = sizes(`${functions}\nfor i in 1 2 3 4 5; do function7; [ -e /sys/bus/pci ]; done`);
  expect([calls.length, long(calls)]).toEqual([5, 1]);
});
