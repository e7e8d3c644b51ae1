import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { openAliasIndex } from '../../src/lookup/load.ts';
import { oddText } from '../../src/lookup/odd-text.ts';
import { loadAliasIndex } from '../../src/packaging/load-aliases.ts';

const folder = mkdtempSync(join(tmpdir(), 'modalias-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('loadAliasIndex answers from the text where an offset points out of the index, however many lookups are to come', async () => {
  const bytes = Buffer.from(writeIndex([{ key: '*a', value: 'one', priority: 0 }], 'pre'));
  // The child under `*` becomes an offset without flags, of which nothing would ever be read.
  bytes.writeUInt32BE(0x00ff0000, 14);
  writeFileSync(join(folder, 'modules.alias.bin'), bytes);
  writeFileSync(join(folder, 'modules.alias'), 'alias *a one\n');
  for (const expected of ['few', 'many'] as const) {
    const problems: string[] = [];
    const index = await loadAliasIndex(folder, { expected, diagnose: (d) => problems.push(`${d.severity} ${d.code}`) });
    expect(['a', 'a?a'].map((key) => index.modules(key))).toEqual([['one'], ['one']]);
    expect(problems).toEqual(['warning bad-index']);
  }
});

test('openAliasIndex says what a .bin that it is given is in place of an index, even beside a text', () => {
  const file = join(folder, 'other.alias.bin');
  writeFileSync(join(folder, 'other.alias'), 'alias a one\n');
  writeFileSync(file, '\x1f\x8b\x08\0', 'latin1');
  expect(() => openAliasIndex(file)).toThrow(
    expect.objectContaining({ code: 'not-aliases', message: expect.stringContaining('is compressed with gzip') }),
  );
});

test('openAliasIndex answers from a text with the same matches, whether few lookups are to come or many', () => {
  const file = join(folder, 'text.alias');
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', '_', ':', '*', '?', '[ab]', '[', ']'), maxLength: 6 });
  const name = fc.constantFrom('one', 'two', 'three');
  fc.assert(
    fc.property(fc.array(fc.tuple(word, name), { maxLength: 12 }), fc.array(word, { maxLength: 7 }), (lines, keys) => {
      writeFileSync(
        file,
        ['# a comment', ...lines.map(([pattern, module]) => `alias ${pattern} ${module}`)].join('\n'),
      );
      const [few, many] = (['few', 'many'] as const).map((expected) => openAliasIndex(file, { expected }));
      const matches = (index: typeof few, key: string) => {
        try {
          return index!.lookupAll(key);
        } catch (error) {
          return (error as Error).message;
        }
      };
      for (const key of keys) expect(matches(few, key)).toEqual(matches(many, key));
    }),
  );
});

test('openAliasIndex finds a pattern twice for a key with a wildcard where the trie parts, though few lookups are to come', () => {
  const file = join(folder, 'parts.alias');
  // `foox` does not begin like the key, and is what makes the trie part at `foo`.
  writeFileSync(file, 'alias foo* one\nalias foox two\n');
  for (const expected of ['few', 'many'] as const)
    expect(
      openAliasIndex(file, { expected })
        .lookup('foo*')
        .map(({ module }) => module),
    ).toEqual(['one', 'one']);
});

test('openAliasIndex takes an index by its first bytes, whatever it is called', () => {
  const file = join(folder, 'called-otherwise');
  const bytes = writeIndex([{ key: 'a*', value: 'one', priority: 0 }], 'pre');
  for (const expected of ['few', 'many'] as const) {
    writeFileSync(file, bytes);
    expect(openAliasIndex(file, { expected }).modules('ab')).toEqual(['one']);
    writeFileSync(file, bytes.subarray(0, -3));
    expect(() => openAliasIndex(file, { expected }).modules('ab')).toThrow(/is outside the file|does not end/);
  }
});

test.each([
  ['# header\n', []],
  ['', ['no-aliases']],
  ['# header\nalias a one\n', []],
  ['alias a one', []],
  ['the alias a one\n', ['no-aliases']],
  ['xalias a one\n', ['no-aliases']],
  ['xalias a one\nalias a one\r\n', ['carriage-return']],
  ['\x01\x02\x03binary', ['no-aliases']],
  ['# header\r\nalias a one\r\n', ['carriage-return']],
])('openAliasIndex warns of a text that is none of depmod: %j', (text, codes) => {
  const file = join(folder, 'odd.alias');
  writeFileSync(file, text, 'latin1');
  for (const expected of ['few', 'many'] as const) {
    const problems: string[] = [];
    openAliasIndex(file, { expected, diagnose: (d) => problems.push(d.code) });
    expect(problems).toEqual(codes);
  }
});

test('oddText takes nothing for no aliases from the file that is always empty only, and what is called as a package for none', () => {
  const nothing = Buffer.alloc(0);
  expect(oddText(nothing, '/dev/null')).toBeUndefined();
  expect(oddText(nothing, 'null')).toMatchObject({ code: 'no-aliases', message: expect.stringMatching(/^is empty, /) });
  for (const name of ['a.deb', 'a.rpm', 'a.tgz', 'a.txz', 'a.tar', 'a.tar.zst']) {
    expect(() => oddText(nothing, name)).toThrow(/is empty; expected a \.deb/);
    expect(() => oddText(Buffer.from('# x'), name)).toThrow(/is not a package; expected a \.deb/);
    expect(oddText(Buffer.from('alias a b\n'), name)).toBeUndefined();
  }
});
