import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatAliasText } from '../../src/alias/alias-text.ts';
import { type AliasIndex, loadAliasIndex } from '../../src/index.ts';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { normalizeAlias } from '../../src/pattern/normalize.ts';
import { answerOf, askLibkmod, EINVAL, ENAMETOOLONG, libkmodProgram } from '../support/libkmod.ts';

const folder = mkdtempSync(join(tmpdir(), 'modalias-edges-'));
afterAll(() => rmSync(folder, { recursive: true }));

const x = (count: number) => 'x'.repeat(count);

/**
 * Aliases with their modules, those in an earlier line of a lower priority; what is built in after `+`. Then keys with
 * their answers.
 */
const cases: [rule: string, aliases: string, answers: Record<string, string>][] = [
  [
    'a wildcard takes a slash and a leading dot',
    'a* m0, ?b m1',
    { 'a/.': 'm0', '.b': 'm1', '/b': 'm1', a: 'm0', b: '' },
  ],
  [
    'a range, a list and their negations',
    's[a-c] m0, s[!a-c] m1, s[^x] m2',
    { sb: 'm0 m2', sd: 'm1 m2', sx: 'm1', s: '' },
  ],
  ['a range that runs down takes nothing', 's[z-a] m0', { sz: '', sa: '', sm: '' }],
  ['a bracket that opens with its end', 's[]a m0, s[]* m1, s[!]* m2', { s: '', sa: '', 's[]': 'm1', 's[]a': 'm0 m1' }],
  ['an opening bracket in brackets', 's[[a] m0', { 's[': EINVAL, sa: 'm0' }],
  ['wildcards in brackets stand for themselves', 's[*?] m0', { 's*': 'm0', 's?': 'm0', sa: '' }],
  ['a class of characters is no key', 's[[:digit:]] m0, s* m1', { s1: 'm1' }],
  ['nor is a bracket without a partner', 's[a m0, s]a m1, s* m2', { sa: 'm2', 's[a': EINVAL, 's]a': EINVAL }],
  ['a dash is an underscore', 'a-b_c m0, d-* m1', { 'a_b-c': 'm0', 'd-e': 'm1', d_e: 'm1' }],
  ['but stays one in brackets, where no key meets it', 'u[-]x m0, u[_]x m1', { 'u-x': 'm1', u_x: 'm1' }],
  ['brackets of a key keep their dashes', 'v[a-b]_c m0, v* m1', { 'v[a-b]-c': 'm0 m1' }],
  ['a backslash before the first wildcard is itself', 'e\\*f m0, g\\ m1', { 'e\\xf': 'm0', 'e*f': '', 'g\\': 'm1' }],
  ['one after it escapes', '*\\*end m0, ?\\end m1', { 'x*end': 'm0', 'x\\end': '', xend: 'm1' }],
  ['one at the end after a wildcard never matches', 'b*\\ m0', { 'b\\': '', 'bx\\': '', b: '' }],
  ['one in brackets escapes there', 'c[\\]x] m0, d[a\\-c] m1', { 'd-': '', db: '', da: 'm1', 'd\\': '' }],
  ['each pattern of a module answers', 'a* m0, ab* m0, ab* m0, ab m1', { ab: 'm0 m0 m0 m1' }],
  [
    'a wildcard in the key finds its pattern once more',
    'f* m1, f m0, f[ab] m2',
    { 'f*': 'm1 m1', 'f?': 'm1', f: 'm1 m0' },
  ],
  [
    'bytes above 0x7f are bytes',
    'h\xffi m0, k[\x80-\xff]j m1, k* m2',
    { 'h\xffi': 'm0', 'k\x90j': 'm1 m2', 'k\x7fj': 'm2' },
  ],
  ['the empty key', '* m0, a m1', { '': 'm0' }],
  ['a key and its module fill PATH_MAX', 'x* m', { [x(4093)]: 'm', [x(4094)]: ENAMETOOLONG, [x(4095)]: ENAMETOOLONG }],
  ['a longer key is cut', 'x*y m, z m', { [`${x(5000)}y`]: '', [x(5000)]: '' }],
  ['a pattern of 4,095 bytes', `${x(4094)}* m, ${x(4000)} n`, { [x(4094)]: ENAMETOOLONG, [x(4000)]: 'n' }],
  [
    'what is built in comes in the reverse order of the walk',
    '+i b0, +i b1, +?  b2, +[ij] b3',
    { i: 'b0 b1 b3', j: 'b3', k: '' },
  ],
  ['and is hidden by what can be loaded', 'i m0, +i* b0', { i: 'm0', ij: 'b0' }],
];

interface Line {
  readonly alias: string;
  readonly module: string;
}

function linesOf(aliases: string): Line[] {
  return aliases.split(', ').map((line) => {
    const space = line.lastIndexOf(' ');
    return { alias: line.slice(0, space), module: line.slice(space + 1) };
  });
}

/** A modules directory as kmod's depmod writes it. */
function writeDirectory(name: string, aliases: string): string {
  const directory = join(folder, name);
  mkdirSync(directory);
  const lines = linesOf(aliases).filter(({ alias }) => alias[0] !== '+');
  const builtin = linesOf(aliases).filter(({ alias }) => alias[0] === '+');
  const modules = [...new Set(lines.map(({ module }) => module))];
  const put = (file: string, entries: readonly Line[], priority: (module: string) => number) => {
    const keyed = entries.flatMap(({ alias, module }) => {
      const key = normalizeAlias(alias);
      return key ? [{ key, value: module, priority: priority(module) }] : [];
    });
    writeFileSync(join(directory, file), writeIndex(keyed, 'post'));
  };
  const shown = builtin.map(({ alias, module }) => ({ alias: alias.slice(1), module }));
  put('modules.alias.bin', lines, (module) => modules.indexOf(module));
  put('modules.builtin.alias.bin', shown, () => 0);
  for (const file of ['dep', 'symbols', 'builtin']) put(`modules.${file}.bin`, [], () => 0);
  writeFileSync(join(directory, 'modules.alias'), formatAliasText(lines), 'latin1');
  return directory;
}

test.each(cases.map((row, i) => [...row, `${i}`] as const))(
  'AliasIndex.lookup: %s',
  async (_rule, aliases, answers, name) => {
    const directory = writeDirectory(name, aliases);
    const keys = Object.keys(answers);
    const all = (index: AliasIndex) => Object.fromEntries(keys.map((key) => [key, answerOf(index, key)]));
    if (libkmodProgram) {
      const want = askLibkmod(directory, keys);
      expect(Object.fromEntries(keys.map((key, i) => [key, want[i]])), 'libkmod').toEqual(answers);
    }
    for (const expected of ['few', 'many'] as const) {
      expect(all(await loadAliasIndex(directory, { expected })), expected).toEqual(answers);
      const text = await loadAliasIndex(join(directory, 'modules.alias'), { expected });
      const bin = await loadAliasIndex(join(directory, 'modules.alias.bin'), { expected });
      expect(all(text), `text, ${expected}`).toEqual(all(bin));
    }
  },
);
