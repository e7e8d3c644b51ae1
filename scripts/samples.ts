/**
 * Runs the sample project as a user would: npm run test:samples. The package is packed and installed into an empty
 * folder with each test runner, types are checked with --strict and without skipLibCheck, the tests run on every Node
 * release that the runner supports, and must fail, naming the device, where an id was changed. With Vitest 5 the steps
 * of its workflow run too, and at last the action of a checkout.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { download } from './debian/download.ts';
import { mustRun, type Ran, run } from './debian/run.ts';
import { runAction, runSteps, type Step, stepsOfWorkflow } from './github-steps.ts';
import { installNode } from './nodes.ts';

const SAMPLE = 'samples/driver-ci';

/** The folder that is laid over the sample, and the Node releases, for each runner. */
const RUNNERS: readonly (readonly [runner: string, over: string | undefined, nodes: readonly string[]])[] = [
  ['Vitest 5', undefined, ['22', '24']],
  ['Vitest 4', 'vitest-4', ['20', '22', '24']],
  ['Jest 30', 'jest', ['20', '22', '24']],
  ['node:test', 'node-test', ['20', '22', '24']],
];

/** A change of an id that every test run must find, and what its message must have. */
const PLANTED = { file: 'ids/edu_pci.json', from: '0x11e8', to: '0x11e9' };
const NAMED = [
  'QEMU edu',
  'pci:v00001234d000011E8sv00001AF4sd00001100bc00scFFi00',
  'differs: device is 000011E8, expected 000011E9',
];

const NOT_RUN: Ran = { status: 128, stdout: '', stderr: 'was not run' };

// What npm was started with for this script must not reach the npm of a user.
for (const name of Object.keys(process.env))
  if (/^npm_config_(?!registry|cache|userconfig)|^npm_(package|lifecycle)/.test(name)) delete process.env[name];

const base = mkdtempSync(join(tmpdir(), 'modalias-samples-'));
const failures: string[] = [];
try {
  const tarball = join(
    base,
    mustRun('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', base]).trim(),
  );
  for (const [runner, over, nodes] of RUNNERS) {
    const folder = projectOf(tarball, over);
    tryRunner(runner, folder, nodes);
    if (over === undefined) tryWorkflow(folder, nodes.at(-1)!);
  }
  tryCheckout();
} finally {
  rmSync(base, { recursive: true });
}
for (const failure of failures) console.error(`\n${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;

/** The sample in a folder of its own, with another runner's files over it and the package installed. */
function projectOf(tarball: string, over: string | undefined): string {
  const folder = join(base, over ?? 'vitest');
  mkdirSync(folder);
  cpSync(SAMPLE, folder, { recursive: true });
  rmSync(join(folder, 'other-runners'), { recursive: true });
  if (over !== undefined) cpSync(join(SAMPLE, 'other-runners', over), folder, { recursive: true });
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
  writeFileSync(
    join(folder, 'package.json'),
    manifest.replace(/("modalias": )".*?"/, (_, name: string) => `${name}${JSON.stringify(`file:${tarball}`)}`),
  );
  // Nothing that is installed needs to be compiled: what is optional has a stand-in.
  const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr } = download('npm', ['install', ...options], { cwd: folder });
  if (status !== 0) throw new Error(`npm could not install ${folder}: ${stderr}`);
  return folder;
}

function tryRunner(runner: string, folder: string, nodes: readonly string[]): void {
  check(`${runner}: types`, run('npm', ['run', '--silent', 'typecheck'], { cwd: folder }), 0, []);
  for (const major of nodes) {
    const on = `${runner} on Node ${major}`;
    check(on, npmTest(folder, major), 0, []);
    const file = join(folder, PLANTED.file);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(PLANTED.from, PLANTED.to));
    check(`${on}, an id changed`, npmTest(folder, major), 1, NAMED);
    writeFileSync(file, text);
  }
}

function npmTest(folder: string, major: string): Ran {
  const env = environment(major);
  const { status, stdout, stderr } = spawnSync('npm', ['test'], { cwd: folder, encoding: 'utf8', env });
  return { status: status ?? 128, stdout, stderr };
}

/** The environment of a user with that release of Node, whose output is plain. */
function environment(major: string): NodeJS.ProcessEnv {
  const { FORCE_COLOR, ...env } = process.env;
  return { ...env, NO_COLOR: '1', PATH: `${dirname(installNode(major))}${delimiter}${process.env.PATH}` };
}

/** The steps of the workflow pass, those of the action included, and the first of them that sees a changed id fails. */
function tryWorkflow(folder: string, major: string): void {
  const steps = stepsOfWorkflow(readFileSync(join(folder, '.github/workflows/ids.yml'), 'utf8'));
  const runner = { workspace: folder, env: environment(major) };
  const own = steps.filter(({ run, uses }) => run !== undefined || uses?.startsWith('./'));
  const results = runSteps(steps, runner);
  for (const [i, step] of own.entries()) check(nameOf(step), results[i] ?? NOT_RUN, 0, []);
  const file = join(folder, 'aliases.expected');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^.*11E8.*\n/m, ''));
  for (const [i, result] of runSteps(
    own.slice(-3).map((step) => ({ ...step, if: 'always()' })),
    runner,
  ).entries())
    check(`${nameOf(result.step)}, a line is gone`, result, i === 1 ? 0 : 1, i === 1 ? [] : ['000011E8']);
}

function nameOf({ run: script, uses, with: inputs }: Step): string {
  return `the workflow's step ${script ?? `${uses} ${inputs?.command}`}`;
}

/** The action of a checkout, as `uses: OWNER/REPOSITORY@REF` has it, builds the program that it runs. */
function tryCheckout(): void {
  const workspace = join(base, 'workspace');
  const checkout = join(workspace, 'checkout');
  mkdirSync(workspace);
  cpSync('.', checkout, { recursive: true, filter: (file) => !/^(?:\.git|dist|node_modules)$/.test(file) });
  const inputs = { command: 'lint', paths: 'checkout/samples/*.json' };
  const { summary, ...ran } = runAction('checkout', inputs, { workspace, env: environment('24') });
  check('the action of a checkout', { ...ran, stdout: ran.stdout + summary }, 0, [
    '::endgroup::',
    '## modalias lint: ',
  ]);
}

function check(what: string, { status, stdout, stderr }: Ran, expected: number, texts: readonly string[]): void {
  const output = stdout + stderr;
  const missing = texts.filter((text) => !output.includes(text));
  const sound = status === expected && missing.length === 0;
  console.log(`${sound ? 'passed' : 'FAILED'}: ${what}`);
  if (sound) return;
  const why = status === expected ? `its output lacks ${missing.join('; ')}` : `exit ${status}, expected ${expected}`;
  failures.push(`${what}: ${why}\n${output}`);
}
