import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseLintConfig } from '../../../../src/packaging/lint/config/lint-config.ts';
import { type LintOptions, lint } from '../../../../src/packaging/lint/lint.ts';
import { modulesTree, removeTree } from '../../../support/modules-tree.ts';
import { pciModule } from '../../../support/pci-module.ts';

let dir: string;
let text: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'lint-config-'));
  text = join(dir, 'modules.alias');
  writeFileSync(text, 'alias platform:a[-]b acme_net\nalias platform:c[-]d other\nalias acpi*:acme0001:* acme_net\n');
});
afterAll(() => rmSync(dir, { recursive: true }));

const DASH = { rule: 'dash-in-bracket', severity: 'off', reason: 'r' };

/** What is found with these entries: rule, severity and module. */
async function found(rules: readonly unknown[], options: LintOptions = {}) {
  const config = parseLintConfig(JSON.stringify({ version: 1, rules }), 'c.json');
  const { findings, summary } = await lint([text], { ...options, config });
  return [...findings.map(({ rule, severity, module }) => `${rule} ${severity} ${module}`), summary.suppressed];
}

const LOWER = 'lower-case-acpi warning acme_net';
const BOTH = ['dash-in-bracket error acme_net', LOWER, 'dash-in-bracket error other'];

describe('Severities', () => {
  test.each([
    ['nothing', [], [...BOTH, 0]],
    ['a rule everywhere', [DASH], [LOWER, 0]],
    ['a module, with a dash for the underscore', [{ ...DASH, module: 'acme-net' }], [LOWER, BOTH[2], 1]],
    ['modules by a star', [{ ...DASH, module: '*' }], [LOWER, 2]],
    ['a pattern as it stands', [{ ...DASH, pattern: 'platform:c[-]d' }], [BOTH[0], LOWER, 1]],
    ['patterns by a star', [{ ...DASH, pattern: 'platform:?[[]-]?' }], [...BOTH, 'unused-suppression warning null', 0]],
    ['a bus', [{ ...DASH, bus: 'platform' }], [LOWER, 2]],
    ['a bus and a module', [{ ...DASH, bus: 'platform', module: 'other' }], [BOTH[0], LOWER, 1]],
    [
      'the last that fits',
      [
        { ...DASH, bus: 'platform' },
        { ...DASH, severity: 'note', module: 'other' },
      ],
      [LOWER, 'dash-in-bracket note other', 1],
    ],
    [
      'a rule that is off but for a module',
      [DASH, { ...DASH, severity: 'error', module: 'other' }],
      [LOWER, BOTH[2], 0],
    ],
  ])('of: an entry holds for %s', async (_, rules, expected) => {
    expect(await found(rules)).toEqual(expected);
  });

  test('of: --severity is stronger than what holds everywhere, and weaker than an entry for a module', async () => {
    const severities = { 'dash-in-bracket': 'note' } as const;
    expect(await found([DASH], { severities })).toContain('dash-in-bracket note other');
    expect(await found([{ ...DASH, module: 'other' }], { severities })).toEqual([
      'dash-in-bracket note acme_net',
      LOWER,
      1,
    ]);
  });

  test('unused: names entries that change nothing, of modules and things that were looked at', async () => {
    const entries = [
      { ...DASH, module: 'acme-net' },
      { ...DASH, module: 'acme-net', pattern: 'usb:*' },
      { ...DASH, module: 'acme-nte' },
      { ...DASH, rule: 'of-only', module: 'other' },
      { ...DASH, rule: 'class-mask', bus: 'pci' },
    ];
    const config = parseLintConfig(JSON.stringify({ version: 1, rules: entries }, null, 1), 'c.json');
    const { findings } = await lint([text], { config });
    expect(findings.filter(({ rule }) => rule === 'unused-suppression')).toMatchObject([
      {
        severity: 'warning',
        module: 'acme-net',
        file: 'c.json',
        line: 10,
        message: 'dash-in-bracket for module acme-net, pattern usb:*: changes nothing that is found; remove the entry',
      },
      {
        severity: 'warning',
        module: 'acme-nte',
        line: 17,
        message:
          "dash-in-bracket for module acme-nte: no module here has that name; remove the entry; did you mean 'acme_net'?",
      },
    ]);
    expect(
      await found([
        { ...DASH, pattern: 'x' },
        { rule: 'unused-suppression', severity: 'off', reason: 'r' },
      ]),
    ).toEqual([...BOTH, 0]);
    expect(await found([{ ...DASH, pattern: 'x' }], { werror: true })).toContain('unused-suppression error null');
  });

  test('unused: an entry for a module that is not there is one only where all modules are, and its rule looks at them', async () => {
    const entries = ['dash-in-bracket', 'of-only', 'class-mask', 'alias-without-module', 'modprobe-without-module'].map(
      (rule) => ({ rule, module: 'absent', severity: 'off', reason: 'r' }),
    );
    const config = parseLintConfig(JSON.stringify({ version: 1, rules: entries }), 'c.json');
    const unused = async (path: string) =>
      (await lint([path], { config })).findings.flatMap(({ rule, message }) =>
        rule === 'unused-suppression' ? [message] : [],
      );
    const absent = (rule: string) => `${rule} for module absent: no module here has that name; remove the entry`;
    const tree = modulesTree({ 'kernel/acme.ko': pciModule([[1, 2]]) });
    expect(await unused(tree)).toEqual([
      ...['dash-in-bracket', 'of-only', 'class-mask'].map(absent),
      'alias-without-module for module absent: changes nothing that is found; remove the entry',
    ]);
    expect(await unused(join(tree, 'kernel/acme.ko'))).toEqual([]);
    expect(await unused(text)).toEqual([absent('dash-in-bracket')]);
    removeTree(tree);
  });
});
