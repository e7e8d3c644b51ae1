import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { findModules } from '../../src/modules/find-modules.ts';
import { modinfoStrings, modinfoValues, vermagic } from '../../src/modules/modinfo.ts';
import { isModulePath, moduleName } from '../../src/modules/name.ts';
import { readModules } from '../../src/modules/read-modules.ts';
import { elfMachines } from '../support/elf-machines.ts';
import { writeModule } from '../support/module-object.ts';

const root = mkdtempSync(join(tmpdir(), 'modalias-'));
afterAll(() => rmSync(root, { recursive: true }));

const moduleOf = (...aliases: string[]) =>
  writeModule({ machine: elfMachines.amd64, modinfo: ['vermagic=6.12.1 SMP', ...aliases] });
const write = (path: string, bytes: Uint8Array) => writeFileSync(join(root, path), bytes);
const aliasesOf = async (paths: string[], jobs: number) => {
  const found: unknown[] = [];
  for await (const { path, value, error } of readModules(paths, (elf) => modinfoValues(modinfoStrings(elf), 'alias'), {
    jobs,
  }))
    found.push([path, value ?? error.code]);
  return found;
};

mkdirSync(join(root, 'kernel/b/build'), { recursive: true });
write('kernel/b/x-y.z.ko', moduleOf('alias=one'));
write('kernel/b/packed.ko.xz', execFileSync('xz', ['-c'], { input: moduleOf('alias=xz') }));
write('kernel/b/packed.ko.zst', execFileSync('zstd', ['-q', '-c'], { input: moduleOf('alias=zst') }));
write('kernel/b/packed.ko.gz', gzipSync(moduleOf('alias=gz')));
write('kernel/b/named-wrong.ko', gzipSync(moduleOf('alias=wrong')));
write('kernel/b/build/ignored.ko', moduleOf('alias=ignored'));
write('kernel/b/other.ko.zip', moduleOf('alias=other'));
write('kernel/a-text.ko', Buffer.from('no module'));
write('kernel/a-empty.ko', new Uint8Array(0));
symlinkSync('..', join(root, 'kernel/b/up'));
symlinkSync('b', join(root, 'kernel/c'));
execFileSync('mkfifo', [join(root, 'pipe.ko')]);

test('findModules: sorted, by suffix, through links but not in circles, without build and source', () => {
  const names = ['named-wrong.ko', 'packed.ko.gz', 'packed.ko.xz', 'packed.ko.zst', 'x-y.z.ko'];
  expect(findModules(`${root}//`).map((p) => p.slice(root.length + 1))).toEqual([
    'kernel/a-empty.ko',
    'kernel/a-text.ko',
    ...names.map((n) => `kernel/b/${n}`),
    ...names.map((n) => `kernel/c/${n}`),
  ]);
  expect(() => findModules(join(root, 'nowhere'))).toThrow(/no such file or directory/);
});

test('readModules: the order of the paths for any number of jobs, errors among the outcomes', async () => {
  const paths = [...findModules(root), join(root, 'pipe.ko'), join(root, 'gone.ko'), join(root, 'kernel/b/x-y.z.ko')];
  const one = await aliasesOf(paths, 1);
  const values = [['wrong'], ['gz'], ['xz'], ['zst'], ['one']];
  expect(one.map((o) => (o as unknown[])[1])).toEqual([
    'not-elf',
    'not-elf',
    ...values,
    ...values,
    'unreadable',
    'unreadable',
    ['one'],
  ]);
  expect(await aliasesOf(paths, 4)).toEqual(one);
  expect(await aliasesOf(paths, 16)).toEqual(one);
  expect(await aliasesOf([], 4)).toEqual([]);
});

test('modinfoStrings: cut at any run of NULs, the last needs none; a string without = is a key', async () => {
  const read = async (...strings: string[]) => {
    write('modinfo.ko', moduleOf(...strings));
    for await (const { value } of readModules([join(root, 'modinfo.ko')], modinfoStrings)) return value!;
    return [];
  };
  const strings = await read('', '', 'alias', 'alias=eq=uals', 'Alias=no', '', 'aliases=no', 'alias=last\xe9');
  expect(modinfoValues(strings, 'alias')).toEqual(['', 'eq=uals', 'last\xe9']);
  expect(vermagic(strings)).toBe('6.12.1 SMP');
});

test.each([
  ['/a/b-c.d/foo-bar.ko.xz', 'foo_bar', true],
  ['x-y.z.ko', 'x_y', true],
  ['noext', 'noext', false],
  ['.ko', '', true],
  ['a.ko.bz2', 'a', false],
])('moduleName: %s is %s', (path, name, module) => {
  expect(moduleName(path)).toBe(name);
  expect(isModulePath(path)).toBe(module);
});
