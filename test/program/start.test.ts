import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { WHOLE_COMMANDS } from '../../src/program/whole-commands.ts';
import { cli, cliProcess } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'modalias-start-'));
const aliases = join(folder, 'modules.alias');
writeFileSync(aliases, 'alias pci:v1* one\n');
afterAll(() => rmSync(folder, { recursive: true }));

const withoutCache = { NODE_COMPILE_CACHE: '', XDG_CACHE_HOME: '' };
const lookup = (env: Readonly<Record<string, string>>) =>
  cliProcess(['lookup', '-m', aliases, 'pci:v1d2'], { env: { ...withoutCache, ...env } });

function caches(name: string, mode = 0o755): string {
  const path = join(folder, name);
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
}

test.runIf('enableCompileCache' in nodeModule)("start keeps V8's code in XDG_CACHE_HOME, for this user only", () => {
  const path = caches('own');
  expect(lookup({ XDG_CACHE_HOME: path })).toMatchObject({ status: 0, stdout: 'one\n', stderr: '' });
  expect(readdirSync(join(path, 'modalias/compiled'))).not.toEqual([]);
  expect(lookup({ XDG_CACHE_HOME: path })).toMatchObject({ status: 0, stdout: 'one\n', stderr: '' });
});

test.runIf('enableCompileCache' in nodeModule)("start keeps V8's code in ~/.cache without XDG_CACHE_HOME", () => {
  const home = caches('home');
  mkdirSync(join(home, '.cache'));
  expect(lookup({ HOME: home })).toMatchObject({ status: 0, stdout: 'one\n' });
  expect(existsSync(join(home, '.cache/modalias/compiled'))).toBe(true);
});

test('start writes nothing where the cache folder is not there, is a link, or others may write to it', () => {
  const home = caches('bare');
  expect(lookup({ HOME: home })).toMatchObject({ status: 0, stdout: 'one\n', stderr: '' });
  expect(readdirSync(home)).toEqual([]);
  const target = caches('target');
  symlinkSync(target, join(folder, 'link'));
  expect(lookup({ XDG_CACHE_HOME: join(folder, 'link') }).status).toBe(0);
  expect(readdirSync(target)).toEqual([]);
  for (const [name, mode] of Object.entries({ group: 0o775, all: 0o757 })) {
    const path = caches(name, mode);
    expect(lookup({ XDG_CACHE_HOME: path })).toMatchObject({ status: 0, stdout: 'one\n', stderr: '' });
    expect(readdirSync(path)).toEqual([]);
  }
});

test('start takes no code from a folder below the cache folder to which others may write', () => {
  const path = caches('below');
  const compiled = join(path, 'modalias/compiled');
  mkdirSync(compiled, { recursive: true });
  chmodSync(compiled, 0o777);
  expect(lookup({ XDG_CACHE_HOME: path })).toMatchObject({ status: 0, stdout: 'one\n', stderr: '' });
  expect(readdirSync(compiled)).toEqual([]);
});

const calls: [args: string[]][] = [
  [['lookup', '--help']],
  [['lookup', '-m', aliases, 'pci:v2']],
  [['lookup']],
  [['vfio']],
  [['vfio', '--help']],
  [['vfio', 'resolve', '--help']],
  [['vfio', 'resolve', '-m', aliases, 'pci:v1']],
  [['vfio', 'groups', '--help']],
  [['vfio', 'groups', '--sysfs', folder, '--proc', folder]],
  [['vfio', 'groups', 'plan', '--sysfs', folder]],
  [['vfio', 'groops']],
  [['explain', '-m', aliases, 'pci:v1']],
  [['generate', 'samples/usb.json', 'no/such.json']],
  [['build', folder]],
  [['build', '--help']],
  [['verify', folder]],
  [['lint', 'samples/usb.json']],
  [['extract', 'samples']],
  [['diff', aliases, aliases]],
  [['completion', 'bash']],
  [['help', 'lookup']],
  [['--help']],
  [['--version']],
  [['loookup']],
  [[]],
];

test.each(calls)(
  'start does what the whole program does, in a process as in a thread of the tests: modalias %j',
  (args) => {
    const expected = cliProcess(args);
    expect(cli(args)).toEqual(expected);
    // All others are the whole program's already.
    if (!WHOLE_COMMANDS.some((command) => `${args.join(' ')} `.startsWith(`${command} `))) return;
    const env = { ...process.env, NO_COLOR: '1' };
    const whole = spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'latin1', env });
    expect({ status: whole.status, stdout: whole.stdout, stderr: whole.stderr }).toEqual(expected);
  },
);

test('start loads a command that is one file from that file alone', () => {
  for (const command of WHOLE_COMMANDS) {
    const args = [
      '--input-type=commonjs',
      '-e',
      `process.argv.splice(1, 0, 'modalias'); require('./dist/start.cjs'); process.on('exit', () => console.log(Object.keys(require.cache).map((path) => require('path').basename(path)).join()))`,
    ];
    const { stdout } = spawnSync(process.execPath, [...args, ...command.split(' '), '--help'], { encoding: 'utf8' });
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`start.cjs,cli-${command.replace(' ', '-')}.cjs`);
  }
});

test('start loads vfio groups and vfio resolve without what plans, changes and keeps bindings', () => {
  const texts = ['groups', 'resolve'].map((name) => readFileSync(`dist/cli-vfio-${name}.cjs`, 'utf8'));
  for (const held of ['sriov_numvfs', 'kfd', 'simpledrm'])
    expect([held, ...texts.map((text) => text.includes(held))]).toEqual([held, false, false]);
  expect(readFileSync('dist/cli-vfio.cjs', 'utf8').length).toBeGreaterThan(2 * Math.max(...texts.map((t) => t.length)));
});

test('cli-lookup holds how the buses print modaliases, not their tables', () => {
  const text = readFileSync('dist/cli-lookup.cjs', 'utf8');
  expect(text.includes('programming_interface')).toBe(true);
  expect(['class_mask', 'prod_id_hash', 'hversion_rev'].filter((field) => text.includes(field))).toEqual([]);
});
