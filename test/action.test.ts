import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runAction, runSteps } from '../scripts/github-steps.ts';

const OLD = 'alias pci:v00001AF4d00001041sv*sd*bc*sc*i* acme\nalias pci:v00001AF4d00001042sv*sd*bc*sc*i* acme\n';
const NEW = 'alias pci:v00001AF4d00001041sv*sd*bc*sc*i* acme\n';
let dir: string;

/** A checkout with the package installed as npm does it: the action is in node_modules. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-action-'));
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(resolve('.'), join(dir, 'node_modules/modalias'));
  mkdirSync(join(dir, 'some tables'));
  writeFileSync(join(dir, 'some tables/old.alias'), OLD);
  writeFileSync(join(dir, 'some tables/new.alias'), NEW);
  writeFileSync(join(dir, 'lower.alias'), 'alias acpi*:acme0001:* acme\n');
  const accepted = [{ match: { class: 'lost', module: 'acme' }, reason: 'retired' }];
  writeFileSync(join(dir, 'accepted.json'), JSON.stringify({ version: 1, accepted }));
});
afterAll(() => rmSync(dir, { recursive: true }));

const env = { PATH: process.env.PATH, HOME: process.env.HOME };
const act = (inputs: Readonly<Record<string, unknown>>) =>
  runAction('node_modules/modalias', inputs, { workspace: dir, env });
const DIFF = { command: 'diff', paths: 'some tables/old.alias\nsome tables/new.alias\n' };

test('action.yml: annotates what counts, appends the summary of the job, and fails with the status of the command', () => {
  const { status, stdout, summary, outputs } = act(DIFF);
  expect([status, outputs]).toEqual([1, { status: '1' }]);
  expect(stdout).toBe(
    '::error file=some tables/new.alias,title=modalias diff%3A lost::acme: pci:v00001AF4d00001042sv*sd*bc*sc*i*: no module serves them any more (acme -> none)\n',
  );
  expect(summary).toMatch(/^## modalias diff: .*\n[\s\S]*pci:v00001AF4d00001042sv\*sd\*bc\*sc\*i\*/);
});

test.each([
  ['fail-on', { 'fail-on': 'moved,generic' }],
  ['baseline', { baseline: 'accepted.json' }],
  ['options', { options: '--module\nother\n' }],
])('action.yml: %s is an option of the command', (_, more) => {
  expect(act({ ...DIFF, ...more })).toMatchObject({ status: 0, outputs: { status: '0' } });
});

test('action.yml: paths are globs, and may have spaces', () => {
  expect(act({ command: 'lint', paths: 'some tables/*.alias' })).toMatchObject({ status: 0, stdout: '' });
  const { status, stdout } = act({ command: 'lint', paths: '*.alias\nsome tables/*.alias' });
  expect(status).toBe(1);
  expect(stdout).toMatch(/^::warning file=lower\.alias,line=1,title=modalias lint%3A lower-case-acpi::/);
});

test('action.yml: coverage takes inventories as paths, and kernels among its options', () => {
  const nic = 'pci:v00001AF4d00001042sv00000000sd00000000bc02sc00i00';
  mkdirSync(join(dir, 'all machines'), { recursive: true });
  for (const name of ['one', 'two']) writeFileSync(join(dir, `all machines/${name}.txt`), `${nic}\n`);
  const inputs = {
    command: 'coverage',
    paths: 'all machines/*.txt',
    options: '-m\nold=some tables/old.alias\n-m\nnew=some tables/new.alias\n',
  };
  const { status, stdout, summary, outputs } = act({ ...inputs, 'fail-on': 'lost' });
  expect([status, outputs]).toEqual([1, { status: '1' }]);
  expect(stdout).toContain(`modalias coverage%3A lost::acme: ${nic}: no module serves them any more`);
  expect(summary).toMatch(/^## modalias coverage: old -&#62; new\n[\s\S]*2 machines/);
  expect(act({ ...inputs, baseline: 'accepted.json' })).toMatchObject({ status: 0, outputs: { status: '0' } });
});

test('action.yml: another command runs as it is', () => {
  const { status, stdout, summary } = act({
    command: 'lookup',
    options: '-m\nsome tables/old.alias',
    paths: 'pci:v00001AF4d00001042sv0sd0bc0sc0i0',
  });
  expect([status, stdout, summary]).toEqual([0, 'acme\n', '']);
});

test('action.yml: no answer is an error that the run shows', () => {
  const { status, stdout, stderr, outputs } = act({ command: 'lint', paths: 'missing.alias' });
  expect([status, outputs]).toEqual([2, { status: '2' }]);
  expect(stderr).toMatch('missing.alias');
  expect(stdout).toBe('::error title=modalias lint::no answer (exit status 2); the log says why\n');
});

test('action.yml: what is in an input is not run', () => {
  const trap = '$(touch trapped); `touch trapped` "\' && touch trapped #';
  for (const name of ['command', 'paths', 'fail-on', 'baseline', 'options'])
    expect(act({ ...DIFF, [name]: trap }).status).not.toBe(0);
  expect(() => readFileSync(join(dir, 'trapped'))).toThrow('ENOENT');
});

test('action.yml: an old Node is an error that says what to do', () => {
  const bin = join(dir, 'old');
  mkdirSync(bin);
  const fake = '#!/bin/sh\ncase "$1" in --version) echo v18.20.4;; *) exit 1;; esac\n';
  writeFileSync(join(bin, 'node'), fake, { mode: 0o755 });
  const old = { PATH: `${bin}:${process.env.PATH}` };
  const { status, stdout } = runAction('node_modules/modalias', DIFF, { workspace: dir, env: old });
  expect(status).toBe(2);
  expect(stdout).toBe(
    '::error title=modalias::found Node v18.20.4, expected 20.19 or newer; use actions/setup-node before this step\n',
  );
});

test('action.yml: every input and step says what it is for, and every expression is an input or an output', () => {
  const action = parse(readFileSync('action.yml', 'utf8'));
  for (const input of Object.values<{ description?: string }>(action.inputs)) expect(input.description).toBeTruthy();
  for (const step of action.runs.steps) {
    expect([step.name, step.shell]).toEqual([expect.any(String), 'bash']);
    expect(step.run).not.toMatch(/\$\{\{/);
  }
});

const expression = (name: string) => `\${{ ${name} }}`;

test('runSteps: a failure skips the steps behind it but for those that always run', () => {
  const steps = [
    { run: 'echo "it=one two" >> "$GITHUB_OUTPUT"', id: 'first' },
    { run: `echo "${expression('steps.first.outputs.it')}"; false; echo not reached` },
    { run: 'echo skipped' },
    { run: 'echo last | cat', if: 'always()', shell: 'sh' },
  ];
  const results = runSteps(steps, { workspace: dir, env });
  expect(results.map(({ status, stdout }) => [status, stdout])).toEqual([
    [0, ''],
    [1, 'one two\n'],
    [0, 'last\n'],
  ]);
  expect(() => runSteps([{ run: expression('github.token') }], { workspace: dir, env })).toThrow('github.token');
  expect(() => runSteps([{ uses: './node_modules/modalias', with: { path: 'x' } }], { workspace: dir, env })).toThrow(
    "'path' is not an input",
  );
});
