import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { putFiles } from '../support/modules-tree.ts';
import { pciAlias, pciModule } from '../support/pci-module.ts';

const BUILTIN = 'kernel/built.ko\n';
const MODINFO = `built.alias=${pciAlias(9, 9)}\0built.file=kernel/built\0`;
const module = (...devices: readonly number[]) => pciModule(devices.map((device) => [0x8086, device] as const));
const key = (device: number) => pciAlias(0x8086, device).replace('sv*sd*bc*sc*i*', 'sv00008086sd00000000bc02sc00i00');

let folder: string;
const at = (name: string) => join(folder, name);

/** A tar archive of kernels by their releases, and their directories beside it. */
function pack(name: string, kernels: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>): string {
  for (const [release, files] of Object.entries(kernels)) putFiles(at(`${name}/lib/modules/${release}`), files);
  execFileSync('tar', ['-C', at(name), '-czf', at(`${name}.tar.gz`), '.']);
  return at(`${name}.tar.gz`);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'modalias-packages-'));
  const lists = { 'modules.builtin': BUILTIN, 'modules.builtin.modinfo': MODINFO };
  pack('base', { '6.1': { 'kernel/a.ko': module(1), 'kernel/b.ko': module(2), ...lists } });
  pack('over', { '6.1': { 'kernel/b.ko': module(3), 'kernel/c.ko': module(1), 'modules.order': 'kernel/c.ko\n' } });
  pack('two', { '6.1': { 'kernel/a.ko': module(1) }, '6.2': { 'kernel/a.ko': module(2) } });
});
afterAll(() => rmSync(folder, { recursive: true }));

const lookup = (inputs: readonly string[], ...args: string[]) =>
  cli(['lookup', ...inputs.flatMap((input) => ['-m', input]), ...args]);
const directory = (name: string, release = '6.1') => at(`${name}/lib/modules/${release}`);

describe('lookup -m', () => {
  test('a package answers as its directory does after build, differs in nothing, and answers for names of modules', () => {
    const indexed = at('indexed/lib/modules/6.1');
    execFileSync('cp', ['-r', at('base'), at('indexed')]);
    expect(cli(['build', indexed]).status).toBe(0);
    for (const [old, now] of [
      [at('base.tar.gz'), indexed],
      [join(indexed, 'modules.alias'), join(indexed, 'modules.alias.bin')],
    ] as const)
      expect(cli(['diff', old, now])).toMatchObject({ status: 0, stderr: '' });
    const keys = [key(1), key(2), key(3), pciAlias(9, 9), 'built', 'nothing'];
    const [packed, onDisk] = [at('base.tar.gz'), indexed].map((input) => lookup([input], '--json', ...keys));
    expect(packed).toMatchObject({ stdout: onDisk!.stdout, status: 1 });
    expect(packed!.stdout).toContain('"modules":["built"]');
    expect(lookup([at('base.tar.gz')], 'a').stdout).toBe('a\n');
    expect(cli(['explain', '-m', at('base.tar.gz'), key(1)]).stdout).toContain('kernel/a.ko');
  });

  test('several are laid over each other, later ones winning file by file', () => {
    for (const inputs of [
      [at('base.tar.gz'), at('over.tar.gz')],
      [directory('base'), at('over.tar.gz')],
      [directory('base'), directory('over')],
    ]) {
      const { stdout } = lookup(inputs, '--with-input', ...[key(1), key(2), key(3), pciAlias(9, 9)]);
      expect(stdout.split('\n').map((line) => line.split('\t')[1])).toEqual(['c', 'a', '-', 'b', 'built', undefined]);
    }
    expect(lookup([at('over.tar.gz'), at('base.tar.gz')], key(2)).stdout).toBe('b\n');
  });

  test('directories of several kernels are not laid over each other', () => {
    const both = [directory('two'), directory('two', '6.2')];
    const stderr = expect.stringContaining('are of several kernels (6.1, 6.2); name those of one');
    expect(cli(['verify', ...both])).toMatchObject({ status: 2, stdout: '', stderr });
    expect(lookup(both, key(1))).toMatchObject({ status: 2, stdout: '', stderr });
  });

  test('--release selects a kernel, and is refused where no input has it', () => {
    const several = lookup([at('two.tar.gz')], key(1));
    expect(several).toMatchObject({ status: 2, stdout: '' });
    expect(several.stderr).toContain('choose one of them with --release: 6.1, 6.2');
    expect(lookup([at('two.tar.gz')], '--release', '6.2', key(2)).stdout).toBe('a\n');
    for (const input of [at('two.tar.gz'), at('indexed/lib/modules/6.1'), at('indexed/lib/modules/6.1/modules.alias')])
      expect(lookup([input], '--release', '6.3', key(1))).toMatchObject({ status: 2, stdout: '' });
    expect(lookup([at('indexed/lib/modules/6.1')], '--release', '6.1', key(1)).stdout).toBe('a\n');
    for (const command of ['verify', 'extract'])
      expect(cli([command, '--release', '6.3', directory('base')])).toMatchObject({ status: 2, stdout: '' });
  });

  test('a hard link to a file of another kernel in the package is read', () => {
    const name = 'linked';
    pack(name, { '6.1': { 'kernel/a.ko': module(1), 'modules.order': 'kernel/a.ko\n' } });
    for (const file of ['kernel/a.ko', 'kernel/b.ko', 'modules.order']) {
      const to = at(`${name}/lib/modules/6.2/${file}`);
      execFileSync('mkdir', ['-p', dirname(to)]);
      execFileSync('ln', [at(`${name}/lib/modules/6.1/${file === 'modules.order' ? file : 'kernel/a.ko'}`), to]);
    }
    execFileSync('tar', ['-C', at(name), '-cf', at(`${name}.tar`), './lib/modules/6.1', './lib/modules/6.2']);
    const run = lookup([at(`${name}.tar`)], '--release', '6.2', key(1));
    expect(run).toMatchObject({ stdout: 'a\nb\n', stderr: '', status: 0 });
    expect(cli(['verify', '--json', '--release', '6.2', at(`${name}.tar`)]).stdout).not.toContain('unreadable-module');
    expect(cli(['diff', '--rows', '--release', '6.2', at(`${name}.tar`), at('base.tar.gz')]).stderr).toContain('6.1');
  });

  test('a file that is named as a package and is none is refused, not compared as an empty modules.alias', () => {
    for (const [name, text, told] of [
      ['empty.deb', '', 'is empty'],
      ['page.rpm', '<html>not found</html>\n', 'is not a package'],
      ['page.tar.xz', '# not found\n', 'is not a package'],
    ] as const) {
      writeFileSync(at(name), text);
      const stderr = expect.stringContaining(`${name}: ${told}; expected a .deb`);
      expect(cli(['diff', '--fail-on', 'lost', at(name), at('base.tar.gz')])).toMatchObject({
        status: 2,
        stdout: '',
        stderr,
      });
      expect(lookup([at(name)], key(1))).toMatchObject({ status: 2, stdout: '', stderr });
    }
  });

  test('a file that is no package is reported as before, and a package without modules is refused', () => {
    expect(lookup([at('none.deb')], key(1)).stderr).toContain('none.deb: no such file or directory');
    const lists = pack('lists', { '6.1': { 'modules.order': 'kernel/a.ko\n' } });
    expect(lookup([lists], key(1))).toMatchObject({ status: 2, stderr: expect.stringContaining('no kernel modules') });
  });
});

describe('extract', () => {
  test('a package gives what its directory gives', () => {
    const [packed, onDisk] = [at('base.tar.gz'), directory('base')].map((input) => cli(['extract', input]));
    expect(packed).toEqual(onDisk);
    expect(packed!.stdout.split('\n').length).toBe(3);
    expect(cli(['extract', '--release', '6.2', at('two.tar.gz')]).stdout).toContain('"device":"0x0002"');
  });

  test('reads a module whatever its name, for which --release says nothing', () => {
    const file = join(dirname(at('base.tar.gz')), 'module.tar');
    execFileSync('cp', [join(directory('base'), 'kernel/a.ko'), file]);
    expect(cli(['extract', file])).toMatchObject({ status: 0 });
    expect(cli(['extract', '--release', '6.1', file])).toMatchObject({ status: 2, stdout: '' });
  });
});

test('build: writes the files of a package to OUTDIR, and refuses to write into the package', () => {
  const files = ['modules.alias', 'modules.alias.bin', 'modules.builtin.alias.bin'];
  const refused = cli(['build', at('base.tar.gz')]);
  expect(refused).toMatchObject({ status: 2, stdout: '' });
  expect(refused.stderr).toContain('expected -o OUTDIR');
  for (const [input, out] of [[at('base.tar.gz'), 'of-package'] as const, [directory('base'), 'of-directory'] as const])
    expect(cli(['build', '--depmod-config', 'none', input, '-o', at(out)]).status).toBe(0);
  expect(readdirSync(at('of-package')).sort()).toEqual(files);
  for (const name of files)
    expect(readFileSync(at(`of-package/${name}`)).equals(readFileSync(at(`of-directory/${name}`)))).toBe(true);
});

test('diff: packages and directories in any mix; --release once for both sides or once for each', () => {
  const diff = (...args: string[]) => cli(['diff', '--json', ...args]);
  const changes = (run: ReturnType<typeof diff>) =>
    JSON.parse(run.stdout).changes.map(
      (change: { class: string; pattern: string }) => `${change.class} ${change.pattern}`,
    );
  expect(diff(at('two.tar.gz'), at('two.tar.gz')).status).toBe(2);
  expect(diff('--release', '6.1', at('two.tar.gz'), at('two.tar.gz')).status).toBe(0);
  const each = diff('--release', '6.1', '--release', '6.2', at('two.tar.gz'), at('two.tar.gz'));
  expect(changes(each)).toEqual([`lost ${pciAlias(0x8086, 1)}`, `gained ${pciAlias(0x8086, 2)}`]);
  expect(JSON.parse(each.stdout)).toMatchObject({ old: { release: '6.1' }, new: { release: '6.2' } });
  expect(diff('--release', '6.1', '--release', '6.2', '--release', '6.3', 'a', 'b').status).toBe(2);
  const laid = diff('--old', directory('base'), '--old', at('over.tar.gz'), '--new', at('base.tar.gz'));
  expect(changes(laid)).toContain(`lost ${pciAlias(0x8086, 3)}`);
  expect(diff('--release', '6.1', at('of-package/modules.alias'), at('of-package/modules.alias')).status).toBe(2);
});

test('diff: notes losses and gains of modules that are built into a kernel that does not record their tables', () => {
  const loadable = pack('loadable', { '6.1': { 'kernel/a.ko': module(1, 2), 'kernel/b.ko': module(3) } });
  const lists = { 'modules.builtin': 'kernel/a.ko\n', 'modules.order': 'kernel/b.ko\n' };
  const tree = { 'kernel/b.ko': module(3), ...lists };
  const unrecorded = pack('unrecorded', { '6.2': { ...tree, 'modules.builtin.modinfo': 'a.license=GPL\0' } });
  const recorded = pack('recorded', { '6.18': { ...tree, 'modules.builtin.modinfo': MODINFO } });
  const now = cli(['diff', loadable, unrecorded]);
  expect(now.stdout).toContain('\nnote: built-in: 2: lost, generic, dropped, but the module is built in now: that');
  expect(now.stdout).toMatch(/\n {4}a\n$/);
  expect(cli(['diff', '--format', 'markdown', unrecorded, loadable]).stdout).toContain(
    'Note: built-in: 2: gained, specific, joined, but the module was built in: that kernel does not record',
  );
  expect(cli(['diff', loadable, recorded]).stdout).not.toContain('note: ');
});

describe('coverage -m', () => {
  const coverage = (kernels: readonly string[], ...args: string[]) =>
    cli(['coverage', '--json', '-d', '-', ...kernels.flatMap((kernel) => ['-m', kernel]), ...args], {
      input: [key(1), key(2), key(3), pciAlias(9, 9)].join('\n'),
    });

  test('says which package serves each device; packages of one name are laid over each other', () => {
    const [base, over] = ['base', 'over'].map((name) => at(`${name}.tar.gz`));
    const { status, stdout } = coverage([`old=${base}`, `new=${base}`, `new=${over}`]);
    const { devices, kernels } = JSON.parse(stdout);
    expect([status, kernels[1]]).toEqual([1, { name: 'new', inputs: [base, over], release: '6.1', builtin: 'tables' }]);
    const none = { state: 'none', modules: [], package: null };
    const serves = (module: string, name: string) => ({ state: 'module', modules: module.split(' '), package: name });
    const answers = devices.map(({ answers: both }: { answers: unknown[] }) => both);
    expect(answers).toEqual([
      [
        { state: 'builtin', modules: ['built'], package: null },
        { state: 'builtin', modules: ['built'], package: null },
      ],
      [serves('a', 'base'), serves('c a', 'over')],
      [serves('b', 'base'), none],
      [none, serves('b', 'over')],
    ]);
  });

  test('--release picks the kernel of a package, for all or by name', () => {
    const two = at('two.tar.gz');
    expect(coverage([`old=${two}`, `new=${two}`]).stderr).toContain('6.1, 6.2');
    const { stdout } = coverage([`old=${two}`, `new=${two}`], '--release', '6.1', '--release', 'new=6.2');
    expect(JSON.parse(stdout).kernels.map(({ release }: { release: string }) => release)).toEqual(['6.1', '6.2']);
    expect(coverage([`old=${two}`], '--release', '6.3')).toMatchObject({ status: 2, stdout: '' });
  });
});
