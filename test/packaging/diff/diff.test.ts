import { expect, test } from 'vitest';
import { type Difference, diffSides } from '../../../src/packaging/diff/diff.ts';
import type { Change } from '../../../src/packaging/diff/change.ts';
import { packagesOf } from '../../../src/packaging/diff/packages.ts';
import { side } from './side.ts';

const E1000 = [
  'pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e',
  'pci:v00008086d000010D4sv*sd*bc*sc*i* e1000e',
  'pci:v00008086d000010D5sv*sd*bc*sc*i* e1000e',
  'pci:v*d*sv*sd*bc01sc06i01* ahci',
  'usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb_storage',
];

/** What is told, in few words: class, pattern, modules before and after. */
function told({ changes, other, undecided }: Difference): string[] {
  expect(undecided).toEqual([]);
  return [...changes, ...other].map(
    ({ class: name, becomes, pattern, old, new: now }) =>
      `${name}${becomes ? `/${becomes}` : ''} ${pattern}: ${old.join(' ') || '-'} > ${now.join(' ') || '-'}`,
  );
}

const diff = (old: readonly string[], now: readonly string[]) => diffSides(side(old), side(now));
const without = (lines: readonly string[], ...gone: readonly number[]) => lines.filter((_, i) => !gone.includes(i));

test('diffSides: a kernel against itself has no difference', () => {
  const { renamed, modules } = diff(E1000, E1000);
  expect([told(diff(E1000, E1000)), renamed, modules]).toEqual([[], [], { gone: [], new: [] }]);
});

test('diffSides: a removed row is lost, and gained from the other side, with a plausible example', () => {
  const lost = diff(E1000, without(E1000, 1));
  expect(told(lost)).toEqual(['lost pci:v00008086d000010D4sv*sd*bc*sc*i*: e1000e > -']);
  expect(lost.changes[0]).toMatchObject({
    bus: 'pci',
    example: 'pci:v00008086d000010D4sv00001AF4sd00001100bc02sc00i00',
    modules: ['e1000e'],
    by: [],
  });
  expect(told(diff(without(E1000, 1), E1000))).toEqual(['gained pci:v00008086d000010D4sv*sd*bc*sc*i*: - > e1000e']);
});

test('diffSides: a card whose class has a driver on both sides is lost nevertheless', () => {
  const card = 'pci:v00001234d00005678sv*sd*bc01sc06i01* card';
  const change = diff([...E1000, card], E1000).changes[0];
  expect(change).toMatchObject({ class: 'generic', old: ['ahci', 'card'], new: ['ahci'] });
  const open = 'pci:v00001234d00005678sv*sd*bc*sc*i* card';
  expect(diff([...E1000, open], E1000).changes[0]).toMatchObject({ class: 'lost', old: ['card'], new: [] });
});

test('diffSides: an id that another module takes over is moved, told once', () => {
  const now = [...without(E1000, 1), 'pci:v00008086d000010D4sv*sd*bc*sc*i* ahci'];
  expect(told(diff(E1000, now))).toEqual(['moved pci:v00008086d000010D4sv*sd*bc*sc*i*: e1000e > ahci']);
});

test('diffSides: with a second module that had the device it is dropped, and joined from the other side', () => {
  const both = [...E1000, 'pci:v00008086d000010D4sv*sd*bc*sc*i* ahci'];
  expect(told(diff(both, without(both, 1)))).toEqual([
    'dropped pci:v00008086d000010D4sv*sd*bc*sc*i*: e1000e ahci > ahci',
  ]);
  expect(told(diff(without(both, 5), both))).toEqual([
    'joined pci:v00008086d000010D4sv*sd*bc*sc*i*: e1000e > e1000e ahci',
  ]);
});

test('diffSides: ids that fall to a wider pattern are generic, and specific from the other side', () => {
  const old = [
    'usb:v0411p004Bd*dc*dsc*dp*ic02isc02ipFFin* rndis_wlan',
    'usb:v*p*d*dc*dsc*dp*icE0isc01ip03in* rndis_wlan',
    'usb:v*p*d*dc*dsc*dp*ic02isc02ipFFin* rndis_host',
  ];
  expect(told(diff(old, without(old, 0)))).toEqual([
    'generic usb:v0411p004Bd*dc*dsc*dp*ic02isc02ipFFin*: rndis_wlan rndis_host > rndis_host',
  ]);
  expect(told(diff(without(old, 0), old))).toEqual([
    'specific usb:v0411p004Bd*dc*dsc*dp*ic02isc02ipFFin*: rndis_host > rndis_wlan rndis_host',
  ]);
});

test('diffSides: a narrowed class is narrowed, a widened one widened, and the split of one that loses nothing is silent', () => {
  const wide = [...E1000, 'pci:v00001002d*sv*sd*bc03sc*i* radeon'];
  const narrow = [...E1000, 'pci:v00001002d*sv*sd*bc03sc00i* radeon'];
  const whole = diff(wide, narrow);
  expect(told(whole)).toEqual(['narrowed/lost pci:v00001002d*sv*sd*bc03sc*i*: radeon > -']);
  expect(whole.changes[0]!.by).toEqual(['pci:v00001002d*sv*sd*bc03sc00i*']);
  expect(told(diff(narrow, wide))).toEqual(['widened/gained pci:v00001002d*sv*sd*bc03sc*i*: - > radeon']);
  const halves = [
    ...E1000,
    'pci:v00001002d*sv*sd*bc03sc[0-7]*i* radeon',
    'pci:v00001002d*sv*sd*bc03sc[89A-F]*i* radeon',
  ];
  expect(told(diff(wide, halves))).toEqual([]);
  expect(told(diff(halves, wide))).toEqual([]);
});

test('diffSides: what a module loses of keys that a class pattern has on both sides is reported where it keeps the rest', () => {
  const wide = ['platform:acme_* acme', 'platform:acme_x* other'];
  const narrow = ['platform:acme_ acme', 'platform:acme_[!x]* acme', 'platform:acme_x* other'];
  expect(told(diff(wide, narrow))).toEqual(['narrowed/lost platform:acme_*: acme other > other']);
  expect(told(diff(narrow, wide))).toEqual(['widened/gained platform:acme_*: other > acme other']);
  // Where there are no other keys at all, these count.
  const covered = ['platform:acme_[xy] acme', 'platform:*x other', 'platform:*y other'];
  expect(told(diff(covered, without(covered, 0)))).toEqual(['lost platform:acme_[xy]: acme other > other']);
});

test('diffSides: a module that comes from another package is reported where a class pattern has all of its keys, too', () => {
  const lines = ['platform:acme_[xy] acme', 'platform:*x other', 'platform:*y other'];
  const from = (acme: string) => ({
    ...side(lines),
    packageOf: (module: string) => {
      const name = module === 'acme' ? acme : 'main';
      return { name, family: name };
    },
  });
  expect(told(diffSides(from('main'), from('extra')))).toEqual(['package platform:acme_[xy]: acme other > acme other']);
  expect(told(diffSides(from('main'), from('main')))).toEqual([]);
});

test('diffSides: what a pattern loses is reported, and not besides that its module comes from another package', () => {
  const packed = (acme: string, ...lines: readonly string[]) => ({
    ...side([...lines, 'platform:other other', 'platform:kept acme']),
    packageOf: (module: string) => {
      const name = module === 'acme' ? acme : 'main';
      return { name, family: name };
    },
  });
  const [old, now] = [packed('main', 'platform:acme_* acme'), packed('extra', 'platform:acme_[!x]* acme')];
  expect(told(diffSides(old, now))).toEqual([
    'narrowed/lost platform:acme_*: acme > -',
    'package platform:kept: acme > acme',
  ]);
});

test('diffSides: a renamed module is reported as renamed only, also where it loses an id besides', () => {
  const renamed = E1000.map((line) => line.replace('e1000e', 'e2000'));
  const result = diff(E1000, renamed);
  expect(result.renamed).toEqual([{ from: ['e1000e'], to: ['e2000'], patterns: 3 }]);
  expect([told(result), result.modules]).toEqual([[], { gone: [], new: [] }]);
  expect(told(diff(E1000, without(renamed, 2)))).toEqual(['lost pci:v00008086d000010D5sv*sd*bc*sc*i*: e1000e > -']);
});

test('diffSides: half of the patterns of a gone module do not make a rename, more than half do', () => {
  const ids = (module: string, ...places: readonly number[]) =>
    places.map((n) => `pci:v00001234d0000000${n}sv*sd*bc*sc*i* ${module}`);
  const renamed = (old: readonly string[], now: readonly string[]) => diff(old, now).renamed.length;
  expect(renamed(ids('a', 1, 2, 3, 4), ids('b', 1, 2, 5, 6))).toBe(0);
  expect(renamed(ids('a', 1, 2, 3, 4), ids('b', 1, 2, 3, 6))).toBe(1);
  // All of what is new is linked with what is gone, but that has twice as much.
  expect(renamed(ids('a', 1, 2, 3, 4), ids('b', 1, 2))).toBe(0);
  expect(renamed(ids('a', 1, 2, 3), ids('b', 1, 2))).toBe(1);
  // Half of what c has is a's: it has no part in the rename.
  const split = [...ids('b', 1, 2, 3), ...ids('c', 4, 5)];
  expect(diff(ids('a', 1, 2, 3, 4), split).renamed).toEqual([{ from: ['a'], to: ['b'], patterns: 3 }]);
});

test('diffSides: a split module and merged ones are reported as such only', () => {
  const split = E1000.map((line, i) => line.replace('e1000e', i === 0 ? 'e1000e_old' : 'e1000e_new'));
  const result = diff(E1000, split);
  expect(result.renamed).toEqual([{ from: ['e1000e'], to: ['e1000e_new', 'e1000e_old'], patterns: 3 }]);
  expect([told(result), result.modules]).toEqual([[], { gone: [], new: [] }]);
  expect(diff(split, E1000).renamed).toEqual([{ from: ['e1000e_new', 'e1000e_old'], to: ['e1000e'], patterns: 3 }]);
  expect(told(diff(split, E1000))).toEqual([]);
});

test('diffSides: a few ids that go to a new module are moved, and no rename', () => {
  const now = E1000.map((line, i) => (i === 0 ? line.replace('e1000e', 'igb') : line));
  const result = diff(E1000, now);
  expect(result.renamed).toEqual([]);
  expect(told(result)).toEqual(['moved pci:v00008086d000010D3sv*sd*bc*sc*i*: e1000e > igb']);
  expect(result.modules).toEqual({ gone: [], new: ['igb'] });
});

test('diffSides: a module that is built in now, or no longer, is reported so', () => {
  const [loadable, builtin] = [side(E1000, []), side(without(E1000, 3), [E1000[3]!])];
  expect(told(diffSides(loadable, builtin))).toEqual(['builtin pci:v*d*sv*sd*bc01sc06i01*: ahci > ahci']);
  expect(told(diffSides(builtin, loadable))).toEqual(['loadable pci:v*d*sv*sd*bc01sc06i01*: ahci > ahci']);
  expect(told(diffSides(builtin, builtin))).toEqual([]);
});

test('diffSides: what is built in is left out where one side does not report it', () => {
  expect(told(diffSides(side(E1000), side(E1000, ['platform:rtc_cmos rtc_cmos'])))).toEqual([]);
});

test('diffSides: a built-in alias that loadable modules hide on both sides is no loss', () => {
  const row = 'pci:v00008086d000010D3sv*sd*bc*sc*i* other';
  expect(told(diffSides(side(E1000, [row]), side(E1000, [])))).toEqual([]);
});

test('diffSides: an exchanged order is reported once, where the same modules serve', () => {
  const rows = ['pci:v00001AF4d00001041sv*sd*bc*sc*i* first', 'pci:v00001AF4d00001041sv*sd*bc*sc*i* second'];
  const result = diff([...rows, ...E1000], [...rows.toReversed(), ...E1000]);
  expect(told(result)).toEqual(['order pci:v00001AF4d00001041sv*sd*bc*sc*i*: first second > second first']);
  expect(result.changes[0]!.modules).toEqual(['first']);
});

test('diffSides: the place of merged modules is that of the first of them', () => {
  const [p, q] = ['pci:v00001AF4d00001041sv*sd*bc*sc*i*', 'pci:v00001AF4d00001042sv*sd*bc*sc*i*'];
  const result = diff([`${p} a`, `${p} x`, `${q} b`], [`${p} x`, `${p} ab`, `${q} ab`]);
  expect(result.renamed).toEqual([{ from: ['a', 'b'], to: ['ab'], patterns: 2 }]);
  expect(told(result)).toEqual([`order ${p}: a x > x ab`]);
});

test('diffSides: what is left to driver_override only is override-only', () => {
  const row = 'pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5';
  const result = diff([...E1000, row], [...E1000, `vfio_${row.replace(' mlx5', ' mlx5_vfio_pci')}`]);
  expect(told(result)).toEqual([
    'override-only pci:v000015B3d0000101Esv*sd*bc*sc*i*: mlx5 > -',
    'gained vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*: - > mlx5_vfio_pci',
  ]);
  expect(result.changes[0]!.by).toEqual(['vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*']);
});

test('diffSides: aliases that name no device stand by themselves', () => {
  const result = diff([...E1000, 'crypto-drbg drbg', 'devname:kvm kvm'], E1000);
  expect(result.changes).toEqual([]);
  expect(told(result)).toEqual(['lost crypto_drbg: drbg > -', 'lost devname:kvm: kvm > -']);
});

test('diffSides: several modules that lose one pattern are one change', () => {
  const row = 'i2c:hwmon';
  const result = diff([...E1000, `${row} one`, `${row} two`], E1000);
  expect(told(result)).toEqual(['lost i2c:hwmon: one two > -']);
  expect(result.changes[0]!.modules).toEqual(['one', 'two']);
});

test('diffSides: a device with several ids that keeps one of them does not hide the loss of another', () => {
  const ids = ['acpi*:STK3310:* stk3310', 'acpi*:STK3335:* stk3310'];
  expect(told(diff([...E1000, ...ids], [...E1000, ids[0]!, 'acpi*:STK3013:* stk3310']))).toEqual([
    'lost acpi*:STK3335:*: stk3310 > -',
    'gained acpi*:STK3013:*: - > stk3310',
  ]);
});

test('diffSides: an alias that a module of this very name hides is found by the answer', () => {
  const old = side([...E1000, 'sha1 sha1_generic'], undefined, ['sha1_generic', 'other']);
  const now = side([...E1000, 'sha1 sha1_generic'], undefined, ['sha1_generic', 'other', 'sha1']);
  expect(told(diffSides(old, now))).toEqual(['moved sha1: sha1_generic > sha1']);
});

test('diffSides: a move names what is new, by a key that the new module did not serve before', () => {
  const row = 'pci:v00008086d000010D4sv*sd*bc*sc*i*';
  const net = 'pci:v00008086d000010D4sv*sd*bc02sc*i* other';
  const wide = 'pci:v00008086d*sv*sd*bc*sc*i* wide';
  const [moved] = diff([...E1000, wide], [...without(E1000, 1), wide, `${row} fresh`]).changes;
  expect(moved).toMatchObject({ class: 'moved', pattern: row, by: [row] });
  const [taken] = diff([...E1000, net], [...without(E1000, 1), `${row} other`]).changes;
  expect(taken).toMatchObject({ class: 'moved', pattern: row, by: [row], example: expect.stringContaining('bcFF') });
});

test('diffSides: a part that is left to driver_override is lost, where the module keeps the rest', () => {
  const all = 'pci:v000015B3d*sv*sd*bc*sc*i*';
  const kept = 'pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5';
  const [change] = diff([...E1000, `${all} mlx5`], [...E1000, kept, `vfio_${all} mlx5_vfio_pci`]).changes;
  expect(change).toMatchObject({ class: 'narrowed', becomes: 'lost', pattern: all, by: [kept.split(' ')[0]] });
});

test('diffSides: an exchanged order is reported for the module that was first, wherever its line stands', () => {
  const [row, other, another] = ['1041', '1042', '1043'].map((id) => `pci:v00001AF4d0000${id}sv*sd*bc*sc*i*`);
  const both = [`${row} second`, `${row} first`];
  const [change] = diff(
    [`${other} first`, ...both, `${another} second`],
    [`${another} second`, ...both, `${other} first`],
  ).changes;
  expect(change).toMatchObject({ class: 'order', pattern: row, modules: ['first'], old: ['first', 'second'] });
});

test('diffSides: several modules that gain one pattern are one change, with their names in order', () => {
  const result = diff(E1000, [...E1000, 'i2c:hwmon two', 'i2c:hwmon one']);
  expect(told(result)).toEqual(['gained i2c:hwmon: - > two one']);
  expect(result.changes[0]!.modules).toEqual(['one', 'two']);
});

test('diffSides: the place of a split module is that of the first of its parts', () => {
  const [p, q] = ['pci:v00001AF4d00001041sv*sd*bc*sc*i*', 'pci:v00001AF4d00001042sv*sd*bc*sc*i*'];
  const result = diff([`${q} x`, `${p} ab`, `${q} ab`], [`${q} b`, `${q} x`, `${p} a`]);
  expect(result.renamed).toEqual([{ from: ['ab'], to: ['a', 'b'], patterns: 2 }]);
  expect(told(result)).toEqual([`order ${q}: x ab > b x`]);
});

test('diffSides: of a pattern of lists, a narrower one of the module is a part that it keeps', () => {
  const [wide, narrow] = ['acpi*:ACME*:* acme', 'acpi*:ACME0001:* acme'];
  const [change] = diff([...E1000, wide], [...E1000, narrow]).changes;
  expect(change).toMatchObject({
    class: 'narrowed',
    becomes: 'lost',
    pattern: 'acpi*:ACME*:*',
    by: [narrow.slice(0, 16)],
  });
  expect(told(diff([...E1000, narrow], [...E1000, wide]))).toEqual(['widened/gained acpi*:ACME*:*: - > acme']);
});

test('diffSides: changes come by their classes, then by bus, module and pattern', () => {
  const old = ['usb:v0001p0002* b', 'spi:z a', 'spi:b a', 'spi:a b', 'crypto-x x', 'i2c:kept kept'];
  const { changes } = diff(old, ['i2c:kept kept', 'i2c:came kept']);
  expect(changes.map(({ class: name, pattern }) => `${name} ${pattern}`)).toEqual([
    ...['lost spi:b', 'lost spi:z', 'lost spi:a', 'lost usb:v0001p0002*', 'gained i2c:came'],
  ]);
});

test('packagesOf: the package of a change is that of its own module, else of the module that comes first', () => {
  const from = (packages: Readonly<Record<string, string>>) => ({
    ...side([]),
    packageOf: (module: string) => (packages[module] ? { name: packages[module], family: '' } : undefined),
  });
  const change = { modules: ['b'], old: ['a', 'b'], new: ['a', 'c'] } as unknown as Change;
  const sides = [from({ a: 'one', b: 'two' }), from({ a: 'one', c: 'two' })] as const;
  expect(packagesOf(change, sides)).toEqual({ old: 'two', new: 'one' });
  expect(packagesOf(change, [from({ a: 'one' }), side([])])).toEqual({ old: null, new: null });
  expect(packagesOf({ ...change, old: [], new: [] }, sides)).toEqual({ old: null, new: null });
});
