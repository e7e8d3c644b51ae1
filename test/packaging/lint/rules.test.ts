import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAliasText } from '../../../src/alias/alias-text.ts';
import { writeIndex } from '../../../src/index-file/index-writer.ts';
import { lint } from '../../../src/packaging/lint/lint.ts';
import type { KernelFacts, LintExample, ModuleFacts } from '../../../src/packaging/lint/lint-rule.ts';
import { LINT_RULE_NAMES, LINT_RULES, type LintRuleName } from '../../../src/packaging/lint/rules.ts';
import { normalizeAlias } from '../../../src/pattern/normalize.ts';
import { elfMachines } from '../../support/elf-machines.ts';
import { writeModule } from '../../support/module-object.ts';
import { putFiles } from '../../support/modules-tree.ts';
import { pciModule } from '../../support/pci-module.ts';

/** Bytes of struct pci_device_id on amd64 since 5.15. */
const PCI_ROW = 40;
const ANY = 0xffffffff;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'lint-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Writes an example as what it is, and answers with the paths that lint takes. */
function write(example: LintExample): string[] {
  const path = (name: string) => join(dir, name);
  if (example.kind === 'module') return [writeModuleFile(example, path('acme.ko'))];
  if (example.kind === 'kernel') return writeKernel(example, mkdtempSync(path('kernel-')));
  const file = path(example.kind === 'json' ? 'ids.json' : 'modules.alias');
  writeFileSync(file, example.text, 'latin1');
  return [file];
}

/** A module made of what it has, and compressed by the real xz. */
function writeModuleFile({ imports = [], tables = [], aliases = [], xzCheck }: ModuleFacts, path: string): string {
  const rows = Buffer.alloc(4 * PCI_ROW);
  for (let row = 0; row < 3; row++)
    for (const [i, value] of [0x1234, row + 1, ANY, ANY].entries()) rows.writeUInt32LE(value, row * PCI_ROW + 4 * i);
  const bytes = writeModule({
    machine: elfMachines.amd64,
    modinfo: ['license=GPL', ...aliases.map((alias) => `alias=${alias}`), 'vermagic=6.1.0 SMP mod_unload'],
    tables: tables.map((type) => ({ symbol: `__mod_${type}__acme_ids_device_table`, content: rows })),
    symbols: imports.map((name) => ({ name, bind: 'global' as const })),
  });
  writeFileSync(path, bytes);
  if (xzCheck === undefined) return path;
  execFileSync('xz', ['--keep', '--force', `--check=${xzCheck}`, path]);
  return `${path}.xz`;
}

function writeKernel({ modules, aliasText, indexedText, modprobe }: KernelFacts, root: string): string[] {
  const files: Record<string, string | Uint8Array> = { 'modules.builtin': '', 'modules.builtin.modinfo': '' };
  for (const name of modules) files[`kernel/${name}.ko`] = pciModule(undefined, []);
  if (aliasText !== undefined) files['modules.alias'] = aliasText;
  if (indexedText !== undefined) {
    const lines = parseAliasText(indexedText);
    files['modules.alias.bin'] = writeIndex(
      lines.map(({ alias, module }) => ({ key: normalizeAlias(alias)!, value: module, priority: 0 })),
      'post',
    );
  }
  if (modprobe !== undefined) files['etc/modprobe.d/acme.conf'] = modprobe;
  putFiles(root, files);
  return modprobe === undefined ? [root] : [root, join(root, 'etc/modprobe.d')];
}

/** The rules that find something in an example, those that are off by default only if it is this one. */
async function rulesFor(example: LintExample, name: LintRuleName): Promise<string[]> {
  const severities = LINT_RULES[name].severity === 'off' ? { [name]: 'note' as const } : {};
  const { findings } = await lint(write(example), { severities });
  return [...new Set(findings.map(({ rule }) => rule))];
}

describe.each(LINT_RULE_NAMES)('LINT_RULES: %s', (name) => {
  const rule = LINT_RULES[name];

  test('has one way to find it', () => {
    const { alias, table, codes, module, across } = rule;
    expect([alias, table, codes, module, across].filter(Boolean)).toHaveLength(1);
  });

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

test('LINT_RULES: of-only names the devices of every row, once each, five at most', async () => {
  const aliases = (count: number) =>
    Array.from({ length: count }, (_, i) => [`of:N*T*Cacme,s${i}`, `of:N*T*Cacme,s${i}C*`]).flat();
  const said = async (count: number) => {
    const module = { kind: 'module', text: '', imports: ['__spi_register_driver'], aliases: aliases(count) } as const;
    const { findings } = await lint(write(module));
    return findings.map(({ alias, message }) => `${alias}: ${message}`);
  };
  const start =
    "of:N*T*Cacme,s0: registers an spi driver (__spi_register_driver) but has 'of:' aliases only, while its";
  const names = ["'spi:s0', 'spi:s1'", ", 'spi:s2', 'spi:s3', 'spi:s4'"];
  expect(await said(2)).toEqual([`${start} devices say ${names[0]}: they do not load it`]);
  expect(await said(7)).toEqual([`${start} devices say ${names.join('')} (and 2 more): they do not load it`]);
});
