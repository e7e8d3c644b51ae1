import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { junitXml } from '../../../src/report/formats/junit.ts';
import { HOSTILE, manyResults, sampleReport, sampleResult } from './sample-report.ts';

test('junitXml: a result that counts is a case that fails; its text begins with file and line', () => {
  const xml = junitXml(sampleReport([sampleResult({ file: 'modules.alias', line: 7 })]));
  expect(xml).toContain('<testsuites name="modalias diff 6.1 -&gt; 6.12" tests="3" failures="1" errors="0">');
  expect(xml).toContain('<testsuite name="modalias.diff.lost" tests="1" failures="1" errors="0" skipped="0">');
  expect(xml).toContain(
    '<testcase name="e1000e: pci:v00008086d000010D3sv*sd*bc*sc*i*" classname="modalias.diff.lost"><failure type="lost"',
  );
  expect(xml).toContain('>modules.alias:7: e1000e: pci:v');
  expect(xml).toContain('\nexample: pci:v00008086d000010D3sv0sd0bc0sc0i0</failure>');
  expect(xml).not.toMatch(/ (file|line)=/);
});

test('junitXml: the name of a class has no blank, whatever the command is called', () => {
  expect(junitXml(sampleReport([], { command: 'model check' }))).toContain(' classname="modalias.model-check.lost"');
});

test('junitXml: a kind without failures is a case that passes, what does not count is its output', () => {
  const xml = junitXml(sampleReport([sampleResult({ kind: 'gained', severity: 'note', fails: false })]));
  expect(xml).toContain('<testcase name="no module serves them any more" classname="modalias.diff.lost"/>');
  expect(xml).toMatch(
    /<testcase name="no module served them before" classname="modalias.diff.gained"><system-out>e1000e: /,
  );
  expect(xml).toContain('tests="3" failures="0"');
});

test('junitXml: what the baseline accepts is skipped, with the reason', () => {
  const xml = junitXml(sampleReport([sampleResult({ accepted: { reason: 'retired <2027>', until: null } })]));
  expect(xml).toContain('<skipped message="retired &lt;2027&gt;"/>');
  expect(xml).toContain('tests="2" failures="0" errors="0" skipped="1"');
});

test('junitXml: a note that counts fails, with its examples', () => {
  const remark = { kind: 'gained', count: 2, message: 'noted', examples: ['a', 'b'], fails: true };
  expect(junitXml(sampleReport([], { remarks: [remark] }))).toContain(
    '<failure type="gained" message="noted">2: noted\na\nb</failure>',
  );
});

const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;

/** What xmllint says of a document by the schema here; empty if it is valid. */
function complaints(xml: string): string {
  const run = spawnSync('xmllint', ['--noout', '--relaxng', 'test/report/formats/junit.rng', '-'], {
    input: xml,
    encoding: 'utf8',
  });
  return run.status === 0 ? '' : run.stderr;
}

describe.skipIf(!hasXmllint)('junitXml and xmllint (apt-get install libxml2-utils)', () => {
  test('junitXml: is valid by the schema, whatever the texts hold', () => {
    const hostile = sampleResult({ message: HOSTILE, pattern: HOSTILE, module: HOSTILE, details: [['by', HOSTILE]] });
    const accepted = sampleResult({ accepted: { reason: HOSTILE, until: null } });
    expect(complaints(junitXml(sampleReport([...manyResults(30), hostile, accepted], { title: HOSTILE })))).toBe('');
    expect(complaints(junitXml(sampleReport([], { command: 'model check' })))).toBe('');
  });

  test('the schema refuses file and line, as that of Jenkins does', () => {
    const xml = junitXml(sampleReport([sampleResult()]));
    expect(complaints(xml.replace('<testcase ', '<testcase file="a" line="1" '))).not.toBe('');
  });
});

test('junitXml: what a baseline accepts is a test that was skipped, with the reason', () => {
  const accepted = sampleResult({ accepted: { reason: 'retired', until: null } });
  const xml = junitXml(sampleReport([accepted]));
  expect(xml).toMatch(/<testsuite name="modalias\.diff\.lost" tests="2" failures="0" errors="0" skipped="1">/);
  expect(xml).toContain('<skipped message="retired"/>');
});

test('junitXml: a case is called as what it is about, else by its place, else as what it says', () => {
  const name = (fields: Partial<Parameters<typeof sampleResult>[0]>) =>
    /<testcase name="([^"]*)" classname="modalias.diff.lost">/.exec(junitXml(sampleReport([sampleResult(fields)])))![1];
  const place = { file: 'f', line: 7 };
  expect(name(place)).toMatch(/^e1000e: pci:/);
  expect(name({ ...place, module: null, pattern: null })).toBe('f:7');
  expect(name({ module: null, pattern: null, message: 'what' })).toBe('what');
});

test('junitXml: the output of a kind that passes lacks what is accepted', () => {
  const accepted = sampleResult({
    kind: 'gained',
    fails: false,
    message: 'gone',
    accepted: { reason: 'r', until: null },
  });
  const xml = junitXml(sampleReport([accepted, sampleResult({ kind: 'gained', fails: false, message: 'here' })]));
  expect(/<system-out>([^<]*)/.exec(xml)![1]).toMatch(/: here/);
  expect(/<system-out>([^<]*)/.exec(xml)![1]).not.toMatch(/: gone/);
});

test('junitXml: a note that does not count is the output of a case that passes', () => {
  const remark = { kind: 'gained', count: 2, message: 'noted', examples: ['a'], fails: false };
  const xml = junitXml(sampleReport([], { remarks: [remark, { ...remark, kind: 'moved', message: 'other' }] }));
  expect(xml).toContain('tests="3" failures="0"');
  expect(xml).toContain('classname="modalias.diff.gained"><system-out>2: noted</system-out></testcase>');
});
