import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { githubCommands } from '../../../src/report/formats/github.ts';
import { manyResults, sampleReport, sampleResult } from './sample-report.ts';

test('githubCommands: an annotation has file, line, title and message, with the kind of its severity', () => {
  const results = [
    sampleResult({ file: 'modules.alias', line: 7 }),
    sampleResult({ kind: 'moved', severity: 'warning', module: null, pattern: null, message: 'elsewhere' }),
  ];
  expect(githubCommands(sampleReport(results), '.').split('\n')).toEqual([
    '::error file=modules.alias,line=7,title=modalias diff%3A lost::e1000e: pci:v00008086d000010D3sv*sd*bc*sc*i*: no module serves them any more (e1000e -> none)',
    '::warning title=modalias diff%3A moved::elsewhere',
    '',
  ]);
});

test('githubCommands: escapes %, CR and LF, and in properties colons and commas too', () => {
  const result = sampleResult({ file: 'a,b:c%\n', message: '100%\r\n::error::x', module: null, pattern: null });
  expect(githubCommands(sampleReport([result]), '.')).toBe(
    '::error file=a%2Cb%3Ac%25%0A,title=modalias diff%3A lost::100%25%0D%0A::error::x\n',
  );
});

test('githubCommands: shows other control characters, C1 ones too, as question marks', () => {
  const result = sampleResult({ file: 'a\x1b', message: 'x\x00\t\x7f\x85\x9b31m\u202ey', module: null, pattern: null });
  expect(githubCommands(sampleReport([result]), '.')).toBe(
    '::error file=a?,title=modalias diff%3A lost::x?????31m?y\n',
  );
});

test('githubCommands: names files below the folder as seen from there', () => {
  const at = (file: string) => githubCommands(sampleReport([sampleResult({ file })]), '.');
  expect(at(resolve('src/index.ts'))).toContain('::error file=src/index.ts,');
  expect(at('/etc/hostname')).toContain('::error file=/etc/hostname,');
});

test.each(['package.json/lib/a.ko', 'package.json(lib/a.ko)'])(
  'githubCommands: %s, a file in a package, is annotated at the package and named in the message',
  (file) => {
    expect(githubCommands(sampleReport([sampleResult({ file })]), '.')).toMatch(
      /^::error file=package\.json,title=[^:]*::lib\/a\.ko: e1000e: /,
    );
  },
);

test('githubCommands: prints ten of each kind at most, one of the notices says how many more there are', () => {
  const lines = githubCommands(sampleReport(manyResults(300)), '.')
    .trimEnd()
    .split('\n');
  const of = (name: string) => lines.filter((line) => line.startsWith(`::${name} `)).length;
  expect([of('error'), of('warning'), of('notice')]).toEqual([10, 10, 10]);
  expect(lines.at(-1)).toBe('::notice title=modalias diff::and 271 more; the summary of the step has them');
});

test('githubCommands: leaves out what the baseline accepts', () => {
  expect(githubCommands(sampleReport([sampleResult({ accepted: { reason: 'old', until: null } })]), '.')).toBe('');
});
