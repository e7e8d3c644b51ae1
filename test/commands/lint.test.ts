import { expect, test } from 'vitest';
import { LINT_RULE_NAMES, LINT_RULES } from '../../src/packaging/lint/rules.ts';
import { cli } from '../support/cli.ts';

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
    for (const text of [name, what, why, fix, ...`${fires.text}${silent.text}`.trim().split('\n')])
      expect(stdout).toContain(text);
  }
});

test.each([
  [['lint'], 'expected PATH, or --explain RULE'],
  [['lint', '--explain', 'dash-in-brackets'], "did you mean 'dash-in-bracket'?"],
  [['lint', '--explain', 'dash-in-bracket', 'x'], 'omit PATH'],
  [['lint', 'nowhere'], 'nowhere'],
  [['lint', '--severity', 'dash=off', 'x'], "'dash' is not a rule"],
])('%j: is refused with status 2 and says %j', (args, message) => {
  const { status, stderr } = cli(args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});
