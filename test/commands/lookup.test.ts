import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { cli } from '../support/cli.ts';
import { modulesTree, removeTree } from '../support/modules-tree.ts';
import { pciModule } from '../support/pci-module.ts';

const folder = mkdtempSync(join(tmpdir(), 'modalias-lookup-'));
const modules = join(folder, 'modules');
const config = join(folder, 'modprobe.d');
const nvme = 'pci:v00008086d00000953sv00008086sd00003702bc01sc08i02';

const aliases = [
  ['pci:v*d*sv*sd*bc01sc08i02*', 'nvme', 3],
  ['pci:v00008086d00000953sv*sd*bc*sc*i*', 'nvme', 3],
  ['pci:v00008086d00000953sv*sd*bc*sc*i*', 'other', 1],
  ['vfio_pci:v*d*sv*sd*bc*sc*i*', 'vfio_pci', 5],
  ['dmi*:svnD\xe9ll*', 'laptop', 6],
] as const;

beforeAll(() => {
  mkdirSync(modules);
  mkdirSync(config);
  const entries = aliases.map(([key, value, priority]) => ({ key, value, priority }));
  writeFileSync(join(modules, 'modules.alias.bin'), writeIndex(entries, 'post'));
  const lines = [...aliases].sort((a, b) => a[2] - b[2]).map(([key, module]) => `alias ${key} ${module}\n`);
  writeFileSync(join(modules, 'modules.alias'), lines.join(''), 'latin1');
  writeFileSync(
    join(modules, 'modules.dep'),
    ['a', 'other', 'b', 'nvme', 'c', 'vfio_pci', 'laptop'].map((m) => `kernel/${m}.ko:\n`).join(''),
  );
  writeFileSync(join(modules, 'modules.builtin'), 'kernel/fs/ext4.ko\n');
  writeFileSync(join(modules, 'modules.builtin.modinfo'), 'ext4.alias=fs-ext4\0nvme_core.alias=pci:v*d*sv*sd*bc01*\0');
  writeFileSync(join(config, 'x.conf'), 'blacklist other\nalias pci:v0000dead* chosen\nsoftdep nv* pre: first\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const lookup = (...args: string[]) => cli(['lookup', '-m', modules, ...args]);

test('lookup names modules, the best first, each once', () => {
  expect(lookup(nvme)).toMatchObject({ status: 0, stdout: 'other\nnvme\n', stderr: '' });
});

test('lookup --modprobe prints order and repeats of modprobe -R', () => {
  expect(lookup('--modprobe', nvme).stdout).toBe('other\nnvme\nnvme\n');
});

test('lookup --best, --prefix and names of modules', () => {
  expect(lookup('--best', nvme).stdout).toBe('other\n');
  expect(lookup('--prefix', 'vfio', nvme).stdout).toBe('vfio_pci\n');
  expect(lookup('nvme', 'fs-ext4', 'ext4').stdout).toBe('nvme\next4\next4\n');
});

test('lookup --all-sources shows what is hidden, and by what', () => {
  const { stdout } = lookup('--all-sources', nvme);
  expect(stdout.split('\n').at(-2)).toBe('nvme_core\tbuiltin\tpci:v*d*sv*sd*bc01*\thidden by alias');
});

test('lookup refuses --modprobe beside what modprobe -R never prints', () => {
  for (const option of ['--best', '--all', '--all-sources'])
    expect(lookup('--modprobe', option, nvme)).toMatchObject({ status: 2, stdout: '' });
});

test('lookup answers with status 1 where a modalias has no match, and warns of one that never can', () => {
  expect(lookup('platform:none')).toMatchObject({ status: 1, stdout: '', stderr: '' });
  expect(lookup('pcii:v1').stderr).toContain(
    "no known bus has modaliases that begin with 'pcii:'; did you mean 'pci'?",
  );
  const odd = lookup('x[', nvme);
  expect(odd).toMatchObject({ status: 1, stdout: 'other\nnvme\n' });
  expect(odd.stderr).toMatch(/warning: 'x\[' contains an unpaired bracket/);
});

test('lookup -m: answers for a directory in which depmod has not run by what it would write, with a note', () => {
  const tree = modulesTree({ 'kernel/a.ko': pciModule([[1, 2]]) });
  const key = 'pci:v00000001d00000002sv00000000sd00000000bc00sc00i00';
  expect(cli(['lookup', '-m', tree, key])).toEqual({
    status: 0,
    stdout: 'a\n',
    stderr: `modalias: note: ${tree}: depmod has not run here yet: answering with the aliases that it would write\n`,
  });
  removeTree(tree);
});

test('lookup --json keeps to its contract, one document a line', () => {
  const run = cli(['lookup', '-m', modules, '--json', '-'], { input: `${nvme}\nnone\n` });
  expect(run.status).toBe(1);
  const [first, second] = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(Object.keys(first)).toEqual(['version', 'modalias', 'modules', 'matches', 'best', 'ambiguous']);
  expect(first).toMatchObject({
    version: 1,
    modalias: nvme,
    modules: ['other', 'nvme'],
    best: { module: 'other' },
    ambiguous: true,
  });
  expect(first.matches[0]).toEqual({ module: 'other', pattern: aliases[1][0], source: 'alias', priority: 1 });
  expect(second).toMatchObject({ modalias: 'none', modules: [], matches: [], best: null, ambiguous: false });
});

test('lookup answers alike from the index, from the text, and with one key or many', () => {
  const answers = [modules, join(modules, 'modules.alias'), join(modules, 'modules.alias.bin')].flatMap((path) => [
    cli(['lookup', '-m', path, '--json', nvme]).stdout,
    cli(['lookup', '-m', path, '--json', '-'], { input: nvme }).stdout,
  ]);
  expect(new Set(answers).size).toBe(1);
});

test('lookup takes arguments and lines as bytes', () => {
  const text = ['lookup', '-m', join(modules, 'modules.alias')];
  expect(cli([...text, '-'], { input: 'dmi:bvnX:svnD\xe9ll:\n' })).toMatchObject({ status: 0, stdout: 'laptop\n' });
  expect(cli([...text, 'dmi:bvnX:svnD\xe9ll:']).status).toBe(1);
});

test('lookup reads a list of modaliases however it ends its lines, and whatever is in it', () => {
  const list = (input: string, ...args: string[]) => cli(['lookup', '-m', modules, ...args, '-'], { input });
  expect(list('nvme\r\next4\r\n')).toMatchObject({ status: 0, stdout: 'nvme\next4\n', stderr: '' });
  expect(list('nvme\n\next4')).toMatchObject({ status: 1, stdout: 'nvme\next4\n', stderr: '' });
  expect(list('nvme\0behind\n')).toMatchObject({ status: 0, stdout: 'nvme\n' });
  expect(list('')).toMatchObject({ status: 0, stdout: '' });
  const long = ['x'.repeat(4095), 'x'.repeat(4096), 'x'.repeat(100_000), 'nvme'].join('\n');
  expect(list(long)).toMatchObject({ status: 1, stdout: 'nvme\n', stderr: '' });
  const lines = list('a[\n\n\xff\nnvme\n', '--json').stdout.split('\n').filter(Boolean);
  expect(lines.map((line) => JSON.parse(line).modules)).toEqual([[], [], [], ['nvme']]);
});

test('lookup prints a match too long for libkmod as a warning, and goes on', () => {
  const key = `pci:v00008086d00000953sv${'1'.repeat(4060)}`;
  const run = cli(['lookup', '-m', modules, '-'], { input: `${key}sd0bc01sc08i02\nnvme\n` });
  expect(run).toMatchObject({ status: 1, stdout: 'nvme\n' });
  expect(run.stderr).toMatch(/ENAMETOOLONG/);
});

test('lookup --config reads modprobe configuration, whose aliases answer first', () => {
  expect(lookup('--config', config, 'pci:v0000dead1').stdout).toBe('chosen\n');
});

test('lookup --config may be repeated, the first winning, and must name what is there', () => {
  const first = join(folder, 'first');
  mkdirSync(first);
  writeFileSync(join(first, 'a.conf'), 'alias pci:v0000dead* early\n');
  expect(lookup('--modprobe', '--config', first, '--config', config, 'pci:v0000dead1').stdout).toBe('early\nchosen\n');
  writeFileSync(join(first, 'x.conf'), '');
  expect(lookup('--modprobe', '--config', first, '--config', config, 'pci:v0000dead1').stdout).toBe('early\n');
  const run = lookup('--config', join(folder, 'none'), 'nvme');
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr).toMatch(/none: cannot read: no such file or directory/);
});

test('lookup falls back to the text, with a warning, where the index is damaged', () => {
  const damaged = join(folder, 'damaged');
  mkdirSync(damaged);
  writeFileSync(join(damaged, 'modules.alias.bin'), 'nonsense');
  writeFileSync(join(damaged, 'modules.alias'), 'alias a* b\n');
  const run = cli(['lookup', '-m', damaged, 'ab']);
  expect(run).toMatchObject({ status: 0, stdout: 'b\n' });
  expect(run.stderr).toMatch(/warning: .*modules\.alias\.bin.*answering from .*modules\.alias instead/);
  const alone = join(folder, 'alone.bin');
  writeFileSync(alone, 'nonsense');
  expect(cli(['lookup', '-m', alone, 'ab'])).toMatchObject({ status: 2, stdout: '' });
});

test('lookup says what is wrong with a path that is not there', () => {
  const run = cli(['lookup', '-m', join(folder, 'missing'), 'ab']);
  expect(run.status).toBe(2);
  expect(run.stderr).toMatch(/missing.*no such file or directory/);
});

test('explain shows fields, files, blacklist, ranks, what is hidden and near misses, in 80 columns', () => {
  const run = cli(['explain', '-m', modules, '--config', config, nvme]);
  expect(run.status).toBe(0);
  for (const part of [
    /vendor +00008086/,
    /other {2}\(loadable, BLACKLISTED\)/,
    /kernel\/nvme\.ko/,
    /softdep nv\* pre: first/,
    /specific 1, stars 1, libvirt 2/,
    /given exactly: vendor 00008086, device 00000953/,
    /nvme_core {2}\(builtin, behind alias\)/,
    /Ambiguous/,
  ]) {
    expect(run.stdout).toMatch(part);
  }
  expect(Math.max(...run.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(cli(['explain', '-m', modules, 'none:x']).status).toBe(1);
  const document = JSON.parse(cli(['explain', '-m', modules, '--json', nvme]).stdout);
  expect(document).toMatchObject({
    version: 1,
    ambiguous: true,
    candidates: [{ module: 'other' }, { module: 'nvme' }],
  });
});

test('explain answers like lookup for a modalias that can never match: a warning and status 1', () => {
  const odd = cli(['explain', '-m', modules, '--prefix', 'vfio', 'x[']);
  expect(odd).toMatchObject({ status: 1, stdout: 'vfio_x[\n\nNo alias matches.\n' });
  expect(odd.stderr).toMatch(/warning: 'vfio_x\[' contains an unpaired bracket/);
  expect(JSON.parse(cli(['explain', '-m', modules, '--json', 'x[']).stdout)).toMatchObject({
    version: 1,
    key: 'x[',
    candidates: [],
    problems: [{ code: 'bad-modalias' }],
  });
});
