import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DEPMOD_DIRECTORIES, readDepmodConfigFiles } from '../../src/config/depmod-config-files.ts';
import { MODPROBE_DIRECTORIES } from '../../src/config/read-modprobe-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'modalias-depmod-d-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (path: string) => join(folder, path);

test('readDepmodConfigFiles sorts files by name, and takes one of a name from the first directory that has it', () => {
  for (const directory of ['etc', 'usr']) mkdirSync(at(directory));
  for (const path of [
    'etc/b.conf',
    'usr/b.conf',
    'usr/a.conf',
    'etc/B.conf',
    'etc/.hidden.conf',
    'etc/.conf',
    'etc/x.txt',
  ])
    writeFileSync(at(path), path);
  const { files, diagnostics } = readDepmodConfigFiles([at('etc'), at('usr'), at('none')]);
  expect(files.map(({ path, text }) => [path.slice(folder.length + 1), text])).toEqual([
    ['etc/B.conf', 'etc/B.conf'],
    ['usr/a.conf', 'usr/a.conf'],
    ['etc/b.conf', 'etc/b.conf'],
  ]);
  expect(diagnostics).toEqual([]);
});

test('readDepmodConfigFiles goes on without a file that it cannot read, unless that was named', () => {
  mkdirSync(at('odd'));
  symlinkSync(at('nowhere'), at('odd/link.conf'));
  writeFileSync(at('odd/z.conf'), 'search updates\n');
  const { files, diagnostics } = readDepmodConfigFiles([at('odd')]);
  expect(files.map(({ text }) => text)).toEqual(['search updates\n']);
  expect(diagnostics).toEqual([
    expect.objectContaining({
      severity: 'warning',
      file: at('odd/link.conf'),
      message: expect.stringMatching(/depmod continues without it$/),
    }),
  ]);
  expect(() => readDepmodConfigFiles([at('none')], true)).toThrow(expect.objectContaining({ code: 'unreadable' }));
});

test('DEPMOD_DIRECTORIES and MODPROBE_DIRECTORIES stand as in depmod.d(5) and modprobe.d(5), what an administrator writes first', () => {
  const places = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'];
  expect(DEPMOD_DIRECTORIES).toEqual(places.map((place) => `${place}/depmod.d`));
  expect(MODPROBE_DIRECTORIES).toEqual(places.map((place) => `${place}/modprobe.d`));
});
