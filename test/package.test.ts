import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadAll } from '../src/commands/table.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
let dir: string;
let files: string[];

function npm(args: readonly string[], cwd: string): string {
  // What npm test itself was started with must not reach the inner npm: its prefix and flags are for this checkout.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_config_(?!registry|cache|userconfig)|^npm_(package|lifecycle)/.test(name),
    ),
  );
  env.NODE_EXTRA_CA_CERTS = process.env.NPM_EXTRA_CA_CERTS;
  return execFileSync('npm', args as string[], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-package-'));
  const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', dir], resolve('.')));
  files = packed.files.map((file: { path: string }) => file.path);
  mkdirSync(join(dir, 'user'));
  writeFileSync(join(dir, 'user/package.json'), '{"name":"user","private":true,"type":"module"}');
  // What is optional is compiled; npm ci has shown already whether that can be done here.
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--omit=optional'];
  npm(['install', ...quietly, join(dir, packed.filename)], join(dir, 'user'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('npm pack: the tarball holds what users need and nothing else', () => {
  const known = [
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
    /^samples\/[\w-]+\.(nd)?json$/,
    /^samples\/model\/[\w-]+\.(sh|json|rules|conf)$/,
    /^samples\/(recipes\/)?[\w-]+\.(nd)?json$/,
    /^samples\/driver-ci\/(\.github\/workflows\/|[\w-]+\/)*[\w.-]+\.(expected|alias|json|md|ts|yml)$/,
    /^action\.yml$/,
    /^dist\/(cli|index|vfio|driver-core|matchers|assert|load-aliases|boot)\.js$/,
    /^dist\/jest\.cjs$/,
    /^dist\/(start|cli-(lookup|vfio(-groups|-resolve)?|build|verify|lint|diff))\.cjs$/,
    /^dist\/chunks\/[\w-]+\.js$/,
    /^dist\/types(-cjs)?\/[\w/-]+\.d\.ts$/,
    /^dist\/types-cjs\/package\.json$/,
    /^dist\/man\/modalias[\w-]*\.[17]$/,
    /^dist\/completions\/(_modalias|modalias\.bash|modalias\.fish)$/,
    /^dist\/(((config|machine|recipe)\.)?schema\.json|THIRD-PARTY-LICENSES\.txt)$/,
  ];
  expect(files.filter((file) => !known.some((pattern) => pattern.test(file)))).toEqual([]);
  for (const file of [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'dist/schema.json',
    'dist/config.schema.json',
    'dist/index.js',
    'dist/types/index.d.ts',
    'dist/jest.cjs',
    'action.yml',
    'samples/driver-ci/package.json',
    'samples/driver-ci/.github/workflows/ids.yml',
  ])
    expect(files).toContain(file);
});

test('npm pack: there is a man page for the program and for each command and subcommand', async () => {
  const names = (await loadAll()).flatMap(({ name, subcommands }) => [
    name,
    ...(subcommands ?? []).map((s) => `${name}-${s.name}`),
  ]);
  const pages = files.filter((file) => file.startsWith('dist/man/')).sort();
  expect(pages).toEqual(
    ['modalias-codes.7', 'modalias-rules.7', 'modalias.1', ...names.map((name) => `modalias-${name}.1`)]
      .map((name) => `dist/man/${name}`)
      .sort(),
  );
  expect([...manifest.man].sort()).toEqual(pages.map((page) => `./${page}`));
});

test('npm pack: the licence texts of everything bundled are there', () => {
  const text = readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8');
  for (const name of ['yargs-parser', 'p-map', 'valibot', 'jsonc-parser', 'leven'])
    expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
  expect(text).not.toMatch(/Apache-2\.0/);
});

test('npm install: the command runs in an empty folder', () => {
  const user = join(dir, 'user');
  const modalias = (...args: string[]) =>
    execFileSync(join(user, 'node_modules/.bin/modalias'), args, { cwd: user, encoding: 'utf8' });
  expect(modalias('--version')).toBe(`${manifest.version}\n`);
  modalias(
    'generate',
    '-o',
    'modules.alias',
    'node_modules/modalias/samples/mlx5.json',
    'node_modules/modalias/samples/vfio-pci.json',
  );
  expect(modalias('lookup', '-m', 'modules.alias', '--prefix', 'vfio', 'pci:v000015B3d0000101Esv0sd0bc02sc00i00')).toBe(
    'mlx5_vfio_pci\nvfio_pci\n',
  );
  expect(readdirSync(user).sort()).toEqual(['modules.alias', 'node_modules', 'package-lock.json', 'package.json']);
});

/**
 * A program of a consumer. `import` lines are in TypeScript's spelling, which require() takes the form of where a
 * project is CommonJS.
 */
const PROGRAM = `import { type Explanation, completeRow, busNamed, generateAliases, loadAliasIndex, ModaliasError, moduleAliases, NEWEST_RELEASE, parseAliases, parseTables, readIndex, writeIndex } from 'modalias';
import { makeDevice, makeKernel, step, type Transition } from 'modalias/driver-core';
import { machineRoots, type Status } from 'modalias/vfio';
export async function result(): Promise<string> {
  const { modules: tables } = parseTables('{"module":"a","tables":[{"bus":"usb","rows":[{"idVendor":1}]}]}');
  const names = tables.flatMap((module) => moduleAliases(module).aliases).map(({ alias }) => alias.toUpperCase());
  const bus = busNamed('spi');
  if (!bus) throw new ModaliasError('bad-row', 'no bus');
  const rows = [completeRow(bus, { name: 'x' }, { release: NEWEST_RELEASE })];
  const spi = generateAliases([{ bus, name: 'ids', rows }], { release: NEWEST_RELEASE }).aliases.map(({ alias }) => alias);
  const index = parseAliases('alias usb:v0001p* one\\nalias vfio_usb:v0001p* two\\n');
  const explanation: Explanation = index.explain('usb:v0001p1');
  const modules = [...index.lookup('usb:v0001p1').map((m) => m.module), ...index.modules('usb:v0001p1', { prefix: 'vfio' })];
  const best = index.best('usb:v0001p1', { rank: 'stars' })?.match.pattern ?? 'none';
  const missing = await loadAliasIndex('/nonexistent').catch((error: unknown) => (error instanceof ModaliasError ? error.code : 'no'));
  const [entry] = readIndex(writeIndex([{ key: 'a', value: 'b', priority: 0 }], 'pre'));
  const kernel = makeKernel(NEWEST_RELEASE, { devices: [makeDevice('pci', '0000:01:00.0')] });
  const { result }: Transition = step(kernel, { kind: 'load', module: 'none' });
  const bound: Status['bound'] = [];
  return [...names, ...spi, ...modules, best, explanation.candidates.length, missing, entry?.value, typeof result, machineRoots().sysfs.root, bound.length].join();
}
`;
const ANSWER = 'USB:V0001P*D*DC*DSC*DP*IC*ISC*IP*IN*,spi:x,one,two,usb:v0001p*,1,unreadable,b,object,/sys,0';

test.each([
  ['an ES module, node16', 'module', ['--module', 'node16', '--moduleResolution', 'node16']],
  ['a CommonJS module that requires it, node16', 'commonjs', ['--module', 'node16', '--moduleResolution', 'node16']],
  ['a CommonJS module that requires it, nodenext', 'commonjs', ['--module', 'nodenext']],
  ['a bundled program', 'module', ['--module', 'esnext', '--moduleResolution', 'bundler']],
])('npm install: the library checks under --strict, declarations included, and runs: %s', (what, type, options) => {
  const user = join(dir, 'user');
  const folder = join(user, what.replace(/\W+/g, '-'));
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
  writeFileSync(join(folder, 'program.ts'), PROGRAM);
  const strict =
    '--strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --skipLibCheck false --target ES2023';
  // No declarations of Node: not everyone has them.
  const types = ['--types', '', '--typeRoots', join(folder, 'none')];
  const checked = spawnSync(
    resolve('node_modules/.bin/tsc'),
    [...strict.split(' '), ...options, ...types, join(folder, 'program.ts')],
    { cwd: user, encoding: 'utf8' },
  );
  expect(checked.stdout).toBe('');
  const program = join(folder, 'program.js');
  if (options.includes('bundler'))
    buildSync({
      entryPoints: [program],
      outfile: program,
      allowOverwrite: true,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['xz-decompress', 'zstddec', 'node-liblzma'],
      logLevel: 'silent',
    });
  else expect(readFileSync(program, 'utf8').includes('require("modalias")')).toBe(type === 'commonjs');
  const run = `import('${pathToFileURL(program)}').then(({ default: cjs, result }) => (result ?? cjs.result)()).then(console.log)`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', run], { cwd: user, encoding: 'utf8' });
  expect([stderr, stdout]).toEqual(['', `${ANSWER}\n`]);
});

test('npm install: require() and import give the same library, and the JSON Schemas', () => {
  const script = `const library = require('modalias');
    import('modalias').then((same) => console.log(library.ModaliasError === same.ModaliasError, require('modalias/schema.json').version, require('modalias/config.schema.json').type));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: join(dir, 'user'), encoding: 'utf8' });
  expect([stderr, stdout]).toEqual(['', 'true 1 object\n']);
});

test('npm install: the installed matchers and assertions can be imported and required, without a test runner', () => {
  const script = `const required = ['vitest', 'vitest-4', 'jest', 'matchers', 'assert'].map((name) => [name, require('modalias/' + name)]);
    Promise.all(required.map(async ([name, one]) => [name, one, await import('modalias/' + name)])).then((all) => {
      for (const [name, ...both] of all)
        for (const { matchers, assertResolves } of both) {
          if (matchers) console.log(name, matchers.toResolve('alias spi:one acme', 'spi:one', 'acme').pass);
          else console.log(name, assertResolves('alias spi:one acme', 'spi:one', 'acme'));
        }
    });`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: join(dir, 'user'), encoding: 'utf8' });
  const each = ['vitest', 'vitest-4', 'jest', 'matchers'].map((name) => `${name} true\n`.repeat(2)).join('');
  expect([stderr, stdout]).toEqual(['', `${each}${'assert undefined\n'.repeat(2)}`]);
});

test('package.json says what registries and tools ask for, and names no repository', () => {
  for (const key of [
    'name',
    'version',
    'description',
    'keywords',
    'license',
    'engines',
    'type',
    'exports',
    'types',
    'files',
  ])
    expect(manifest).toHaveProperty(key);
  expect(manifest.sideEffects).toContain('./dist/cli.js');
  expect(Object.keys(manifest).filter((key) => /repository|bugs|homepage|author/.test(key))).toEqual([]);
  const targets = (entry: unknown): string[] =>
    typeof entry === 'string' ? [entry] : Object.values(entry as object).flatMap(targets);
  const named = [manifest.main, manifest.types, ...Object.values(manifest.bin), ...targets(manifest.exports)];
  expect(named.filter((file) => file !== './package.json' && !files.includes(file.replace(/^\.\//, '')))).toEqual([]);
});
