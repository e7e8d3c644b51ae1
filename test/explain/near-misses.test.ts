import { expect, test } from 'vitest';
import { nearMisses } from '../../src/explain/near-misses.ts';
import type { Match } from '../../src/match/match.ts';

const pci = (module: string, device: string, priority: number): Match => ({
  module,
  pattern: `pci:v00008086d0000${device}sv*sd*bc*sc*i*`,
  source: 'alias',
  priority,
});
const key = 'pci:v00008086d00001533sv00000000sd00000000bc02sc00i00';

test('nearMisses puts the module that is loaded earlier first where two are equally close, whatever their order', () => {
  const equal = [pci('late', '1531', 9), pci('early', '1532', 3), pci('middle', '1534', 5)];
  expect(nearMisses(key, equal, 3).map((m) => m.module)).toEqual(['early', 'middle', 'late']);
  expect(nearMisses(key, equal.toReversed(), 2).map((m) => m.module)).toEqual(['early', 'middle']);
});

test('nearMisses leaves out what matches, other buses, and more than were asked for', () => {
  const patterns = [
    pci('hit', '1533', 0),
    { ...pci('usb', '1531', 0), pattern: 'usb:v8086p1531*' },
    pci('miss', '1531', 1),
  ];
  expect(nearMisses(key, patterns, 3).map((m) => m.module)).toEqual(['miss']);
  expect(nearMisses(key, [pci('a', '1531', 0), pci('b', '1532', 1)], 1).map((m) => m.module)).toEqual(['a']);
});

test('nearMisses keeps the closest of more patterns than it holds at once', () => {
  const many = Array.from({ length: 2500 }, (_, i) => pci(`far${i}`, (0x2000 + i).toString(16).toUpperCase(), i));
  expect(nearMisses(key, [...many, pci('near', '153A', 9999)], 1).map((m) => m.module)).toEqual(['near']);
});

test('nearMisses puts what agrees in more fields first, before what stands earlier', () => {
  const device = pci('device', '1539', 1);
  const subsystem: Match = {
    module: 'subsystem',
    pattern: 'pci:v00008086d00001539sv00000000sd*bc*sc*i*',
    source: 'alias',
    priority: 2,
  };
  expect(nearMisses(key, [device, subsystem], 3).map((m) => m.module)).toEqual(['subsystem', 'device']);
});

test('nearMisses takes an entry of a list as misspelt where at most half of it differs', () => {
  const of = (module: string, compatible: string): Match => ({
    module,
    pattern: `of:N*T*C${compatible}`,
    source: 'alias',
    priority: 0,
  });
  const found = nearMisses('of:NaT(null)Cabcd', [of('half', 'abxy'), of('more', 'axyz')], 3);
  expect(found.map((m) => m.module)).toEqual(['half']);
});

test('nearMisses finds names on a bus without fields by 16 edits at most, and by half of their letters', () => {
  const name = (pattern: string): Match => ({ module: 'm', pattern, source: 'alias', priority: 0 });
  const found = (bus: string, length: number, edits: number) => {
    const text = `${bus}:${'x'.repeat(length - edits)}`;
    return nearMisses(text + 'x'.repeat(edits), [name(text + 'y'.repeat(edits))], 3).length;
  };
  expect([found('none', 40, 16), found('none', 40, 17)]).toEqual([1, 0]);
  expect([found('none', 5, 5), found('a', 2, 2), found('a', 3, 3)]).toEqual([1, 1, 0]);
});

test('nearMisses leaves out what has no field in common, and of one field not even a first digit', () => {
  const one = (pattern: string): Match => ({ module: 'm', pattern, source: 'alias', priority: 0 });
  const found = (...patterns: readonly string[]) => nearMisses('ccw:t3990mE9dt3390dm0A', patterns.map(one), 3).length;
  expect(found('ccw:t1750m*dt*dm*')).toBe(0);
  expect(found('ccw:t3880m*dt*dm*')).toBe(1);
  expect(found('ccw:t3880mE8dt*dm*')).toBe(0);
});

test('nearMisses prefers what agrees in the more identifying fields, and the closest entry of a list', () => {
  const one = (module: string, pattern: string): Match => ({ module, pattern, source: 'alias', priority: 0 });
  const subsystem = one('subsystem', 'pci:v*d*sv00008086sd00000001bc03sc*i*');
  const device = one('device', 'pci:v00008086d00001533sv*sd*bc03sc*i*');
  const asked = 'pci:v00008086d00001533sv00008086sd00000001bc02sc00i00';
  expect(nearMisses(asked, [subsystem, device], 2).map((m) => m.module)).toEqual(['device', 'subsystem']);
  const [two, far] = [one('two', 'of:N*T*Cacme,sensorxy'), one('one', 'of:N*T*Cacme,sensox')];
  expect(nearMisses('of:NaT(null)Cacme,sensor', [two, far], 2).map((m) => m.module)).toEqual(['one', 'two']);
});

test('nearMisses compares what a star stands before with the beginning of a value', () => {
  const dmi = (module: string, vendor: string) => ({ ...pci(module, '', 0), pattern: `dmi*:svn*${vendor}*:` });
  const patterns = [dmi('other', 'ACER'), dmi('near', 'LENOVO'), dmi('nearer', 'LENOVAX2')];
  const found = nearMisses('dmi:bvnX:svnLENOVAX1:pnT:', patterns, 3);
  expect(found.map((m) => m.module)).toEqual(['nearer', 'near']);
});
