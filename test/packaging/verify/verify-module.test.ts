import { expect, test } from 'vitest';
import { busNamed } from '../../../src/bus/buses.ts';
import type { IdTable } from '../../../src/bus/define/bus.ts';
import { NoteBook } from '../../../src/packaging/notes.ts';
import type { Packing } from '../../../src/binary/decompress.ts';
import { oddlyPacked } from '../../../src/packaging/verify/verify-compression.ts';
import { verifyNames, verifyReleases } from '../../../src/packaging/verify/verify-identity.ts';
import { asOneStale } from '../../../src/packaging/verify/verify-indexes.ts';
import { verifyListLines } from '../../../src/packaging/verify/verify-list-lines.ts';
import { verifyModule } from '../../../src/packaging/verify/verify-module.ts';
import { parseRelease } from '../../../src/release.ts';

/** A directory with one module. */
const context = {
  modules: [{ relative: 'kernel/a.ko', name: 'a', path: '/x/kernel/a.ko' }],
  exists: () => false,
  file: (name: string) => name,
  shown: (path: string) => path,
  damaged: undefined,
};
const row = (name: string) => ({ name });
const verdict = (aliases: readonly string[], ...names: readonly string[]) => {
  const table = { bus: busNamed('platform')!, name: 'ids', rows: names.map(row) } as unknown as IdTable;
  return verifyModule({ module: 'm', file: 'm.ko', aliases, tables: [table], release: parseRelease('6.12') });
};
const rules = (...args: Parameters<typeof verdict>) => verdict(...args).causes.map(({ rule }) => rule);

test('verifyModule takes what no row makes for hand-written, unless an alias built alike is missing', () => {
  expect(verdict(['platform:a', 'platform:b', 'x'], 'a')).toMatchObject({
    handWritten: ['platform:b', 'x'],
    causes: [],
  });
  const { handWritten, causes } = verdict(['platform:b', 'x'], 'a');
  expect(handWritten).toEqual(['x']);
  expect(causes.map(({ rule }) => rule)).toEqual(['missing-in-modinfo', 'extra-in-modinfo']);
});

test('verifyModule counts an alias as often as rows make it', () => {
  expect(rules(['platform:a', 'platform:a'], 'a', 'a')).toEqual([]);
  expect(rules(['platform:a'], 'a', 'a')).toEqual(['missing-in-modinfo']);
});

test('verifyModule finds aliases of more than 4,095 bytes, those with a byte above 127, and unpaired brackets', () => {
  const long = 'x'.repeat(4095);
  expect([rules([long]), rules([`${long}x`]), rules(['a\x7f']), rules(['a\x80']), rules(['a['])]).toEqual([
    [],
    ['alias-not-indexable'],
    [],
    ['alias-not-indexable'],
    ['unmatched-bracket'],
  ]);
  expect(rules([`[a]${'x'.repeat(4092)}`])).toEqual([]);
  expect(rules([`[a]${'x'.repeat(4093)}`])).toEqual(['alias-not-indexable']);
});

test('asOneStale names the first stale file, those that repeat it, and the others', () => {
  const stale = (file: string) => ({
    rule: 'stale-index' as const,
    items: [{ file, message: '' }],
    summary: `3 of ${file}`,
  });
  const [one] = asOneStale([stale('/a/modules.alias'), stale('/a/modules.dep')], ['/a/modules.alias.bin']);
  expect(one!.summary).toBe(
    'modules.alias, modules.alias.bin and modules.dep look like those of another kernel or of older modules: ' +
      '3 of /a/modules.alias; in modules.dep, 3 of /a/modules.dep',
  );
  expect(asOneStale([stale('p.deb(lib/modules.alias)')], [])[0]!.summary).toMatch(/^modules\.alias looks like that of/);
});

test('verifyReleases compares with the name of the directory where any module is built for it, else with most', () => {
  const module = (name: string, release?: string) =>
    ({
      found: { name, relative: `kernel/${name}.ko`, path: '', scanned: '' },
      file: `${name}.ko`,
      identity: { release, intree: true, modinfoName: undefined, structName: undefined },
    }) as const;
  const found = (directory: string, ...releases: readonly (string | undefined)[]) =>
    verifyReleases(
      directory,
      releases.map((release, i) => module(`m${i}`, release)),
      '/x',
      new NoteBook(),
    ).map(({ rule, items }) => `${rule} ${items[0]!.module ?? ''}`.trim());
  expect(found('6.1.0', '6.1.0', '6.1.1', '6.1.1')).toEqual(['other-release m1', 'other-release m2']);
  expect(found('6.1.0', '6.1.1', '6.1.1', '6.1.2')).toEqual(['other-directory', 'other-release m2']);
  expect(found('6.1', '6.1.1', undefined)).toEqual([]);
});

test('verifyListLines says that every line of a file ends in CR LF where there are several, and takes each by itself else', () => {
  const said = (order: string) =>
    verifyListLines({ order, builtin: undefined, modinfo: undefined } as never, context)[0]!.summary;
  expect([said('kernel/a.ko\r\n'), said('kernel/a.ko\r\nkernel/a.ko\n')]).toEqual([undefined, undefined]);
  expect(said('kernel/a.ko\r\nkernel/a.ko\r\n')).toMatch(/^every line ends in CR LF: .* \(2 lines\)$/);
});

test('verifyListLines says of a loadable module only that, though modules.builtin.modinfo lacks it', () => {
  const lists = { order: '', builtin: 'kernel/a.ko\n', modinfo: 'b.file=b\0' } as never;
  const rules = verifyListLines(lists, context).map(({ rule, items }) => `${rule} ${items.map((one) => one.module)}`);
  expect(rules).toEqual(['built-in-and-loadable a', 'unlike-builtin b']);
});

test('verifyNames compares names as the kernel has them, those of .modinfo first', () => {
  const told = (name: string, modinfoName?: string, structName?: string, path = 'kernel/x.ko', intree = true) => {
    const found = { name, relative: path, path: '', scanned: '' };
    const notes = new NoteBook();
    const causes = verifyNames(
      [{ found, file: 'f', identity: { release: '6.1', intree, modinfoName, structName } }],
      notes,
    );
    return [
      ...causes.flatMap(({ items }) => items.map(({ message }) => message)),
      ...notes.notes().map(({ rule }) => rule),
    ];
  };
  expect([told('a_b', 'a-b', 'a_b'), told('a_b'), told('a_b', undefined, 'a_b')]).toEqual([[], [], []]);
  const said = (name: string, where: string) =>
    `the file is named a, but the module in it ${name} according to its ${where}; was it copied over another?`;
  expect(told('a', 'b', 'c')).toEqual([said('b', '.modinfo (name=b)')]);
  expect(told('a', 'a', 'c')).toEqual([said('c', '.gnu.linkonce.this_module (c)')]);
  expect([told('a', 'b', 'b', 'updates/x.ko'), told('a', 'b', 'b', 'kernel/x.ko', false)]).toEqual([
    ['renamed-module'],
    ['renamed-module'],
  ]);
});

test('oddlyPacked says how the data is packed, what fails by it, and how to mend it', () => {
  const said = (path: string, packing: Packing | undefined) => oddlyPacked({ name: 'm', path }, 'f', packing)?.message;
  expect([said('m.ko', 'plain'), said('m.ko.xz', 'xz'), said('m.ko.gz', undefined)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(said('m.ko.zst', 'plain')).toBe(
    'the data is not compressed, but the file name says compressed with zstd: programs that rely on the name fail; compress it with zstd',
  );
  expect(said('m.ko', 'gzip')).toBe(
    'the data is compressed with gzip, but the file name says not compressed: depmod and modprobe fail where kmod is built without gzip, and programs that rely on the name fail; unpack it, or add .gz to its name',
  );
  expect(said('m.ko.xz', 'zstd')).toMatch(
    /with zstd, but the file name says compressed with xz: .*; compress it with xz --check=crc32$/,
  );
  expect(oddlyPacked({ name: 'm', path: 'm.ko' }, 'f', 'xz')).toMatchObject({ module: 'm', file: 'f' });
});

test('verifyListLines compares modules.builtin with all files that modules.builtin.modinfo names', () => {
  const told = (builtin: string, modinfo: string) =>
    verifyListLines({ order: '', builtin, modinfo } as never, context).flatMap(({ rule, items }) =>
      items.map(({ module, line, message }) => `${rule} ${module} ${line ?? '-'} ${message.split(',')[0]}`),
    );
  const both = 'x.file=d/x d/y\0y.license=GPL\0';
  expect(told('kernel/d/x.ko\nkernel/d/y.ko\n', both)).toEqual([]);
  expect(told('kernel/d/x.ko\nkernel/d/z.ko\n', both)).toEqual([
    'unlike-builtin z 2 kernel/d/z.ko is listed as built in',
    'unlike-builtin y - kernel/d/y.ko is not listed',
  ]);
  // Nothing to compare with.
  expect([told('', both), told('kernel/d/x.ko\n', 'x.license=GPL\0'), told('kernel/d/x.ko\n', '')]).toEqual([
    [],
    [],
    [],
  ]);
});
