import { expect, test } from 'vitest';
import { markdown } from '../../../src/report/formats/markdown.ts';
import { HOSTILE, manyResults, sampleReport, sampleResult } from './sample-report.ts';

test('markdown: counts by kind and bus, then each result under its kind, and what is accepted last', () => {
  const accepted = sampleResult({ accepted: { reason: 'retired', until: null }, pattern: 'pci:gone' });
  const text = markdown(sampleReport([accepted, sampleResult({ names: { vendor: 'Intel', device: '82574L' } })]));
  expect(text).toContain('1 found, 1 more accepted by the baseline.\n');
  expect(text).toContain('| lost | error | 1 | no module serves them any more |\n');
  expect(text).toContain('| pci | 1 | 1 |\n');
  expect(text).toContain('modules gone (1): `drbg`\n');
  expect(text).toMatch(
    /### lost\n\n- `e1000e` `pci:v\S+`; Intel 82574L; no module [\s\S]*\n### accepted by the baseline\n\n/,
  );
  expect(text).toMatch(/`pci:gone`; .*; accepted: retired\n$/);
});

test('markdown: says so where nothing was found', () => {
  expect(markdown(sampleReport([]))).toContain('Nothing found.\n');
});

test('markdown: is at most 65,536 characters long, and counts the results that it leaves out', () => {
  const text = markdown(sampleReport(manyResults(3000)));
  expect(text.length).toBeLessThanOrEqual(65_536);
  expect(text.length).toBeGreaterThan(65_000);
  const told = text.match(/^- /gm)!.length;
  expect(text.endsWith(`\nand ${3000 - told} more, cut at 65536 characters\n`)).toBe(true);
});

test('markdown: is cut soundly where the summary alone is too long', () => {
  const names = Array.from({ length: 9000 }, (_, i) => `module_${i}`);
  const text = markdown(sampleReport([sampleResult()], { lists: [['modules gone', names]] }));
  expect(text.length).toBeLessThanOrEqual(65_536);
  expect(text).toContain('and 1 more');
});

test('markdown: text cannot become mark-up, a mention or another line', () => {
  const text = markdown(
    sampleReport([sampleResult({ message: HOSTILE, pattern: HOSTILE, names: { vendor: HOSTILE, device: null } })], {
      title: HOSTILE,
    }),
  );
  const outsideCode = text.replace(/\\./g, '').replace(/(`+)[\s\S]*?[^`]\1(?!`)/g, '');
  expect(outsideCode).toContain('onerror');
  expect(outsideCode).not.toMatch(/[<@`*[\]_]/);
  expect(text).not.toMatch(/[\0\r\x1b\u2028]/);
  expect(text.match(/^- /gm)).toHaveLength(1);
});

test.each([
  [65_536, false],
  [65_537, true],
])('markdown: %i characters are cut: %s', (length, isCut) => {
  const of = (message: string) => markdown(sampleReport([sampleResult({ message })]));
  const text = of('x'.repeat(length + 1 - of('x').length));
  expect(text.includes('cut at 65536 characters')).toBe(isCut);
  if (!isCut) expect(text).toHaveLength(length);
});

test('markdown: has room for the count of what is left out, wherever the cut falls', () => {
  for (let fill = 0; fill < 80; fill += 7) {
    const text = markdown(sampleReport(manyResults(60), { lists: [['modules gone', ['x'.repeat(58_000 + fill)]]] }));
    expect(text).toMatch(/\nand \d+ more, cut at 65536 characters\n$/);
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text.length).toBeGreaterThan(65_000);
  }
});

test('markdown: code that begins or ends with a backtick stands between blanks, in as many backticks as it needs', () => {
  const code = (pattern: string) =>
    /^- (.*?); x/m.exec(markdown(sampleReport([sampleResult({ module: null, pattern, message: 'x' })])))![1];
  expect([code('a'), code('a`b'), code('`a'), code('a``'), code('a``b`c')]).toEqual([
    ...['`a`', '``a`b``', '`` `a ``', '``` a`` ```', '```a``b`c```'],
  ]);
});
