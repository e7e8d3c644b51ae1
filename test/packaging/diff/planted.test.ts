import { expect, test } from 'vitest';
import { type Difference, diffSides } from '../../../src/packaging/diff/diff.ts';
import { side } from './side.ts';

const id = (device: string, module: string) => `pci:v00008086d0000${device}sv*sd*bc*sc*i* ${module}`;
const ids = (devices: string, module: string) => devices.split(' ').map((device) => id(device, module));
/** What stays the same, on several buses. */
const REST = [
  ...ids('2001 2002 2003', 'igb'),
  'pci:v*d*sv*sd*bc01sc06i01* ahci',
  'usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb_storage',
  'acpi*:PNP0C0A:* battery',
  'of:N*T*Cfsl,imx8C* imx',
  'of:N*T*Cfsl,imx8 imx',
];

function told(old: readonly string[], now: readonly string[]) {
  const result: Difference = diffSides(side([...REST, ...old]), side([...REST, ...now]));
  expect(result.undecided).toEqual([]);
  const short = (pattern: string) => /^pci:v00008086d0000(\w{4})sv\*sd\*bc\*sc\*i\*$/.exec(pattern)?.[1] ?? pattern;
  return {
    changes: [...result.changes, ...result.other].map(
      (c) =>
        `${c.class}${c.becomes ? `/${c.becomes}` : ''} ${short(c.pattern)}: ${c.old.join(' ')} > ${c.new.join(' ')}`,
    ),
    renamed: result.renamed.map(({ from, to }) => `${from.join('+')} > ${to.join('+')}`),
    gone: result.modules.gone.join(' '),
    new: result.modules.new.join(' '),
  };
}

const NOTHING = { changes: [], renamed: [], gone: '', new: '' };
const FIVE = '1001 1002 1003 1004 1005';

test('diffSides: of a renamed module that lost a row only that row is reported', () => {
  expect(told(ids(FIVE, 'one'), ids('1001 1002 1003 1004', 'two'))).toEqual({
    ...NOTHING,
    changes: ['lost 1005: one > '],
    renamed: ['one > two'],
  });
});

test('diffSides: of a renamed module that gained a row only that row is reported', () => {
  expect(told(ids('1001 1002 1003 1004', 'one'), ids(FIVE, 'two'))).toEqual({
    ...NOTHING,
    changes: ['gained 1005:  > two'],
    renamed: ['one > two'],
  });
});

test('diffSides: of a renamed module with a row that went to a third only that move is reported', () => {
  expect(told(ids(FIVE, 'one'), [...ids('1001 1002 1003 1004', 'two'), id('1005', 'igb')])).toEqual({
    ...NOTHING,
    changes: ['moved 1005: one > igb'],
    renamed: ['one > two'],
  });
});

test('diffSides: of a split module with a row that went elsewhere only that move is reported', () => {
  const now = [...ids('1001 1002', 'one_pci'), ...ids('1003 1004', 'one_core'), id('1005', 'igb')];
  expect(told(ids(FIVE, 'one'), now)).toEqual({
    ...NOTHING,
    changes: ['moved 1005: one > igb'],
    renamed: ['one > one_core+one_pci'],
  });
});

test('diffSides: of a split module with a row lost and a row in both parts only the loss is reported', () => {
  const now = [...ids('1001 1002', 'one_pci'), ...ids('1002 1003 1004', 'one_core')];
  expect(told(ids(FIVE, 'one'), now)).toEqual({
    ...NOTHING,
    changes: ['lost 1005: one > '],
    renamed: ['one > one_core+one_pci'],
  });
});

test('diffSides: two modules that became one are reported once, with what it lost and what is new', () => {
  const old = [...ids('1001 1002 1003', 'left'), ...ids('1003 1004 1005', 'right')];
  expect(told(old, ids('1001 1002 1003 1004 1006', 'both'))).toEqual({
    ...NOTHING,
    changes: ['lost 1005: right > ', 'gained 1006:  > both'],
    renamed: ['left+right > both'],
  });
});

test('diffSides: a split module that lives on beside its parts is reported once, with the row that went elsewhere', () => {
  const now = [...ids('1001', 'one'), ...ids('1002 1003', 'one_pci'), ...ids('1004', 'igb')];
  expect(told(ids(FIVE, 'one'), now)).toEqual({
    ...NOTHING,
    changes: ['lost 1005: one > ', 'moved 1004: one > igb'],
    renamed: ['one > one+one_pci'],
    new: '',
  });
});

test('diffSides: a module merged into one that lives on is reported once, with the row that it lost', () => {
  const old = [...ids('1001 1002 1003', 'left'), ...ids('1004 1005', 'right')];
  expect(told(old, ids('1001 1002 1004 1005', 'right'))).toEqual({
    ...NOTHING,
    changes: ['lost 1003: left > '],
    renamed: ['left+right > right'],
  });
});

test('diffSides: a part that has most of its rows of elsewhere, or one row only, is no split of a module that lives on', () => {
  const few = told(ids(FIVE, 'one'), [...ids('1001 1002 1003 1004', 'one'), ...ids('1005', 'one_pci')]);
  expect(few).toEqual({ ...NOTHING, changes: ['moved 1005: one > one_pci'], new: 'one_pci' });
  const own = told(ids(FIVE, 'one'), [...ids('1001 1002 1003', 'one'), ...ids('1004 1005 1006 1007', 'other')]);
  expect(own).toMatchObject({ renamed: [], new: 'other' });
  expect(own.changes).toHaveLength(4);
});

test('diffSides: rows that go to a module that had none are reported once, also where both modules are on both sides', () => {
  const names = ['- rapl_common', '- rapl_msr'];
  const at = (module: string) => side([...REST, ...ids(FIVE, module)], undefined, names);
  const { renamed, changes, modules } = diffSides(at('rapl_common'), at('rapl_msr'));
  expect(renamed).toEqual([{ from: ['rapl_common'], to: ['rapl_msr'], patterns: 5 }]);
  expect([changes, modules]).toEqual([[], { gone: [], new: [] }]);
});

test('diffSides: a module without aliases that modules.builtin no longer lists is not called gone, nor new', () => {
  const withBuiltin = (...builtin: readonly string[]) => ({ ...side(REST, [], []), builtinNames: new Set(builtin) });
  const { modules } = diffSides(withBuiltin('unix', 'igb'), withBuiltin('buddy'));
  expect(modules).toEqual({ gone: [], new: [] });
  const loadable = (...names: readonly string[]) => side(REST, undefined, names);
  expect(diffSides(loadable('- a', '- b'), loadable('- b', '- c')).modules).toEqual({ gone: ['a'], new: ['c'] });
});

test('diffSides: two modules that exchanged their names are moves, for neither is gone', () => {
  const old = [...ids('1001 1002', 'left'), ...ids('1003', 'right')];
  const now = [...ids('1001 1002', 'right'), ...ids('1003', 'left')];
  expect(told(old, now)).toEqual({
    ...NOTHING,
    changes: ['moved 1001: left > right', 'moved 1002: left > right', 'moved 1003: right > left'],
  });
});

test('diffSides: two renames at once are two', () => {
  const old = [...ids('1001 1002', 'left'), ...ids('1003 1004', 'right')];
  const now = [...ids('1001 1002', 'left2'), ...ids('1003 1004', 'right2')];
  expect(told(old, now)).toEqual({ ...NOTHING, renamed: ['left > left2', 'right > right2'] });
});

test('diffSides: a renamed module with a narrowed class is reported as narrowed only', () => {
  const wide = 'pci:v00008086d*sv*sd*bc03sc*i*';
  const narrow = 'pci:v00008086d*sv*sd*bc03sc00i*';
  expect(told([...ids(FIVE, 'one'), `${wide} one`], [...ids(FIVE, 'two'), `${narrow} two`])).toEqual({
    ...NOTHING,
    changes: [`narrowed/lost ${wide}: one > `],
    renamed: ['one > two'],
  });
});

test('diffSides: a narrowed class whose rest another module takes is narrowed, with what that part became', () => {
  const wide = 'pci:v00008086d*sv*sd*bc03sc*i*';
  expect(
    told([`${wide} one`], ['pci:v00008086d*sv*sd*bc03sc00i* one', 'pci:v00008086d*sv*sd*bc03sc80i* other']),
  ).toMatchObject({ changes: expect.arrayContaining([`narrowed/lost ${wide}: one > `]), renamed: [], new: 'other' });
  const halves = ['pci:v00008086d*sv*sd*bc03sc[0-7]*i* one', 'pci:v00008086d*sv*sd*bc03sc[89A-F]*i* other'];
  expect(told([`${wide} one`], halves)).toEqual({
    ...NOTHING,
    changes: [`narrowed/moved ${wide}: one > other`],
    new: 'other',
  });
});

test('diffSides: of a renamed module made built-in only the source is reported', () => {
  const old = side([...REST, ...ids(FIVE, 'one')], []);
  const now = side(REST, ids(FIVE, 'two'));
  const result = diffSides(old, now);
  expect(result.renamed).toEqual([{ from: ['one'], to: ['two'], patterns: 5 }]);
  expect([...new Set(result.changes.map((change) => change.class))]).toEqual(['builtin']);
  expect(result.changes).toHaveLength(5);
});

test('diffSides: a module made built-in that lost a row is both, each for its rows', () => {
  const result = diffSides(side([...REST, ...ids(FIVE, 'one')], []), side(REST, ids('1001 1002 1003 1004', 'one')));
  expect(result.changes.map(({ class: name }) => name)).toEqual(['lost', 'builtin', 'builtin', 'builtin', 'builtin']);
  expect(result.changes[0]!.pattern).toContain('d00001005');
});

test('diffSides: an order changed and a row lost are both told', () => {
  const shared = (first: string, second: string) => [...ids('1001 1002', first), ...ids('1001 1002 1003', second)];
  const result = told(shared('one', 'two'), [...ids('1001 1002', 'two'), ...ids('1001 1002', 'one')]);
  expect(result.changes).toEqual([
    'lost 1003: two > ',
    'order 1001: one two > two one',
    'order 1002: one two > two one',
  ]);
});

test('diffSides: an id that moved to override-only, beside one that is lost', () => {
  const now = ['vfio_pci:v00008086d00001001sv*sd*bc*sc*i* one_vfio_pci'];
  const result = told(ids('1001 1002', 'one'), now);
  expect(result).toEqual({
    changes: [
      'lost 1002: one > ',
      'override-only 1001: one > ',
      'gained vfio_pci:v00008086d00001001sv*sd*bc*sc*i*:  > one_vfio_pci',
    ],
    renamed: [],
    gone: 'one',
    new: 'one_vfio_pci',
  });
});

test('diffSides: a row for one subsystem that is lost beside a row for all cards is no loss', () => {
  const oem = 'pci:v00008086d00001001sv00001028sd*bc*sc*i* one';
  expect(told([id('1001', 'one'), oem], [id('1001', 'one')])).toEqual(NOTHING);
  expect(told([id('1001', 'one')], [id('1001', 'one'), oem])).toEqual(NOTHING);
});

test('diffSides: a row written in another way that matches the same is silent', () => {
  const both = ids('1001 1002', 'one');
  expect(told(both, ['pci:v00008086d0000100[12]sv*sd*bc*sc*i* one'])).toEqual(NOTHING);
  expect(told(['pci:v00008086d0000100[12]sv*sd*bc*sc*i* one'], both)).toEqual(NOTHING);
});
