import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { LINT_RULE_NAMES, LINT_RULES } from '../../src/packaging/lint/rules.ts';
import { REPORT_FORMATS } from '../../src/report/formats/formats.ts';
import { cli, cliProcess } from '../support/cli.ts';
import { modulesTree, removeTree } from '../support/modules-tree.ts';
import { pciModule } from '../support/pci-module.ts';

const BAD = '{"module": "acme", "aliases": ["platform:a[-]b"]}';

test('lint: prints findings and a sum, and exits with 1 by --fail-on', () => {
  const { status, stdout } = cli(['lint', '-'], { input: BAD });
  expect(status).toBe(1);
  expect(stdout).toBe(
    "error: dash-in-bracket: acme: found a dash inside a bracket, expected '_': lookups have '_' for each dash, so the bracket never matches one\n    platform:a[-]b\n    in <stdin>, line 1\n\n1 module, 1 alias: 1 error\n",
  );
  const severity = ['--severity', 'dash-in-bracket=warning'];
  expect(cli(['lint', '-', '--fail-on', 'error', ...severity], { input: BAD }).status).toBe(0);
  expect(cli(['lint', '-', '--fail-on', 'error', '--werror', ...severity], { input: BAD }).status).toBe(1);
  const quiet = cli(['lint', '-', '--quiet'], { input: '{"module": "acme", "aliases": ["x"]}' });
  expect(quiet).toMatchObject({ status: 0, stdout: '' });
});

test('lint --explain: says of each rule what it is, why it matters, and both examples', () => {
  for (const name of LINT_RULE_NAMES) {
    const { status, stdout } = cli(['lint', '--explain', name]);
    const { what, why, fix, fires, silent } = LINT_RULES[name];
    expect(status).toBe(0);
    const prose = stdout.replaceAll('\n', ' ');
    for (const text of [name, what, why, fix]) expect(prose).toContain(text);
    for (const text of `${fires.text}${silent.text}`.trim().split('\n')) expect(stdout).toContain(text);
    // A line is longer only where it is one word.
    expect(stdout.split('\n').filter((line) => line.length > 80 && /^\S+ /.test(line))).toEqual([]);
  }
});

test.each([
  [['lint'], 'expected PATH, or --explain RULE'],
  [['lint', '--explain', 'dash-in-brackets'], "did you mean 'dash-in-bracket'?"],
  [['lint', '--explain', 'dash-in-bracket', 'x'], 'omit PATH'],
  [['lint', 'nowhere'], 'nowhere'],
  [['lint', '--severity', 'dash=off', 'x'], "'dash' is not a rule"],
])('lint: %j is refused with status 2 and says %j', (args, message) => {
  const { status, stderr } = cli(args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

describe('lint: reports and baselines', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'lint-'));
    writeFileSync(join(dir, 'ids.json'), BAD);
    return () => rmSync(dir, { recursive: true });
  });
  const inFolder = (...args: string[]) => cliProcess(['lint', 'ids.json', ...args], { cwd: dir });

  test.each(Object.keys(REPORT_FORMATS))('lint --format %s: names the rule and the file', (format) => {
    const { status, stdout, stderr } = inFolder('--format', format);
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toContain('dash-in-bracket');
    expect(stdout).toContain('ids.json');
  });

  test('lint --config: takes the nearest modalias.config.json, another, or none', () => {
    const entry = { rule: 'dash-in-bracket', module: 'acme', severity: 'off', reason: 'known' };
    const text = JSON.stringify({ version: 1, rules: [entry] });
    writeFileSync(join(dir, 'modalias.config.json'), text);
    mkdirSync(join(dir, 'below'));
    const below = cliProcess(['lint', '../ids.json'], { cwd: join(dir, 'below') });
    expect(below).toMatchObject({
      status: 0,
      stdout: '1 module, 1 alias: no findings; 1 suppressed by the configuration\n',
    });
    expect(JSON.parse(inFolder('--json').stdout).summary.suppressed).toBe(1);
    expect(inFolder('--config', 'none').status).toBe(1);
    writeFileSync(join(dir, 'other.json'), text.replace('acme', 'ac-me'));
    expect(inFolder('--config', 'other.json', '--json').status).toBe(1);
    writeFileSync(join(dir, 'modalias.config.json'), text.replace('"off"', '"of"'));
    expect(inFolder()).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'modalias.config.json:1: /rules/0/severity: found "of", expected error, warning, note, off',
      ),
    });
    expect(inFolder('--config', '.')).toMatchObject({ status: 2, stderr: expect.stringContaining('directory') });
  });

  test('lint --baseline: accepts what it wrote, and names entries that accept nothing', () => {
    expect(inFolder('--write-baseline', 'accepted.json').status).toBe(0);
    const written = readFileSync(join(dir, 'accepted.json'), 'utf8').replace(/"reason": ?""/, '"reason": "known"');
    writeFileSync(join(dir, 'accepted.json'), written);
    expect(inFolder('--baseline', 'accepted.json')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('accepted by the baseline: 1 finding'),
    });
    writeFileSync(join(dir, 'ids.json'), BAD.replace('[-]', ''));
    const clean = inFolder('--baseline', 'accepted.json');
    expect(clean).toMatchObject({ status: 1, stdout: expect.stringContaining('unused-acceptance') });
    expect(inFolder('--baseline', 'accepted.json', '--severity', 'unused-acceptance=note').status).toBe(0);
  });

  test('lint --baseline: leaves entries for rules of verify alone, and verify those of lint', () => {
    const entry = (rule: string) => ({ match: { rule }, reason: 'known' });
    writeFileSync(join(dir, 'ids.json'), BAD.replace('[-]', ''));
    writeFileSync(
      join(dir, 'accepted.json'),
      JSON.stringify({ version: 1, accepted: [entry('missing-list'), entry('dash-in-bracket')] }),
    );
    const { findings } = JSON.parse(inFolder('--baseline', 'accepted.json', '--json').stdout);
    expect(findings).toMatchObject([
      { rule: 'unused-acceptance', message: expect.stringContaining('dash-in-bracket') },
    ]);
    const tree = modulesTree({ 'kernel/a.ko': pciModule([[1, 2]]) });
    const options = ['--baseline', join(dir, 'accepted.json'), '--depmod-config', 'none', '--json'];
    expect(JSON.parse(cli(['verify', tree, ...options]).stdout).findings).toEqual([]);
    removeTree(tree);
  });
});
