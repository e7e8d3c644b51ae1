import { expect, test } from 'vitest';
import type { Match } from '../../src/match/match.ts';
import { narrowestFirst } from '../../src/match/narrowest-first.ts';
import { bestOf, byLibvirt, bySpecific, byStars, namesDevice } from '../../src/match/ranking.ts';
import { isIncluded } from '../../src/pattern/inclusion.ts';
import { tokenize } from '../../src/pattern/tokens.ts';
import { Random } from '../support/random.ts';

const match = (module: string, pattern: string, priority = 0): Match => ({
  module,
  pattern,
  source: 'alias',
  priority,
});
const names = (matches: readonly Match[]) => matches.map((m) => m.module).join(' ');

function randomPattern(random: Random): string {
  const parts = ['a', 'b', '*', '*', '?', '[ab]', '[!a]'];
  return `*${Array.from({ length: random.below(4) }, () => random.pick(parts)).join('')}`.slice(random.below(2));
}

test('narrowestFirst takes the first for which nothing narrower is left, on random patterns', () => {
  const random = new Random(2);
  for (let round = 0; round < 200; round++) {
    const matches = Array.from({ length: 1 + random.below(8) }, (_, i) => match(`m${i}`, randomPattern(random)));
    const tokens = (m: Match) => tokenize(m.pattern, 'alias')!;
    const narrower = (a: Match, b: Match) => isIncluded(tokens(a), tokens(b)) && !isIncluded(tokens(b), tokens(a));
    const left = [...matches];
    const want: Match[] = [];
    while (left.length > 0)
      want.push(
        ...left.splice(
          left.findIndex((m) => !left.some((o) => narrower(o, m))),
          1,
        ),
      );
    expect(narrowestFirst(matches)).toEqual(want);
  }
});

const device = match('by_ids', 'pci:v00008086d00000953sv*sd*bc*sc*i*', 5);
const klass = match('by_class', 'pci:v*d*sv*sd*bc01sc08i02*', 1);
const all = match('by_all', 'pci:v*d*sv*sd*bc*sc*i*', 0);

test('byStars puts the fewest stars first and keeps ties in order', () => {
  expect(names(byStars([all, klass, device]))).toBe('by_class by_ids by_all');
});

test('byLibvirt counts fields that are a star and nothing else', () => {
  expect(names(byLibvirt([all, device, klass]))).toBe('by_class by_ids by_all');
});

test('bySpecific puts device ids before a class, and what matches more behind', () => {
  expect(names(bySpecific([all, klass, device]))).toBe('by_ids by_class by_all');
});

test('bySpecific puts a subsystem before a class', () => {
  const subsystem = match('sub', 'pci:v00008086d00000953sv00001028sd*bc*sc*i*');
  const withClass = match('klass', 'pci:v00008086d00000953sv*sd*bc01sc*i*');
  expect(names(bySpecific([withClass, subsystem]))).toBe('sub klass');
});

test('bySpecific follows the order of modules, then names, where patterns are the same', () => {
  const same = (module: string, priority: number) => match(module, device.pattern, priority);
  expect(names(bySpecific([same('z', 1), same('a', 2), same('y', 1)]))).toBe('y z a');
});

test('bySpecific places inclusion above all counts', () => {
  const wide = match('wide', 'of:N*T*Cvendor,long_and_literal*', 0);
  const narrow = match('narrow', 'of:N*T*Cvendor,long_and_literal*?*', 1);
  expect(names(bySpecific([wide, narrow]))).toBe('narrow wide');
});

test('bestOf is ambiguous where the rules name different modules', () => {
  expect(bestOf([klass, device])).toMatchObject({ match: { module: 'by_ids' }, ambiguous: true });
  expect(bestOf([klass, all])).toMatchObject({ match: { module: 'by_class' }, ambiguous: false });
  expect(bestOf([])).toBeUndefined();
});

test('bestOf agrees with libvirt on the variant drivers of the kernel', () => {
  const variant = match('mlx5_vfio_pci', 'vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*', 9);
  const generic = match('vfio_pci', 'vfio_pci:v*d*sv*sd*bc*sc*i*', 1);
  expect(bestOf([generic, variant])).toMatchObject({ match: variant, ambiguous: false });
});

test('namesDevice is true of a pattern that gives the ids of a device, false of a class, and says nothing of other buses', () => {
  expect(namesDevice('pci:v00008086d000010D3sv*sd*bc*sc*i*')).toBe(true);
  expect(namesDevice('pci:v00008086d*sv*sd*bc02sc00i*')).toBe(false);
  expect(namesDevice('pci:v*d*sv*sd*bc02sc00i00')).toBe(false);
  for (const pattern of ['virtio:d00000001v*', 'platform:acme', 'x']) expect(namesDevice(pattern)).toBeUndefined();
});
