import { expect, test } from 'vitest';
import { diffSides } from '../../../src/packaging/diff/diff.ts';
import { answersOf } from '../../../src/packaging/diff/side.ts';
import { fnmatch } from '../../../src/pattern/fnmatch.ts';
import { many } from '../../support/many.ts';
import { Random } from '../../support/random.ts';
import { side } from './side.ts';

const LETTERS = 'abc';
const keys = ['t:'];
for (let i = 0; keys[i]!.length < 6; i++) for (const letter of LETTERS) keys.push(keys[i]! + letter);

const PARTS = ['a', 'b', 'c', 'a', 'b', '*', '*', '?', '[ab]', '[b-c]'];
const MODULES = ['one', 'two', 'three', 'four'];

function lineFrom(random: Random): string {
  const pattern = Array.from({ length: 1 + random.below(4) }, () => random.pick(PARTS)).join('');
  return `t:${pattern} ${random.pick(MODULES)}`;
}

/** The same lines with some removed, added, or given to another module. */
function changed(lines: readonly string[], random: Random): string[] {
  const kept = lines.flatMap((line) => {
    if (random.oneIn(4)) return [];
    return random.oneIn(5) ? [`${line.slice(0, line.indexOf(' '))} ${random.pick(MODULES)}`] : [line];
  });
  return random.oneIn(2) ? [...kept, lineFrom(random)] : kept;
}

test('diffSides: every key that is answered otherwise is matched by a change, and every example shows its class, on random patterns', () => {
  const random = new Random(41);
  const rounds = many(65);
  let differing = 0;
  for (let round = 0; round < rounds; round++) {
    const lines = Array.from({ length: 1 + random.below(6) }, () => lineFrom(random));
    const now = changed(lines, random);
    const sides = [side(lines), side(now)] as const;
    const [a, b] = sides.map(answersOf);
    const { changes, undecided, renamed } = diffSides(...sides);
    expect(undecided).toEqual([]);
    if (renamed.length > 0) continue;
    const answers = (key: string) => [a!, b!].map((index) => [...new Set(index.lookup(key).map((m) => m.module))]);
    for (const key of keys) {
      const [before, after] = answers(key).map((modules) => [...modules].sort().join());
      if (before === after) continue;
      differing++;
      const told = changes.some(({ pattern }) => fnmatch(pattern, key));
      expect([lines, now, key, told]).toEqual([lines, now, key, true]);
    }
    for (const change of changes) {
      const where = [lines, now, change];
      expect([where, fnmatch(change.pattern, change.example)]).toEqual([where, true]);
      expect([where, ...answers(change.example)]).toEqual([where, change.old, change.new]);
      const differs = change.class === 'order' ? change.old[0] !== change.new[0] : isChanged(change);
      expect([where, differs]).toEqual([where, true]);
    }
  }
  expect(differing).toBeGreaterThan(4 * rounds);
});

/** Whether a change's modules are gone from the example's answer, or are new in it. */
function isChanged({
  old,
  new: now,
  modules,
}: {
  old: readonly string[];
  new: readonly string[];
  modules: readonly string[];
}) {
  return modules.every((module) => old.includes(module) !== now.includes(module));
}
