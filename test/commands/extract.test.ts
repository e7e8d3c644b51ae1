import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { busNamed } from '../../src/bus/buses.ts';
import { rowLayout } from '../../src/bus/define/read-rows.ts';
import { parseRelease } from '../../src/release.ts';
import { parseTables } from '../../src/tables/read-tables.ts';
import { cli } from '../support/cli.ts';
import { elfMachines } from '../support/elf-machines.ts';
import { writeModule } from '../support/module-object.ts';
import { type MemoryValue, structBytes } from '../support/struct-writer.ts';

const root = mkdtempSync(join(tmpdir(), 'modalias-'));
afterAll(() => rmSync(root, { recursive: true }));

const machine = { ...elfMachines.amd64, release: parseRelease('6.12') };
const rows = (bus: string, values: Record<string, MemoryValue>[]) => {
  const layout = rowLayout(busNamed(bus)!, machine.abi, machine.release);
  return Buffer.concat([...values, {}].map((row) => structBytes(layout, row, machine)));
};
const module = writeModule({
  machine,
  modinfo: ['alias=by-hand\xe9', 'alias=pci:v00008086d000010D3sv*sd*bc*sc*i*', 'vermagic=6.12.9 SMP', 'name=streamed'],
  tables: [
    {
      symbol: '__mod_pci__ids_device_table',
      content: rows('pci', [
        { vendor: 0x8086, device: 0x10d3, subvendor: 0xffffffff, subdevice: 0xffffffff, driver_data: 9 },
      ]),
    },
  ],
});
const tree = join(root, 'usr/lib/modules/6.12.9');
mkdirSync(join(tree, 'kernel/b'), { recursive: true });
symlinkSync('usr/lib', join(root, 'lib'));
for (const name of ['b/z-1.ko', 'a.ko', 'c.ko']) writeFileSync(join(tree, 'kernel', name), module);
writeFileSync(join(tree, 'kernel/b/y.ko.xz'), execFileSync('xz', ['-c'], { input: module }));
writeFileSync(join(tree, 'kernel/b/x.ko.gz'), gzipSync(module));
writeFileSync(join(root, 'text.ko'), 'no module');

const extract = (args: string[], input?: Uint8Array) => {
  const { status, stdout, stderr } = cli(['extract', ...args], { input: Buffer.from(input ?? []).toString('latin1') });
  const utf8 = (latin1: string) => Buffer.from(latin1, 'latin1').toString();
  return { status, stdout: utf8(stdout), stderr: utf8(stderr) };
};
const names = (ndjson: string) =>
  ndjson
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).module);
const pciRow = {
  ...{ vendor: '0x8086', device: '0x10d3', subvendor: '0xffffffff', subdevice: '0xffffffff' },
  ...{ class: '0x0000', class_mask: '0x0000', override_only: 0 },
};

test('extract: one module is one object, with every field that an alias depends on', () => {
  const { status, stdout, stderr } = extract([join(tree, 'kernel/a.ko')]);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.split('\n').length).toBeGreaterThan(8);
  expect(JSON.parse(stdout)).toEqual({
    module: 'a',
    kernel: '6.12.9',
    tables: [{ bus: 'pci', name: 'ids', rows: [pciRow] }],
    aliases: ['by-hand\xe9', 'pci:v00008086d000010D3sv*sd*bc*sc*i*'],
  });
});

test('extract: what it prints is a valid id-table file', async () => {
  const { modules, diagnostics } = parseTables(extract([join(tree, 'kernel/a.ko')]).stdout);
  expect(diagnostics).toEqual([]);
  expect(modules[0]).toMatchObject({
    module: 'a',
    release: parseRelease('6.12.9'),
    tables: [{ name: 'ids', rows: [{ vendor: 0x8086 }] }],
  });
});

test('extract: a directory is one object a line, sorted, the same for any number of workers, any place and locale', () => {
  const one = extract([tree, '--workers', '1']);
  expect(one).toMatchObject({ status: 0, stderr: '' });
  expect(names(one.stdout)).toEqual(['a', 'x', 'y', 'z_1', 'c']);
  expect(extract([tree, '--workers', '4']).stdout).toBe(one.stdout);
  expect(extract([`${join(root, 'lib/modules/6.12.9')}//`]).stdout).toBe(one.stdout);
  cpSync(tree, join(root, 'copy'), { recursive: true });
  expect(extract([join(root, 'copy')]).stdout).toBe(one.stdout);
});

test('extract: - and pipes are read as one module, which names itself', () => {
  expect(JSON.parse(extract(['-'], module).stdout).module).toBe('streamed');
  expect(JSON.parse(extract(['--json', '-'], gzipSync(module)).stdout).module).toBe('streamed');
  expect(extract(['-', '-'], module)).toMatchObject({ status: 2, stdout: '' });
  const shell = `"${process.execPath}" dist/cli.js extract --no-aliases <(cat "${tree}/kernel/b/y.ko.xz")`;
  const document = JSON.parse(execFileSync('bash', ['-c', shell], { encoding: 'utf8' }));
  expect([document.module, document.aliases]).toEqual(['streamed', undefined]);
});

test('extract: a file that is not a module is an error, the others are printed, exit status 2', () => {
  const { status, stdout, stderr } = extract([join(root, 'text.ko'), join(tree, 'kernel/a.ko')]);
  expect([status, names(stdout)]).toEqual([2, ['a']]);
  expect(stderr).toMatch(/error: .*text\.ko: offset 0x0: not a kernel module/);
});

test.each<[args: string[], message: RegExp]>([
  [[join(root, 'nowhere')], /nowhere: cannot read: no such file/],
  [[join(root, 'usr/lib/modules/none')], /no such file/],
  [['--unpack-limit', '0', tree], /--unpack-limit: expected/],
  [['--unpack-limit', '2047', `${tree}/none`], /no such file/],
  [['--unpack-limit', '2047.5', tree], /--unpack-limit: expected a number of MiB up to 2047; found 2047.5/],
  [['--workers', '0', tree], /--workers: found/],
  [['--kernel', 'new', tree], /'new' is not a kernel release/],
  [['--kernel', '4.19', tree], /the rules of 4\.19 are not known/],
  [['--unpack-limit', '0.001', join(tree, 'kernel/b/y.ko.xz')], /unpacks to more than 1048 bytes/],
])('extract: %j is refused with what to do, exit status 2', (args, message) => {
  const { status, stdout, stderr } = extract(args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});

test('extract: an empty directory holds no module', () => {
  mkdirSync(join(root, 'empty'));
  expect(extract([join(root, 'empty')])).toMatchObject({ status: 2, stderr: expect.stringMatching(/no module/) });
});

test('extract: a closed pipe ends it without a word', async () => {
  const child = spawn(process.execPath, ['dist/cli.js', 'extract', ...Array(300).fill(tree)]);
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdout.once('data', () => child.stdout.destroy());
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect([status, stderr]).toEqual([0, '']);
});

test('extract: an input that never ends is refused by its first bytes', () => {
  const { status, stderr } = extract(['/dev/zero']);
  expect([status, stderr]).toEqual([2, expect.stringContaining('/dev/zero: offset 0x0: not a kernel module')]);
  const piped = execFileSync('sh', ['-c', 'head -c 100M /dev/zero | (node dist/cli.js extract - 2>&1; wc -c)'], {
    encoding: 'utf8',
  });
  const [, left] = /not a kernel module.*\n(\d+)\n$/.exec(piped)!;
  expect(Number(left)).toBeGreaterThan(99 * 1024 * 1024);
});
