import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lint } from '../../../src/packaging/lint/lint.ts';
import type { LintExample } from '../../../src/packaging/lint/lint-rule.ts';
import { LINT_RULE_NAMES, LINT_RULES, type LintRuleName } from '../../../src/packaging/lint/rules.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'lint-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const NAMES: Readonly<Record<LintExample['kind'], string>> = { json: 'ids.json', alias: 'modules.alias' };

/** The rules that find something in an example, those that are off by default only if it is this one. */
async function rulesFor(example: LintExample, name: LintRuleName): Promise<string[]> {
  const path = join(dir, NAMES[example.kind]);
  writeFileSync(path, example.text, 'latin1');
  const severities = LINT_RULES[name].severity === 'off' ? { [name]: 'note' as const } : {};
  const { findings } = await lint([path], { severities });
  return [...new Set(findings.map(({ rule }) => rule))];
}

describe.each(LINT_RULE_NAMES)('LINT_RULES: %s', (name) => {
  const rule = LINT_RULES[name];

  test('fires on its example, and no other rule does', async () => {
    expect(await rulesFor(rule.fires, name)).toEqual([name]);
  });

  test('is silent on its other example, as all rules are', async () => {
    expect(await rulesFor(rule.silent, name)).toEqual([]);
  });

  test('explains itself in sentences', () => {
    for (const text of [rule.why, rule.fix]) expect(text).toMatch(/^[A-Z`a-z].*\.$/s);
    expect(rule.what).not.toMatch(/\.$/);
    expect(rule.fires.text).not.toBe(rule.silent.text);
  });
});
