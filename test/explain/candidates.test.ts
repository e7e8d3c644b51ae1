import { expect, test } from 'vitest';
import { parseModprobeConfig } from '../../src/config/modprobe-config.ts';
import { aliasIndex } from '../../src/lookup/alias-index.ts';
import { tableSource } from '../../src/lookup/alias-source.ts';
import { tableOfEntries } from '../../src/pattern-index/pattern-table.ts';

const CONFIG = `blacklist one
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
      ['1: blacklist: blacklist one', '5: remove: remove one /bin/false', '3: softdep: softdep o* pre: x post: y z'],
    ],
    ['two', 'loadable', false, ['2: install: install tw? /bin/true', '4: weakdep: weakdep two w v']],
    ['three', 'unknown', false, []],
  ]);
});
