import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { modinfoStrings, modinfoValues, vermagic } from '../../src/module/modinfo.ts';
import { readModules } from '../../src/modules-directory/read-modules.ts';
import { elfMachines } from '../support/elf-machines.ts';
import { writeModule } from '../support/module-object.ts';

const root = mkdtempSync(join(tmpdir(), 'modalias-'));
afterAll(() => rmSync(root, { recursive: true }));

const moduleOf = (...aliases: string[]) =>
  writeModule({ machine: elfMachines.amd64, modinfo: ['vermagic=6.12.1 SMP', ...aliases] });
const write = (path: string, bytes: Uint8Array) => writeFileSync(join(root, path), bytes);
const aliasesOf = async (paths: string[], workers: number) => {
  const found: unknown[] = [];
  for await (const { path, value, error } of readModules(paths, (elf) => modinfoValues(modinfoStrings(elf), 'alias'), {
    workers,
  }))
    found.push([path, value ?? error.code]);
  return found;
};

write('x-y.z.ko', moduleOf('alias=one'));
write('packed.ko.xz', execFileSync('xz', ['-c'], { input: moduleOf('alias=xz') }));
write('packed.ko.zst', execFileSync('zstd', ['-q', '-c'], { input: moduleOf('alias=zst') }));
write('packed.ko.gz', gzipSync(moduleOf('alias=gz')));
write('named-wrong.ko', gzipSync(moduleOf('alias=wrong')));
write('a-text.ko', Buffer.from('no module'));
write('a-empty.ko', new Uint8Array(0));
execFileSync('mkfifo', [join(root, 'pipe.ko')]);

test('readModules: the order of the paths for any number of workers, errors among the outcomes', async () => {
  const names = [
    'a-empty',
    'a-text',
    'named-wrong',
    'packed.ko.gz',
    'packed.ko.xz',
    'packed.ko.zst',
    'pipe',
    'gone',
    'x-y.z',
  ];
  const paths = names.map((name) => join(root, name.includes('.ko') ? name : `${name}.ko`));
  const one = await aliasesOf(paths, 1);
  const packed = [['wrong'], ['gz'], ['xz'], ['zst']];
  expect(one.map((o) => (o as unknown[])[1])).toEqual([
    'not-elf',
    'not-elf',
    ...packed,
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
    return '';
  };
  const strings = await read('', '', 'alias', 'alias=eq=uals', 'Alias=no', '', 'aliases=no', 'alias=last\xe9');
  expect(modinfoValues(strings, 'alias')).toEqual(['', 'eq=uals', 'last\xe9']);
  expect(vermagic(strings)).toBe('6.12.1 SMP');
  expect(modinfoValues('\0\0a=1\0\0alias\0a\0b=2\0a=3', 'a')).toEqual(['1', '', '3']);
  expect(modinfoValues('', 'a')).toEqual([]);
  expect(vermagic('a=vermagic=1\0')).toBeUndefined();
});
