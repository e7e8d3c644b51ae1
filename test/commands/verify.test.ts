import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FINDING_RULES } from '../../src/packaging/rules.ts';
import { cli } from '../support/cli.ts';
import { modulesTree, putFiles, removeTree } from '../support/modules-tree.ts';
import { pciAlias, pciModule } from '../support/pci-module.ts';

let root: string;
beforeAll(() => {
  root = modulesTree({
    'kernel/a.ko': pciModule([[1, 2]]),
    'modules.order': 'kernel/a.ko\n',
    'modules.builtin': 'kernel/fs/ext4/ext4.ko\n',
    'modules.builtin.modinfo': 'ext4.file=fs/ext4/ext4\0ext4.license=GPL\0',
  });
  cli(['build', root, '--depmod-config', 'none']);
});
afterAll(() => removeTree(root));

describe('verify', () => {
  test('verify exits with 0 and a summary on a good tree', () => {
    const run = cli(['verify', root, '--depmod-config', 'none']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toMatch(/^bus +modules +tables +rows +aliases +hand-written\npci +1 +1 +1 +1 +0\n/);
    expect(run.stdout).toMatch(
      /\n6\.1: 1 modules, 1 tables, 1 rows, 1 aliases \(0 hand-written\), 0 built-in aliases: no findings\n$/,
    );
  });

  test('verify exits with 1 and says module, table, row, alias and file of a finding', () => {
    putFiles(root, { 'kernel/b.ko': pciModule([[1, 3]], []) });
    const run = cli(['verify', root, '--depmod-config', 'none']);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain('error: missing-in-modinfo: b, table ids, row 0: ');
    expect(run.stdout).toContain(`\n    ${pciAlias(1, 3)}\n    in ${root}/kernel/b.ko\n`);
    const json = cli(['verify', root, '--json', '--workers', '1']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      findings: [
        { rule: 'missing-in-modinfo', severity: 'error', module: 'b', table: 'ids', row: 0, alias: pciAlias(1, 3) },
      ],
      summary: { modules: 2 },
    });
    expect(cli(['verify', root, '--json', '--workers', '4']).stdout).toBe(json.stdout);
  });

  test('verify exits with 2 where there is nothing to check, and for a kernel that is no release', () => {
    const empty = modulesTree({ 'modules.order': '' });
    expect(cli(['verify', empty])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('it contains no kernel modules'),
    });
    removeTree(empty);
    expect(cli(['verify', root, '--kernel', 'newest'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("'newest' is not a kernel release"),
    });
  });

  test('verify exits with 2 where there is no directory', () => {
    expect(cli(['verify', `${root}/none`])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('cannot search'),
    });
  });

  test('verify --fail-on says from which severity on it exits with 1, --werror makes warnings errors', () => {
    const tree = modulesTree({
      'kernel/a.ko': pciModule(undefined, [], { imports: ['__pci_register_driver'] }),
      'modules.order': 'kernel/a.ko\n',
      'modules.builtin': '',
    });
    const status = (...args: string[]) => cli(['verify', tree, '--depmod-config', 'none', ...args]).status;
    expect([status(), status('--fail-on', 'note')]).toEqual([0, 1]);
    rmSync(`${tree}/modules.builtin`);
    expect([status(), status('--fail-on', 'error'), status('--fail-on', 'error', '--werror')]).toEqual([1, 0, 1]);
    const { stdout } = cli(['verify', tree, '--json', '--werror']);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ rule: 'missing-list', severity: 'error' }],
      summary: { severities: { error: 1, warning: 0 } },
    });
    expect(cli(['verify', tree, '--fail-on', 'none']).status).toBe(2);
    removeTree(tree);
  });

  test('verify --quiet prints the findings only', () => {
    const quiet = cli(['verify', root, '--quiet', '--depmod-config', 'none']);
    expect(quiet.stdout).toMatch(/^error: missing-in-modinfo: /);
    expect(quiet.stdout).not.toMatch(/hand-written|no findings|note:/);
    expect(quiet.stdout.trimEnd()).toMatch(/kernel\/b\.ko$/);
  });

  test('verify --all tells every alias, with counts where it does not', () => {
    const ids = Array.from({ length: 7 }, (_, i) => [2, i] as const);
    putFiles(root, { 'kernel/c.ko': pciModule(ids, []), 'modules.order': 'kernel/a.ko\nkernel/b.ko\nkernel/c.ko\n' });
    const found = (...args: string[]) =>
      JSON.parse(cli(['verify', root, '--json', ...args]).stdout).findings.filter(
        ({ module }: { module: string }) => module === 'c',
      );
    expect(found()).toMatchObject([{ rule: 'missing-in-modinfo', count: 7, line: null }]);
    expect(found('--all').map(({ row, count }: { row: number; count: number }) => [row, count])).toEqual(
      ids.map((_, row) => [row, 1]),
    );
  });

  test('verify --severity gives rules another severity, in the output and for --fail-on and --werror', () => {
    const tree = modulesTree({
      'kernel/a.ko': pciModule([[1, 2]]),
      'kernel/b.ko': pciModule([[1, 2]]),
      'modules.order': 'kernel/a.ko\nkernel/b.ko\n',
    });
    const run = (...args: string[]) => cli(['verify', tree, '--depmod-config', 'none', ...args]);
    expect(run().status).toBe(1);
    const note = run('--severity', 'missing-list=note');
    expect(note).toMatchObject({ status: 0, stdout: expect.stringMatching(/^note: missing-list: /) });
    expect(run('--severity', 'missing-list=note', '--fail-on', 'note').status).toBe(1);
    expect(run('--severity', 'missing-list=note', '--werror', '--fail-on', 'warning').status).toBe(0);
    expect(run('--severity', 'missing-list=error', '--fail-on', 'error').status).toBe(1);
    expect(run('--quiet', '--severity=missing-list=error', '--severity', 'missing-list=off')).toMatchObject({
      status: 0,
      stdout: '',
    });
    const json = run('--json', '--severity', 'missing-list=off,shared-alias=warning', '--werror');
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      findings: [{ rule: 'shared-alias', severity: 'error', count: 1, alias: null }],
      summary: { severities: { error: 1, warning: 0 } },
    });
    removeTree(tree);
  });

  test.each([
    ['missing-lits=off', "'missing-lits' is not a rule; did you mean 'missing-list'?"],
    ['missing-list=of', "missing-list: found 'of', expected error, warning, note, off; did you mean 'off'?"],
    ['missing-list', "found 'missing-list', expected RULE=error|warning|note|off"],
    ['missing-list=off,', "found '', expected RULE="],
  ])('verify --severity %s exits with 2', (value, message) => {
    expect(cli(['verify', root, '--severity', value])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(`verify: --severity: ${message}`),
    });
  });

  test('verify --help lists every rule under its severity, a rule a line, in 80 columns', () => {
    const { stdout } = cli(['verify', '--help'], { env: { COLUMNS: '80' } });
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const [, ...parts] = stdout.split(/^Rules \((\w+)s\):$/m);
    const listed = parts.flatMap((part, i) =>
      i % 2 === 1 ? [...part.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, rule]) => [rule, parts[i - 1]]) : [],
    );
    expect(Object.fromEntries(listed)).toMatchObject(
      Object.fromEntries(Object.entries(FINDING_RULES).map(([rule, { severity }]) => [rule, severity])),
    );
  });
});
