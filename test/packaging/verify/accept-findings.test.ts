import { expect, test } from 'vitest';
import { cause, findingsOf } from '../../../src/packaging/finding.ts';
import { acceptFindings } from '../../../src/packaging/verify/accept-findings.ts';
import type { VerifyResult } from '../../../src/packaging/verify/verify.ts';

const findings = findingsOf([
  cause('missing-in-text', 'gone', { module: 'e1000e', alias: 'pci:v00008086d000010D3sv*sd*bc*sc*i*' }),
  cause('missing-list', 'no modules.order', { file: 'modules.order' }),
]);
const RESULT: VerifyResult = {
  findings,
  summary: {
    release: '6.12',
    modules: 1,
    tables: 1,
    rows: 1,
    aliases: 1,
    handWritten: 0,
    builtinAliases: 0,
    buses: [],
    severities: { error: 1, warning: 1, note: 2 },
    notes: [],
  },
};

/** The rules and severities of what counts with these matches, and the summary of severities. */
function counted(matches: readonly object[], options: object = {}) {
  const accepted = matches.map((match) => ({ match, reason: 'known' }));
  const { result } = acceptFindings(RESULT, { file: 'b.json', accepted }, { today: '2026-11-21', ...options });
  return [result.findings.map(({ rule, severity }) => `${rule} ${severity}`), result.summary.severities];
}

test('acceptFindings: findings are known by rule, module, alias and the bus of the alias', () => {
  const only = [['missing-list warning'], { error: 0, warning: 1, note: 2 }];
  expect(counted([{ rule: 'missing-in-text' }])).toEqual(only);
  expect(counted([{ bus: 'pci', module: 'e1000e' }])).toEqual(only);
  expect(counted([{ pattern: findings[0]!.alias }])).toEqual(only);
});

test('acceptFindings: entries for changes are not for verify', () => {
  expect(counted([{ class: 'lost', module: 'e1000e' }])[0]).toEqual(['missing-in-text error', 'missing-list warning']);
});

test('acceptFindings: what is wrong with the baseline counts by its own rule, which can be given another severity', () => {
  const unused = [{ rule: 'cr-lf' }, { rule: 'missing-list' }];
  expect(counted(unused)).toEqual([
    ['missing-in-text error', 'unused-acceptance warning'],
    { error: 1, warning: 1, note: 2 },
  ]);
  expect(counted(unused, { werror: true })[0]).toContain('unused-acceptance error');
  expect(counted(unused, { severities: { 'unused-acceptance': 'off' } })).toEqual([
    ['missing-in-text error'],
    { error: 1, warning: 0, note: 2 },
  ]);
});
