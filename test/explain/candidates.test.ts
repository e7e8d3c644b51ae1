import { expect, test } from 'vitest';
import { parseModprobeConfig } from '../../src/config/modprobe-config.ts';
import { aliasIndex } from '../../src/lookup/alias-index.ts';
import { tableSource } from '../../src/lookup/alias-source.ts';
import { parseAliases } from '../../src/lookup/load.ts';
import { tableOfEntries } from '../../src/pattern-index/pattern-table.ts';

const CONFIG = `blacklist one
blacklist tw*
install tw? /bin/true
softdep o* pre: x post: y z
weakdep two w v
remove one /bin/false
`;

test('explain says of each candidate what the configuration says of that module, with its line', () => {
  const config = parseModprobeConfig([{ file: 'a.conf', text: CONFIG }], () => {});
  const entries = ['one', 'two', 'three'].map((value, priority) => ({ key: 'a', value, priority }));
  const file = (module: string) => (module === 'three' ? undefined : `kernel/${module}.ko`);
  const { candidates } = aliasIndex([tableSource(tableOfEntries(entries))], { config, file }).explain('a');
  expect(
    candidates.map(({ module, state, blacklisted, remarks }) => [
      module,
      state,
      blacklisted,
      remarks.map(({ kind, text, line }) => `${line}: ${kind}: ${text}`),
    ]),
  ).toEqual([
    [
      'one',
      'loadable',
      true,
      ['1: blacklist: blacklist one', '6: remove: remove one /bin/false', '4: softdep: softdep o* pre: x post: y z'],
    ],
    ['two', 'loadable', false, ['3: install: install tw? /bin/true', '5: weakdep: weakdep two w v']],
    ['three', 'unknown', false, []],
  ]);
});

test('explain counts the places of matches from 1', () => {
  const index = parseAliases('alias foo* one\nalias foox two\nalias f* three\n');
  const places = index.explain('fooy').candidates.map(({ module, matches }) => [module, matches.map((m) => m.place)]);
  expect(places).toEqual([
    ['one', [{ specific: 1, stars: 1, libvirt: 1 }]],
    ['three', [{ specific: 2, stars: 2, libvirt: 2 }]],
  ]);
});

test('explain says that no bus has a word, and what may be built in, only where nothing is found and nothing is wrong', () => {
  const index = parseAliases('alias foo* one\n');
  expect(index.explain('foo:x')).not.toHaveProperty('unknownBus');
  expect(index.explain('bar:x')).toMatchObject({ unknownBus: 'bar' });
  const key = (vendor: string) => `pci:v${vendor}d00000001sv00000000sd00000000bc02sc00i00`;
  expect(index.explain(key('00008086'))).toMatchObject({ builtinPossible: true });
  expect(index.explain(key('0000808x'))).not.toHaveProperty('builtinPossible');
});

test('explain gives of a list the entry that is given exactly, else the whole of it', () => {
  const value = (pattern: string) => {
    const { candidates } = parseAliases(`alias ${pattern} m\n`).explain('of:NaT(null)Cacme,xCacme,y');
    return candidates[0]!.matches[0]!.fields.find(({ tag }) => tag === 'C')!.value;
  };
  expect([value('of:N*T*Cacme,y*'), value('of:N*T*C*x*')]).toEqual(['acme,y', 'acme,xCacme,y']);
});

test('explain says built-in of a module that answers by what is built in, though it has a file too', () => {
  const source = {
    name: 'builtin' as const,
    find: () => [{ module: 'm', pattern: 'a', source: 'builtin' as const, priority: 0 }],
  };
  expect(aliasIndex([source], { file: () => 'kernel/m.ko' }).explain('a').candidates).toMatchObject([
    { state: 'built-in' },
  ]);
});
