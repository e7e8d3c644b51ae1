import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readDevice } from '../../../src/vfio/sysfs/device.ts';
import { hangingOn } from '../../../src/vfio/sysfs/hanging.ts';
import { Tree } from '../../../src/vfio/sysfs/tree.ts';
import { makeNamedPipe } from '../../support/named-pipe.ts';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'modalias-tree-'));
  fs.mkdirSync(path.join(root, 'sys/devices/a'), { recursive: true });
  fs.writeFileSync(path.join(root, 'outside'), 'secret\n');
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));
const put = (at: string, text: string) => fs.writeFileSync(path.join(root, 'sys', at), text);
const link = (at: string, to: string) => fs.symlinkSync(to, path.join(root, 'sys', at));
const tree = () => new Tree(path.join(root, 'sys'));

test('Tree.real follows links inside the root', () => {
  link('short', 'devices/a');
  expect(tree().real('short')).toBe('devices/a');
  expect(tree().real('.')).toBe('');
});

test('Tree.real answers undefined for links out of the root, absolute or relative, and for circles', () => {
  link('absolute', '/etc');
  link('relative', '../outside');
  link('one', 'two');
  link('two', 'one');
  for (const at of ['absolute', 'relative', 'one', '../outside', '..', 'missing'])
    expect(tree().real(at), at).toBeUndefined();
});

test('Tree.read reads no link, not even one whose target lies inside', () => {
  put('devices/a/file', 'text\n');
  link('devices/a/inside', 'file');
  link('devices/a/outside', '../../../outside');
  expect(tree().read('devices/a/file')).toBe('text\n');
  expect(tree().read('devices/a/inside')).toBeUndefined();
  expect(tree().read('devices/a/outside')).toBeUndefined();
});

test('Tree.read does not reach out through a linked directory', () => {
  link('away', '..');
  expect(tree().read('away/outside')).toBeUndefined();
  expect(tree().list('away')).toEqual([]);
  expect(tree().read('../outside')).toBeUndefined();
});

test('Tree.read stops at its limit, whatever the file holds', () => {
  put('huge', 'x'.repeat(1 << 20));
  expect(tree().read('huge')?.length).toBe(64 * 1024);
  expect(tree().read('huge', 10)).toBe('x'.repeat(10));
});

test('Tree.line reads a page and a hundred bytes, where no newline comes before', () => {
  put('huge', 'x'.repeat(5000));
  expect(tree().line('huge')).toBe('x'.repeat(4196));
});

test('readDevice takes a modalias of 4,095 bytes, the most that a page holds with its newline', () => {
  const modaliasOf = (text: string) => {
    put('devices/a/modalias', `${text}\n`);
    return readDevice(tree(), 'devices/a').modalias;
  };
  const longest = `platform:${'x'.repeat(4086)}`;
  expect(modaliasOf(longest)).toBe(longest);
  expect(modaliasOf(`${longest}x`)).toBeNull();
});

test('hangingOn goes sixteen directories down and no further', () => {
  const hangingAt = (depth: number) => {
    const at = `${'d/'.repeat(depth)}event${depth}`;
    fs.mkdirSync(path.join(root, 'sys/devices/a', at), { recursive: true });
    link(`devices/a/${at}/subsystem`, '/x/class/input');
    return hangingOn(tree(), 'devices/a', 'devices/b');
  };
  expect(hangingAt(16)).toEqual(['event16']);
  expect(hangingAt(17)).toEqual(['event16']);
});

test('Tree.read does not wait for the writer of a named pipe', () => {
  makeNamedPipe(path.join(root, 'sys/pipe'));
  expect(tree().read('pipe')).toBe('');
});

test('Tree.read gives one character a byte', () => {
  fs.writeFileSync(path.join(root, 'sys/bytes'), Buffer.from([0xe4, 0x00, 0xff]));
  expect(tree().read('bytes')).toBe('\xe4\x00\xff');
});

test('Tree.list sorts by bytes and Tree.directories leaves links out', () => {
  for (const name of ['b', 'B', 'a10', 'a2']) fs.mkdirSync(path.join(root, 'sys/devices', name));
  link('devices/l', 'a');
  expect(tree().list('devices')).toEqual(['B', 'a', 'a10', 'a2', 'b', 'l']);
  expect(tree().directories('devices')).toEqual(['B', 'a', 'a10', 'a2', 'b']);
});

test('Tree.linkName gives the last component of a link, and none for a link to a parent', () => {
  link('driver', '../../bus/pci/drivers/e1000e');
  link('up', '../..');
  expect(tree().linkName('driver')).toBe('e1000e');
  expect(tree().linkName('up')).toBeUndefined();
  expect(tree().linkName('devices')).toBeUndefined();
});

test('Tree throws for a root that is not there, and names it', () => {
  expect(() => new Tree(path.join(root, 'no')).real('x')).toThrow(/\/no: this directory cannot be read/);
});

test('Tree.realLinks resolves like Tree.real, whatever the texts of the links, in the order of their names', () => {
  put('devices/a/file', '');
  fs.mkdirSync(path.join(root, 'sys/devices/a/b'));
  fs.mkdirSync(path.join(root, 'sys/group'));
  const texts = [
    '../devices/a',
    '../devices/a/',
    '../devices/./a',
    '../devices/a/../a/b',
    '../../sys/devices/a',
    '/etc',
    '../..',
  ];
  link('alias', 'devices');
  const all = [...texts, '../alias/a', '../devices/missing', '.', '..'];
  const names = all.map((_, i) => String.fromCharCode(0x7a - i));
  for (const [i, text] of all.entries()) link(`group/${names[i]}`, text);
  const real = names.toReversed().flatMap((name) => tree().real(`group/${name}`) ?? []);
  expect(tree().realLinks('group')).toEqual(real);
  expect(new Set(real)).toEqual(new Set(['devices/a', 'devices/a/b', 'group', '']));
});

test('Tree.read finds a file through linked directories, dots and doubled slashes, and none outside', () => {
  put('devices/a/file', 'text\n');
  link('alias', 'devices');
  link('out', '../../');
  const sysfs = tree();
  for (const at of ['alias/a/file', 'alias//a/file', './alias/a/./file', 'devices/a/../a/file', 'alias/./a/file'])
    expect([sysfs.read(at), sysfs.read(at)], at).toEqual(['text\n', 'text\n']);
  for (const at of ['out/outside', 'out/./outside', 'out//outside', 'devices/../../outside'])
    expect(sysfs.read(at), at).toBeUndefined();
});

test('Tree.deviceNumber is that of a character device, in the encoding of stat', () => {
  const number = (rdev: number, isCharacterDevice = true) => {
    const stat = vi
      .spyOn(fs, 'statSync')
      .mockReturnValueOnce({ rdev, isCharacterDevice: () => isCharacterDevice } as never);
    const found = tree().deviceNumber('devices/a');
    stat.mockRestore();
    return found;
  };
  expect([number(0x0103), number(0xc3ff), number(0xfff00 + 7)]).toEqual(['1:3', '195:255', '4095:7']);
  // The minor number has twelve bits more, above the major one.
  expect([number(0x1000_c300), number(0xfff0_0103)]).toEqual(['195:65536', '1:1048323']);
  expect(number(0x0103, false)).toBeUndefined();
  expect(tree().deviceNumber('missing')).toBeUndefined();
});
