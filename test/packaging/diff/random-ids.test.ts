import { expect, test } from 'vitest';
import { diffSides } from '../../../src/packaging/diff/diff.ts';
import { many } from '../../support/many.ts';
import { Random } from '../../support/random.ts';
import { side } from './side.ts';

/** Modules by id. */
type Rows = Map<string, Set<string>>;

const row = (id: string, module: string) => `pci:v00008086d0000${id}sv*sd*bc*sc*i* ${module}`;
const linesOf = (rows: Rows) => [...rows].flatMap(([id, modules]) => [...modules].map((module) => row(id, module)));

function randomRows(random: Random): Rows {
  const modules = ['one', 'two', 'three', 'four'];
  return new Map(
    Array.from({ length: 12 }, (_, i) => [
      `10${10 + i}`,
      new Set(Array.from({ length: random.oneIn(4) ? 2 : 1 }, () => random.pick(modules))),
    ]),
  );
}

/** A few changes at once: a module renamed, split or merged, rows lost, gained, moved. */
function changed(rows: Rows, random: Random): Rows {
  const names = new Map<string, string[]>();
  if (random.oneIn(2)) names.set('one', ['uno']);
  if (random.oneIn(2)) names.set('two', random.oneIn(2) ? ['duo', 'due'] : ['duo', 'two']);
  if (random.oneIn(2)) names.set('three', random.pick([['uno'], ['tre'], ['four']]));
  const now: Rows = new Map();
  for (const [id, modules] of rows) {
    if (random.oneIn(10)) continue;
    const kept = [...modules].map((module) => (names.has(module) ? random.pick(names.get(module)!) : module));
    if (random.oneIn(10)) kept[0] = random.pick(['four', 'five']);
    if (random.oneIn(12)) kept.push('six');
    now.set(id, new Set(kept));
  }
  if (random.oneIn(3)) now.set('2000', new Set(['uno']));
  return now;
}

/** What the table of classes says of ids that no other pattern matches. */
function expected(old: Rows, now: Rows, named: (module: string) => string): string[] {
  const told: string[] = [];
  for (const id of new Set([...old.keys(), ...now.keys()])) {
    const [before, after] = [old, now].map((rows) => new Set([...(rows.get(id) ?? [])].map(named))) as [
      Set<string>,
      Set<string>,
    ];
    const gone = [...before].filter((module) => !after.has(module));
    const fresh = [...after].filter((module) => !before.has(module));
    const loss = after.size === 0 ? 'lost' : fresh.length > 0 ? 'moved' : 'dropped';
    if (gone.length > 0) told.push(`${loss} ${id}`);
    else if (fresh.length > 0) told.push(`${before.size === 0 ? 'gained' : 'joined'} ${id}`);
  }
  return told.sort();
}

test('diffSides: rows of ids that are lost, moved, joined while modules are renamed, split and merged are reported each once', () => {
  const random = new Random(7);
  const classes = new Set<string>();
  const rounds = many(100);
  let renames = 0;
  let living = 0;
  for (let round = 0; round < rounds; round++) {
    const old = randomRows(random);
    const now = changed(old, random);
    const { renamed, changes, undecided } = diffSides(side(linesOf(old)), side(linesOf(now)));
    renames += renamed.length;
    living += renamed.filter(({ from, to }) => from.some((name) => to.includes(name))).length;
    const names = new Map(renamed.flatMap(({ from, to }) => [...from, ...to].map((name) => [name, to.join('+')])));
    const told = changes
      .filter(({ class: name }) => name !== 'order')
      .map(({ class: name, pattern }) => `${name} ${pattern.slice(18, 22)}`)
      .sort();
    for (const change of told) classes.add(change.split(' ')[0]!);
    const what = { old: linesOf(old), now: linesOf(now), renamed };
    expect({ ...what, told, undecided }).toEqual({
      ...what,
      told: expected(old, now, (module) => names.get(module) ?? module),
      undecided: [],
    });
  }
  expect([...classes].sort()).toEqual(['dropped', 'gained', 'joined', 'lost', 'moved']);
  expect([renames > (rounds * 3) / 4, living > rounds / 8]).toEqual([true, true]);
});
