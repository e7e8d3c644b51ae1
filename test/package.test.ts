import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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
  return execFileSync('npm', args as string[], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-package-'));
  const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', dir], resolve('.')));
  files = packed.files.map((file: { path: string }) => file.path);
  mkdirSync(join(dir, 'user'));
  writeFileSync(join(dir, 'user/package.json'), '{"name":"user","private":true,"type":"module"}');
  npm(['install', '--prefer-offline', '--no-audit', '--no-fund', join(dir, packed.filename)], join(dir, 'user'));
}, 120_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('npm pack: the tarball holds what users need and nothing else', () => {
  const known = [
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
    /^samples\/[\w-]+\.(nd)?json$/,
    /^dist\/(cli|index|module-worker)\.js$/,
    /^dist\/chunks\/[\w-]+\.js$/,
    /^dist\/types\/[\w/-]+\.d\.ts$/,
    /^dist\/man\/modalias[\w-]*\.1$/,
    /^dist\/completions\/(_modalias|modalias\.bash|modalias\.fish)$/,
    /^dist\/(schema\.json|THIRD-PARTY-LICENSES\.txt)$/,
  ];
  expect(files.filter((file) => !known.some((pattern) => pattern.test(file)))).toEqual([]);
  for (const file of [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'dist/schema.json',
    'dist/index.js',
    'dist/types/index.d.ts',
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
    ['modalias', ...names.map((name) => `modalias-${name}`)].map((name) => `dist/man/${name}.1`).sort(),
  );
  expect([...manifest.man].sort()).toEqual(pages.map((page) => `./${page}`));
});

test('npm pack: the licence texts of everything bundled are there', () => {
  const text = readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8');
  for (const name of ['yargs', 'yargs-parser', 'p-map', 'valibot', 'jsonc-parser', 'leven'])
    expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
  expect(text).not.toMatch(/Apache-2\.0/);
});

test('the installed command runs in an empty folder', () => {
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

test('the installed library is imported, and its types check in a strict project', () => {
  const user = join(dir, 'user');
  const program = `import { type Explanation, loadAliasIndex, ModaliasError, moduleAliases, parseAliases, parseTables } from 'modalias';
import schema from 'modalias/schema.json' with { type: 'json' };
const { modules: tables } = parseTables('{"module":"a","tables":[{"bus":"usb","rows":[{"idVendor":1}]}]}');
const names = tables.flatMap((module) => moduleAliases(module).aliases).map(({ alias }) => alias.toUpperCase());
const index = parseAliases('alias usb:v0001p* one\\nalias vfio_usb:v0001p* two\\n');
const explanation: Explanation = index.explain('usb:v0001p1');
const modules = [...index.lookup('usb:v0001p1').map((m) => m.module), ...index.modules('usb:v0001p1', { prefix: 'vfio' })];
const best = index.best('usb:v0001p1', { rank: 'stars' })?.match.pattern ?? 'none';
const missing = await loadAliasIndex('/nonexistent').catch((error) => (error instanceof ModaliasError ? error.code : 'no'));
export const result = [schema.version, ...names, ...modules, best, explanation.candidates.length, missing].join();
`;
  writeFileSync(join(user, 'program.mjs'), program.replace('type Explanation, ', '').replace(': Explanation', ''));
  writeFileSync(join(user, 'program.ts'), program);
  const run = ['--no-warnings', '--input-type=module', '-e', "console.log((await import('./program.mjs')).result)"];
  const output = execFileSync(process.execPath, run, { cwd: user, encoding: 'utf8' });
  expect(output).toBe('1,USB:V0001P*D*DC*DSC*DP*IC*ISC*IP*IN*,one,two,usb:v0001p*,1,unreadable\n');
  const check =
    '--noEmit --strict --target ES2023 --module NodeNext --resolveJsonModule --types node --typeRoots'.split(' ');
  const types = resolve('node_modules/@types');
  const { stdout } = spawnSync(resolve('node_modules/.bin/tsc'), [...check, types, 'program.ts'], {
    cwd: user,
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
});
