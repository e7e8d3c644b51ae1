import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { runSteps, type Step } from '../scripts/github-steps.ts';
import { putFiles } from './support/modules-tree.ts';
import { has } from './support/packages.ts';
import { pciAlias, pciModule } from './support/pci-module.ts';

const readme = readFileSync('README.md', 'utf8');

/** The blocks of a language in the README, in their order. */
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((m) => m[1]!);
/** The only block of a language that has a text. */
function blockWith(language: string, text = ''): string {
  const found = blocks(language).filter((one) => one.includes(text));
  if (found.length !== 1) throw new Error(`found ${found.length} blocks of ${language} with '${text}', expected one`);
  return found[0]!;
}

/** What tells the yaml blocks apart. */
const YAML = ['--check aliases.expected', '-o diff.html', 'uses: ./node_modules/modalias', 'before_script:'] as const;
const [compare, reports, action, gitlab] = YAML.map((text) => parse(blockWith('yaml', text))) as [
  Step[],
  Step[],
  Step[],
  { modalias: Readonly<Record<'before_script' | 'script', readonly string[]>> & { artifacts: object } },
];

const RELEASE = '6.12.1';
const ids = (...devices: readonly number[]) => devices.map((device) => [0x1af4, device] as const);
const lines = (module: string, ...devices: readonly number[]) =>
  devices.map((device) => `alias ${pciAlias(0x1af4, device)} ${module}\n`).join('');
const modalias = (device: number) =>
  `pci:v00001AF4d${device.toString(16).toUpperCase().padStart(8, '0')}sv00001AF4sd00001100bc02sc00i00`;
const GAMEPORT = 'alias pnp:dCTL7001* ns558\n';
/** A kernel with one module; what a package of its own has, such as modules.builtin, only where it is asked for. */
const kernel = (module: Uint8Array, whole = false) => ({
  'kernel/acme.ko': module,
  'modules.order': 'kernel/acme.ko\n',
  ...(whole ? { 'modules.builtin': 'kernel/own.ko\n', 'modules.builtin.modinfo': 'own.license=GPL\0' } : {}),
});
const facts = { release: RELEASE };
const SOUND = pciModule(ids(0x1041, 0x1042), undefined, facts);
/** A module whose .modinfo lacks an alias of its table, as depmod then does. */
const DAMAGED = pciModule(ids(0x1041, 0x1042), [pciAlias(0x1af4, 0x1041)], facts);
/** A module that has lost a device. */
const LESS = pciModule(ids(0x1041), undefined, facts);

let dir: string;
let env: NodeJS.ProcessEnv;

/** The files that the recipes speak of, and the package as npm installs it for a project and for everyone. */
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-recipes-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, 'node_modules/.bin'), { recursive: true });
  symlinkSync(resolve('node_modules/vitest'), join(dir, 'node_modules/vitest'));
  symlinkSync(resolve('.'), join(dir, 'node_modules/modalias'));
  symlinkSync('../modalias/dist/start.cjs', join(dir, 'node_modules/.bin/modalias'));
  cpSync('samples', join(dir, 'samples'), { recursive: true });
  const accepted = blockWith('json', '"accepted"');
  const old = lines('acme', 0x1041, 0x1042);
  putFiles(dir, {
    'package.json': '{ "private": true }',
    'accepted.json': accepted,
    'old.alias': old + GAMEPORT,
    'new.alias': old,
    'aliases.expected': lines('mydrv', 0x1041),
    'released.alias': `alias pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_core\n`,
    'mlx5.expected': modaliasOf('generate samples/mlx5.json'),
    'machines/one.txt': `${modalias(0x1041)}\n`,
    'machines/two.txt': `${modalias(0x1042)}\nplatform:nothing\n`,
    'build/mydrv.ko': pciModule(ids(0x1041), undefined, facts),
  });
  packaged(SOUND);
  mkdirSync(join(dir, 'bin'));
  symlinkSync('../node_modules/.bin/modalias', join(dir, 'bin/modalias'));
  // A day before the last of the baseline.
  const SOURCE_DATE_EPOCH = String(Date.UTC(2027, 0, 30) / 1000);
  env = { HOME: dir, SOURCE_DATE_EPOCH, PATH: `${join(dir, 'bin')}${delimiter}${process.env.PATH}` };
});

/** Puts a module into the package, with the index files that it makes. */
function packaged(module: Uint8Array): void {
  const tree = join(dir, 'pkg/lib/modules', RELEASE);
  putFiles(tree, kernel(module));
  modaliasOf(`build --depmod-config none ${tree}`);
}

function modaliasOf(command: string): string {
  return spawnSync(process.execPath, ['dist/start.cjs', ...command.split(' ')], { encoding: 'utf8' }).stdout;
}

const sh = (script: string) => spawnSync('sh', ['-e', '-c', script], { cwd: dir, env, encoding: 'utf8' });
const statuses = (steps: readonly Step[]) =>
  runSteps(
    steps.map((step) => ({ ...step, if: 'always()' })),
    { workspace: dir, env },
  ).map(({ status }) => status);

test('README: each block of a language that is run here is one that is known here', () => {
  expect(blocks('yaml')).toHaveLength(YAML.length);
});

test('README: the step that compares a module with the lines that were agreed on', () => {
  expect(statuses(compare)).toEqual([0]);
  putFiles(dir, { 'build/mydrv.ko': pciModule(ids(0x1042), undefined, facts) });
  const [result] = runSteps(compare, { workspace: dir, env });
  expect(result).toMatchObject({ status: 1, stdout: `-${lines('mydrv', 0x1041)}+${lines('mydrv', 0x1042)}` });
});

test('README: the steps that write reports', () => {
  expect(statuses(reports)).toEqual([0, 0, 0]);
  expect(['verify.xml', 'diff.html'].map((file) => existsSync(join(dir, file)))).toEqual([true, true]);
  putFiles(dir, { 'new.alias': lines('acme', 0x1041) });
  packaged(DAMAGED);
  const [compared, verified] = runSteps(
    reports.map((step) => ({ ...step, if: 'always()' })),
    { workspace: dir, env },
  );
  expect(compared).toMatchObject({ status: 1, stdout: expect.stringMatching(/^::error .*d00001042/) });
  expect(compared!.summary).toMatch('d00001042');
  expect(verified!.status).toBe(1);
  expect(readFileSync(join(dir, 'verify.xml'), 'utf8')).toMatch('d00001042');
});

test('README: the action', () => {
  expect(statuses(action)).toEqual([0]);
  packaged(DAMAGED);
  const [result] = runSteps(action, { workspace: dir, env });
  expect(result).toMatchObject({ status: 1, stdout: expect.stringMatching(/^::error .*d00001042/) });
  expect(result!.summary).toMatch('d00001042');
});

test('README: the job of GitLab', () => {
  const { before_script: before, script } = gitlab.modalias;
  // The sample project runs npm ci, see scripts/samples.ts.
  expect(before).toEqual(['npm ci']);
  expect(sh(script.join('\n'))).toMatchObject({ status: 0 });
  for (const report of ['verify.xml', 'diff.xml'])
    expect([gitlab.modalias.artifacts, existsSync(join(dir, report))]).toEqual([
      { when: 'always', reports: { junit: expect.arrayContaining([report]) } },
      true,
    ]);
  packaged(DAMAGED);
  expect(sh(script.join('\n'))).toMatchObject({ status: 1 });
  expect(readFileSync(join(dir, 'verify.xml'), 'utf8')).toMatch('d00001042');
});

test('README: the lines for images that must boot many machines', () => {
  const script = blockWith('sh');
  expect(sh(script)).toMatchObject({ status: 0 });
  expect(readFileSync(join(dir, 'modules.list'), 'utf8')).toBe('acme\n');
  packaged(LESS);
  expect(sh(script)).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(
      /\/two\.txt \(1 lost\)[\s\S]*^lost .*\n[\s\S]*d00001042.*\n(?: {6}.*\n)? {6}acme -> none$/m,
    ),
  });
});

test('README: the matchers', () => {
  const program = blockWith('typescript');
  putFiles(dir, { 'readme.test.ts': program });
  const run = () =>
    spawnSync(process.execPath, [resolve('node_modules/vitest/vitest.mjs'), 'run', '--root', dir, 'readme.test.ts'], {
      cwd: dir,
      env: { ...env, NO_COLOR: '1' },
      encoding: 'utf8',
    });
  expect(run()).toMatchObject({ status: 0, stdout: expect.stringMatching('1 passed') });
  putFiles(dir, { 'released.alias': 'alias pci:v000015B3d0000FFFFsv*sd*bc*sc*i* mlx5_core\n' });
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringMatching('d0000FFFF') });
});

test.skipIf(!has('dh'))('README: the lines of debian/rules', () => {
  const recipe = blockWith('make');
  const install = `\tmkdir -p debian/linux-image/lib/modules\n\tcp -a tree debian/linux-image/lib/modules/${RELEASE}\n`;
  const control = `Source: linux\nMaintainer: T <t@example.org>\nBuild-Depends: debhelper-compat (= 13)\nRules-Requires-Root: no\n\nPackage: linux-image\nArchitecture: all\nDescription: t\n`;
  putFiles(dir, {
    'debian/control': control,
    'debian/changelog':
      'linux (1) unstable; urgency=low\n\n  * T.\n\n -- T <t@example.org>  Sat, 21 Nov 2026 00:00:00 +0000\n',
    'debian/rules': `#!/usr/bin/make -f\n%:\n\tdh $@\n\noverride_dh_auto_install:\n${install}\n${recipe}`,
    'debian/last.alias': lines('acme', 0x1041, 0x1042),
  });
  chmodSync(join(dir, 'debian/rules'), 0o755);
  const build = () =>
    spawnSync('make', ['-f', 'debian/rules', 'clean', 'binary'], {
      cwd: dir,
      env: { ...env, DEB_BUILD_OPTIONS: 'nostrip', LC_ALL: 'C.UTF-8' },
      encoding: 'utf8',
    });
  putFiles(join(dir, 'tree'), kernel(SOUND, true));
  rmSync(join(dir, 'package.json'));
  expect(build()).toMatchObject({ status: 0, stdout: expect.stringMatching('modalias verify --quiet') });
  putFiles(join(dir, 'tree'), kernel(DAMAGED, true));
  expect(build()).toMatchObject({ status: 2, stdout: expect.stringMatching('d00001042') });
  putFiles(join(dir, 'tree'), kernel(LESS, true));
  expect(build()).toMatchObject({ status: 2, stdout: expect.stringMatching(/^lost .*\n[\s\S]*d00001042/m) });
});

test.skipIf(!has('rpmbuild'))('README: the lines of a spec file', () => {
  const recipe = blockWith('spec');
  const head = `Name: linux\nVersion: 1\nRelease: 1\nSummary: t\nLicense: GPL\nBuildArch: noarch\nSource1: last.alias\n%description\nt\n`;
  const install = `%install\nmkdir -p %{buildroot}/lib/modules\ncp -a ${dir}/tree %{buildroot}/lib/modules/${RELEASE}\n`;
  putFiles(dir, {
    'linux.spec': `${head}${install}\n${recipe}\n%files\n/lib/modules/${RELEASE}\n`,
    'rpm/SOURCES/last.alias': lines('acme', 0x1041, 0x1042),
  });
  const build = () =>
    spawnSync(
      'rpmbuild',
      [`_topdir ${dir}/rpm`, '__os_install_post %{nil}', '_build_id_links none']
        .flatMap((define) => ['--define', define])
        .concat('-bb', 'linux.spec'),
      { cwd: dir, env, encoding: 'utf8' },
    );
  putFiles(join(dir, 'tree'), kernel(SOUND, true));
  expect(build()).toMatchObject({ status: 0, stderr: expect.stringMatching('modalias verify --quiet') });
  putFiles(join(dir, 'tree'), kernel(DAMAGED, true));
  expect(build()).toMatchObject({ status: 1, stdout: expect.stringMatching('d00001042') });
  putFiles(join(dir, 'tree'), kernel(LESS, true));
  expect(build()).toMatchObject({ status: 1, stdout: expect.stringMatching(/^lost .*\n[\s\S]*d00001042/m) });
});
