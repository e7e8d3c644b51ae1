import { expect, test } from 'vitest';
import { chars, u8, u16 } from '../../../src/binary/ctype.ts';
import type { AliasWriter } from '../../../src/bus/define/alias-writer.ts';
import { defineBus, type Row } from '../../../src/bus/define/bus.ts';
import { tableAliases } from '../../../src/bus/define/table-aliases.ts';
import { parseRelease } from '../../../src/release.ts';
import { since } from '../../../src/release-history.ts';

/** What rows of a type come to whose rows are written so. */
function write(
  alias: (row: { id: number; part: number }, add: AliasWriter) => void,
  ...rows: Partial<Record<string, number>>[]
) {
  const struct = { flags: u8, id: u16, part: u8, name: chars(4) };
  const bus = defineBus('made', { struct, any: { id: 0xffff }, flags: { field: 'flags', bits: { part: 2 } }, alias });
  const aliasesOf = tableAliases(bus, parseRelease('6.1'), new Map([[3, 'stub']]));
  return rows.map((row) => aliasesOf({ flags: 0, id: 0, part: 0, name: '', ...row } as unknown as Row));
}
const texts = (...args: Parameters<typeof write>) => write(...args).flatMap(({ aliases }) => aliases);

test('tableAliases: a field is any where it has the value for it, or where its flag is not set', () => {
  const rows = [
    { id: 0xab },
    { id: 0xffff },
    { part: 0xc },
    { part: 0xc, flags: 2 },
    { part: 0, flags: 3 },
    { part: 1, flags: 1 },
  ];
  expect(texts((_row, add) => void add.alias('x:').field('i', 'id').field('p', 'part'), ...rows)).toEqual([
    'x:i00ABp*',
    'x:i*p*',
    'x:i0000p*',
    'x:i0000p0C',
    'x:i0000p00',
    'x:i0000p*',
  ]);
});

test('tableAliases: only numbers can be fields', () => {
  const wrong = () => write((_row, add) => void add.alias('x:').field('n', 'name'), {});
  expect(wrong).toThrow('made: name is not a number of its struct');
});

test('tableAliases: a wildcard is not doubled', () => {
  const two = (_row: unknown, add: AliasWriter) => {
    add.alias('a').wildcard().wildcard();
    add.alias('b*').wildcard().text('c').hex('d', 10, 3).hex('e', undefined, 3).wildcard();
  };
  expect(texts(two, {})).toEqual(['a*', 'b*cd00Ae*']);
});

test('tableAliases: a word counts as used from the next row on', () => {
  const word = ({ id }: { id: number }, add: AliasWriter) => {
    for (const once of [1, 2]) if (!add.usedByEarlierRow(`w${id}`)) add.alias(`${id}.${once}`);
  };
  expect(texts(word, { id: 1 }, { id: 1 }, { id: 2 }, { id: 1 }, { id: 2 })).toEqual(['1.1', '1.2', '2.1', '2.2']);
});

test('tableAliases: a row that is skipped or fails has no aliases, one with a note keeps them, the next row begins again', () => {
  const remark = ({ id }: { id: number }, add: AliasWriter) => {
    add.alias(`a${id}`);
    if (id === 1) add.skip('wmi-guid', 'skipped');
    if (id === 2) add.fail('alias-too-long', 'failed');
    if (id === 3) add.note('class-mask', 'noted');
  };
  expect(write(remark, { id: 1 }, { id: 2 }, { id: 3 }, { id: 4 })).toEqual([
    { aliases: [], remarks: [{ kind: 'skip', code: 'wmi-guid', message: 'skipped' }] },
    { aliases: [], remarks: [{ kind: 'fail', code: 'alias-too-long', message: 'failed' }] },
    { aliases: ['a3'], remarks: [{ kind: 'note', code: 'class-mask', message: 'noted' }] },
    { aliases: ['a4'], remarks: [] },
  ]);
});

test('tableAliases: prefixes of override flags, none for 0, undefined for one that is not known', () => {
  const prefix = ({ id }: { id: number }, add: AliasWriter) => void add.alias(`${add.overridePrefix(id)}x`);
  expect(texts(prefix, { id: 0 }, { id: 3 }, { id: 1 })).toEqual(['x', 'stub_x', 'undefinedx']);
});

test('tableAliases: a rule holds as it does at the release, and there must be one', () => {
  expect(texts((_row, add) => void add.alias(add.at(since('6.1', 'new'))), {})).toEqual(['new']);
  expect(() => write((_row, add) => void add.at(since('6.2', 'new')), {})).toThrow('made: no rule for release 6.1');
});
