import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lint } from '../../../src/packaging/lint/lint.ts';
import type { LintExample } from '../../../src/packaging/lint/lint-rule.ts';
import { LINT_RULE_NAMES, LINT_RULES, type LintRuleName } from '../../../src/packaging/lint/rules.ts';
import { pciModule } from '../../support/pci-module.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'lint-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Writes an example as what it is; a module is made of what it has, and compressed by the real xz. */
function write(example: LintExample): string {
  if (example.kind !== 'module') {
    const path = join(dir, example.kind === 'json' ? 'ids.json' : 'modules.alias');
    writeFileSync(path, example.text, 'latin1');
    return path;
  }
  const path = join(dir, 'acme.ko');
  writeFileSync(path, pciModule(undefined, [...(example.aliases ?? [])], { imports: example.imports ?? [] }));
  if (example.xzCheck === undefined) return path;
  execFileSync('xz', ['--keep', '--force', `--check=${example.xzCheck}`, path]);
  return `${path}.xz`;
}

/** The rules that find something in an example, those that are off by default only if it is this one. */
async function rulesFor(example: LintExample, name: LintRuleName): Promise<string[]> {
  const path = write(example);
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
    expect(rule.fires).not.toEqual(rule.silent);
  });
});
