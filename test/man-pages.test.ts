import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { edition, manPages } from '../scripts/man-pages.ts';
import { loadAll } from '../src/commands/table.ts';
import { FINDING_RULES } from '../src/model/findings/rules.ts';
import { LINT_RULE_NAMES, LINT_RULES } from '../src/packaging/lint/rules.ts';

const pages = manPages(await loadAll(), { version: '1.2.3', date: '2026-01-31' });

test('edition takes the version of package.json, and the day of SOURCE_DATE_EPOCH or of the changelog', () => {
  const changelog = '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n\n## [1.2.2] - 2025-01-31\n';
  expect(edition('{"version":"1.2.3"}', changelog, undefined)).toEqual({ version: '1.2.3', date: '2026-01-31' });
  expect(edition('{"version":"1.2.3"}', changelog, '1700000000').date).toBe('2023-11-14');
  expect(edition('{"version":"1.2.3"}', '', '').date).toBe('');
});

test('manPages: each page has its version and day, and types nothing but words in its synopsis', () => {
  for (const [name, text] of Object.entries(pages).filter(([name]) => name.endsWith('.1'))) {
    expect(text, name).toMatch(/^\.TH "MODALIAS[A-Z-]*" "1" "2026-01-31" "modalias 1\.2\.3" "User Commands"\n/);
    expect(text, name).toMatch(/\n\.SH SYNOPSIS\n\\fBmodalias[a-z ]*\\fR( [[\\]|\n)/);
  }
  expect(pages['man/modalias-vfio.1']).toContain('\\fBmodalias vfio\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR..]');
  expect(pages['man/modalias.1']).toContain('\\fBmodalias\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR..] [\\fIARGUMENT\\fR..]');
});

test('manPages: modalias-rules(7) has each rule, with all that --explain says and both examples as they stand', () => {
  const page = pages['man/modalias-rules.7']!;
  const plain = page
    .replace(/\\([-&e])/g, (_, c: string) => ({ '-': '-', '&': '', e: '\\' })[c]!)
    .replaceAll('\\(aq', "'");
  expect(page.match(/^\.SS .*/gm)).toHaveLength(LINT_RULE_NAMES.length + 1 + Object.keys(FINDING_RULES).length);
  for (const name of LINT_RULE_NAMES) {
    const { what, why, fix, fires, silent, severity } = LINT_RULES[name];
    const [, text] = plain.split(`\n.SS ${name}\n`);
    const [own] = text!.split('\n.SS ');
    expect(own).toContain(what.slice(1));
    for (const part of [why, fix, fires.text.trimEnd(), silent.text.trimEnd()]) expect(own, name).toContain(part);
    expect(own).toContain(severity === 'off' ? 'Off unless asked for.' : `Severity: ${severity}.`);
  }
  for (const [name, { what, why, fix, fires, silent, severity }] of Object.entries(FINDING_RULES)) {
    const [, text] = plain.split(`\n.SS ${name}\n`);
    const [own] = text!.split('\n.SS ');
    for (const part of [
      what.slice(1),
      why,
      fix,
      fires.script.trimEnd(),
      silent.script.trimEnd(),
      `Severity: ${severity}.`,
    ])
      expect(own, name).toContain(part);
  }
  expect(pages['man/modalias-lint.1']).toContain('\\fBmodalias\\-rules\\fR(7)');
  expect(pages['man/modalias-model-check.1']).toContain('\\fBmodalias\\-rules\\fR(7)');
});

test('manPages: groff has no complaint', () => {
  if (spawnSync('groff', ['--version']).error) return;
  const folder = mkdtempSync(join(tmpdir(), 'modalias-man-'));
  for (const [name, text] of Object.entries(pages)) {
    const file = join(folder, name.replace('/', '-'));
    writeFileSync(file, text);
    const { stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z', file], { encoding: 'utf8' });
    expect(stderr, name).toBe('');
  }
  const shown = execFileSync('groff', ['-man', '-Tascii', join(folder, 'man-modalias-vfio.1')], { encoding: 'utf8' });
  expect(shown.replaceAll(/\x1b\[\d*m|.\x08/g, '')).toContain('modalias vfio COMMAND [OPTION..]');
  rmSync(folder, { recursive: true });
});
