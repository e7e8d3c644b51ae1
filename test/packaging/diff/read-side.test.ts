import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSide } from '../../../src/packaging/diff/read-side.ts';
import { withRows } from '../../../src/packaging/diff/rows.ts';
import { answerer, comparable } from '../../../src/packaging/diff/side.ts';
import { diffSides } from '../../../src/packaging/diff/diff.ts';
import { putFiles } from '../../support/modules-tree.ts';
import { pciAlias, pciModule } from '../../support/pci-module.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'read-side-'));
});
afterEach(() => rmSync(dir, { recursive: true }));
/** A file of `PATTERN MODULE` lines. */
const aliases = (name: string, ...lines: readonly string[]) => {
  putFiles(dir, { [name]: lines.map((line) => `alias ${line}\n`).join('') });
  return join(dir, name);
};
/** A directory that has nothing but such a file. */
const folder = (release: string, ...lines: readonly string[]) => {
  aliases(`${release}/modules.alias`, ...lines);
  aliases(`${release}/modules.dep`);
  return join(dir, release);
};
const read = (...paths: readonly string[]) => readSide(paths, { diagnose: () => {} });

test('readSide: a modules.alias says nothing of what is built in, and of modules without aliases', async () => {
  const side = await read(aliases('a', 'spi:x one'));
  expect([side.release, side.builtin, side.names, side.inputs]).toEqual([null, undefined, undefined, [join(dir, 'a')]]);
  expect(answerer(side)('spi:x')).toEqual(['one']);
});

test('readSide: of inputs laid over each other the modules of later ones count, in the order of the inputs', async () => {
  const side = await read(
    aliases('a', 'spi:w zero', 'spi:x first', 'spi:x second', 'spi:gone second', 'spi:z last'),
    aliases('b', 'spi:x second', 'spi:x third'),
  );
  expect(answerer(side)('spi:x')).toEqual(['first', 'second', 'third']);
  expect([answerer(side)('spi:gone'), answerer(side)('spi:z')]).toEqual([[], ['last']]);
});

test('readSide: the release is that of the last input that has one', async () => {
  const [one, two] = [folder('6.1', 'spi:x x'), folder('6.2', 'spi:y y')];
  const file = aliases('a', 'spi:z z');
  expect((await read(one, two)).release).toBe('6.2');
  expect((await read(one, file)).release).toBe('6.1');
  expect((await read(file, file)).release).toBeNull();
});

test('readSide: a directory of alias files is read as it is, one with modules by what they carry', async () => {
  const whole = join(dir, 'whole/6.1');
  putFiles(whole, {
    'kernel/a.ko': pciModule([[1, 2]]),
    'modules.order': 'kernel/a.ko\n',
    'modules.alias': 'alias spi:old a\n',
  });
  const key = 'pci:v00000001d00000002sv00000000sd00000000bc00sc00i00';
  const ask = async (...paths: readonly string[]) => {
    const side = await read(...paths);
    return [answerer(side)('spi:old'), answerer(side)(key)];
  };
  putFiles(join(dir, 'more/6.1'), { 'extra/b.ko': pciModule([[1, 2]]) });
  expect(await ask(whole, join(dir, 'more/6.1'))).toEqual([[], ['a', 'b']]);
  expect(await ask(folder('6.1', 'spi:old old'), folder('6.2', 'spi:x x'))).toEqual([['old'], []]);
});

test('readSide: a release can be asked of a directory, but not of a file', async () => {
  const file = aliases('a', 'spi:x x');
  const release = (path: string) => readSide([path], { packagedRelease: '6.1', diagnose: () => {} });
  await expect(release(file)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('--release') });
  expect((await release(folder('6.1', 'spi:x x'))).release).toBe('6.1');
  await expect(release(folder('6.2', 'spi:x x'))).rejects.toMatchObject({ code: 'no-such-kernel' });
});

const json = (name: string, module: string, ...devices: readonly number[]) => {
  const rows = devices.map((device) => ({ vendor: '0x8086', device }));
  writeFileSync(join(dir, name), JSON.stringify({ module, tables: [{ bus: 'pci', name: 'ids', rows }] }));
  return join(dir, name);
};

test('readSide: the rows of JSON tables are those of the modules that are asked for, laid over as these are', async () => {
  const side = await read(json('a.json', 'a', 1, 2), json('b.json', 'b', 1), json('c.json', 'a', 2));
  const rows = await side.rowsOf!(new Set(['a', 'b']));
  expect(rows.map(({ file, module, row }) => [file.slice(dir.length + 1), module, row])).toEqual([
    ['b.json', 'b', 0],
    ['c.json', 'a', 0],
  ]);
  expect(await side.rowsOf!(new Set(['other']))).toEqual([]);
});

test('withRows: names the rows of the modules that answer, too, on each side', async () => {
  const old = await read(json('a.json', 'a', 1), json('b.json', 'b', 1));
  const now = await read(json('c.json', 'b', 1));
  const { changes } = await withRows(diffSides(old, now), old, now);
  expect(changes).toMatchObject([{ class: 'dropped', pattern: pciAlias(0x8086, 1), modules: ['a'] }]);
  expect(changes[0]!.rows.map(({ side, module }) => `${side} ${module}`)).toEqual(['old a', 'old b', 'new b']);
});

test('readSide: JSON tables with an error are refused with all of them', async () => {
  const file = join(dir, 'bad.json');
  writeFileSync(
    file,
    '{"module": "a", "tables": [{"bus": "pci", "name": "ids", "rows": [{"vendor": -1}, {"device": -1}]}]}',
  );
  await expect(read(file)).rejects.toMatchObject({ problems: [expect.anything(), expect.anything()] });
});

test('comparable: leaves out what only one side knows', async () => {
  const plain = await read(aliases('a', 'spi:x x'));
  const full = { ...plain, names: new Set(['x']), builtin: plain.loadable, builtinNames: new Set(['y']) };
  const known = (one: typeof full | typeof plain, other: typeof full | typeof plain) =>
    comparable(one, other).map(
      ({ names, builtin, builtinNames }) => [names, builtin, builtinNames].filter(Boolean).length,
    );
  expect([known(plain, full), known(full, plain), known(full, full)]).toEqual([
    [0, 0],
    [0, 0],
    [3, 3],
  ]);
});
