import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliProcess } from '../support/cli.ts';
import { has } from '../support/packages.ts';
import { Random } from '../support/random.ts';

const E1000E = 'alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e';
const NIC = 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00';
let dir: string;
const put = (name: string, text: string) => {
  writeFileSync(join(dir, name), text, 'latin1');
  return join(dir, name);
};
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'coverage-'));
  put('a.alias', `${E1000E}\nalias i2c:lm75 lm75\nalias i2c:tmp tmp\nalias pci:v*d*sv*sd*bc03sc*i* vga\n`);
  put('b.alias', 'alias i2c:lm75 lm75\nalias pci:v*d*sv*sd*bc03sc*i* vga\n');
});
afterAll(() => rmSync(dir, { recursive: true }));

const kernels = () => ['-m', `one=${join(dir, 'a.alias')}`, '-m', `two=${join(dir, 'b.alias')}`];
const stream = (input: string, ...args: string[]) =>
  cli(['coverage', '--format', 'ndjson', '-d', '-', ...kernels(), ...args], { input });
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const module = (name: string) => ({ state: 'module', modules: [name], package: null });
const NONE = { state: 'none', modules: [], package: null };
const UNKNOWN = { ...NONE, state: 'unknown' };

test('coverage --format ndjson: one line of input is one line of output, in order, repeats too', () => {
  const { status, stdout, stderr } = stream(
    `${NIC}\n\n  12 i2c:lm75\nweb1: i2c:tmp\nE: DEVNAME=/dev/x\nwhat?\n${NIC}\r\n`,
  );
  const nic = { modalias: NIC, answers: [module('e1000e'), NONE] };
  expect([status, lines(stdout)]).toEqual([
    1,
    [
      nic,
      { count: 12, modalias: 'i2c:lm75', answers: [module('lm75'), module('lm75')] },
      { machine: 'web1', modalias: 'i2c:tmp', answers: [module('tmp'), NONE] },
      { text: 'what?', problem: 'does not identify a device' },
      nic,
    ],
  ]);
  expect(stderr).toBe('modalias: warning: <stdin>:6: does not identify a device\n');
});

test('coverage --format ndjson: fields that are missing, and a modalias that libkmod refuses, are reported', () => {
  const { stdout } = stream('00:02.0 0300: 8086:9bc5\n00:19.0 0200: 8086:10d4\npci:[x\nof:Nx\nplatform:[\n');
  expect(lines(stdout)).toEqual([
    {
      modalias: 'pci:v00008086d00009BC5sv*sd*bc03sc00i*',
      unknown: ['sv', 'sd', 'i'],
      answers: [module('vga'), module('vga')],
    },
    { modalias: 'pci:v00008086d000010D4sv*sd*bc02sc00i*', unknown: ['sv', 'sd', 'i'], answers: [NONE, NONE] },
    { modalias: 'pci:[x', answers: [UNKNOWN, UNKNOWN], problem: expect.stringContaining('unpaired bracket') },
    { modalias: 'of:Nx', answers: [UNKNOWN, UNKNOWN], problem: 'is truncated; it lacks type (T), compatible (C)' },
    { modalias: 'platform:[', answers: [NONE, NONE], problem: expect.stringContaining('unpaired bracket') },
  ]);
});

test('coverage --format ndjson: the exit status is that of the other formats', () => {
  expect(stream('i2c:lm75\n').status).toBe(0);
  expect(stream('i2c:tmp\n').status).toBe(1);
  expect(stream('i2c:tmp\n', '--fail-on', 'generic').status).toBe(0);
  expect(stream('i2c:x\n', '--fail-on', 'unserved').status).toBe(1);
  expect(stream('').stdout).toBe('');
});

test('coverage --format ndjson: refuses a record of lspci -vmm, and answers a directory of inventories', () => {
  const record = stream('Slot:\t00:00.0\nClass:\t0600\n');
  expect(record).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('<stdin>:1: a record of lspci -vmm'),
  });
  const root = mkdtempSync(join(dir, 'fleet-'));
  writeFileSync(join(root, 'one'), 'Slot:\t00:19.0\nClass:\t0200\nVendor:\t8086\nDevice:\t10d3\n');
  const { stdout } = cli(['coverage', '--format', 'ndjson', '-d', root, ...kernels()]);
  expect(lines(stdout)).toMatchObject([{ modalias: 'pci:v00008086d000010D3sv*sd*bc02sc00i*' }]);
});

test('coverage --key: objects come out as they came, with their answers', () => {
  const objects = [
    `{"host":"a","n":1e400,"big":12345678901234567890,"modalias":"${NIC}"}`,
    '{ "modalias": "i2c:lm75", "name": "\u00e9" }',
    '{"modalias":"i2c:lm75","answers":["of an earlier run"]}',
  ].map((text) => Buffer.from(text).toString('latin1'));
  const { stdout, stderr } = stream(`${objects.join('\n')}\n`, '--key', 'modalias');
  const served = JSON.stringify([module('lm75'), module('lm75')]);
  expect([stdout, stderr]).toEqual([
    `${objects[0]!.slice(0, -1)},"answers":${JSON.stringify([module('e1000e'), NONE])}}\n` +
      `${objects[1]!.slice(0, -1)},"answers":${served}}\n{"modalias":"i2c:lm75","answers":${served}}\n`,
    '',
  ]);
});

test('coverage --key: a modalias is text, also where it is added and of an earlier run', () => {
  put('utf8.alias', 'alias platform:caf\xc3\xa9 coffee\n');
  const run = (input: string) =>
    cli(['coverage', '--format', 'ndjson', '-d', '-', '-m', `k=${join(dir, 'utf8.alias')}`, '--key', 'm'], { input });
  const { stdout, stderr } = run(Buffer.from('{"m":"platform:caf\u00e9"}\n').toString('latin1'));
  const answer = { m: 'platform:caf\u00e9', modalias: 'platform:caf\u00e9', answers: [module('coffee')] };
  const read = (text: string) => JSON.parse(Buffer.from(text, 'latin1').toString());
  expect([read(stdout), stderr]).toEqual([answer, '']);
  expect(read(run(stdout).stdout)).toEqual(answer);
});

test('coverage --format ndjson: lines that cannot be read are counted by their causes', () => {
  const { stderr } = stream('{"modalias":7}\n{\n{"modalias":8}\n[\n{"modalias":9}\n', '--key', 'modalias');
  expect(stderr.trimEnd().split('\n')).toEqual([
    "modalias: warning: <stdin>:1: expected a modalias as 'modalias'; found 7 (nor do 2 others)",
    expect.stringMatching(/^modalias: warning: <stdin>:2: expected a JSON object; .* \(nor does 1 other\)$/),
  ]);
});

test.each([
  ['{"modalias":7}', "expected a modalias as 'modalias'; found 7"],
  ['{"other":"x"}', "expected a modalias as 'modalias'; found none"],
  ['"i2c:lm75"', "expected a modalias as 'modalias'; found none"],
  ['{"modalias":["i2c:a","i2c:b"]}', "expected one modalias as 'modalias'"],
  ['{"modalias":"i2c:lm75"', 'expected a JSON object'],
  ['{"__proto__":{"modalias":"i2c:lm75"}}', 'found none'],
])('coverage --key: %s has no answer, and says why', (object, problem) => {
  const { status, stdout, stderr } = stream(`${object}\n`, '--key', 'modalias');
  expect([status, lines(stdout)]).toEqual([0, [{ text: object, problem: expect.stringContaining(problem) }]]);
  expect(stderr).toContain(problem);
});

/** Lines of every kind, with repeats, some damaged. */
function mixedLines(count: number): string {
  const random = new Random(3);
  const kinds = [
    NIC,
    '00:02.0 0300: 8086:9bc5',
    'Bus 001 Device 002: ID 8087:0024 Intel',
    'i2c:lm75',
    'web1 i2c:tmp',
    '  3 i2c:tmp',
    '',
    'E: A=b',
    'odd \xff\xe9',
    'pci:[',
    'dmi:bvnA B:',
  ];
  return Array.from({ length: count }, () => {
    const line = random.pick(kinds);
    return random.oneIn(4) ? line.replace(/\d/, String(random.below(10))) : line;
  }).join('\n');
}

test.skipIf(!has('parallel'))(
  'coverage --format ndjson: split over processes by GNU parallel and joined, it is the same bytes',
  () => {
    const file = put('all', `${mixedLines(20_000)}\n`);
    const whole = cliProcess(['coverage', '--format', 'ndjson', '-d', file, ...kernels(), '--fail-on', 'none']);
    const command = [
      process.execPath,
      resolve('dist/start.cjs'),
      'coverage',
      '--format',
      'ndjson',
      '-d',
      '-',
      ...kernels(),
      '--fail-on',
      'none',
    ];
    const split = spawnSync('parallel', ['--will-cite', '--pipe', '-k', '--block', '200k', '-j', '3', ...command], {
      input: readFileSync(file),
      encoding: 'latin1',
      maxBuffer: 1 << 28,
      env: { ...process.env, PARALLEL_HOME: dir },
    });
    expect([split.status, whole.status]).toEqual([0, 0]);
    // Each process that finds unread lines says so: it was more than one.
    expect(split.stderr.match(/does not identify a device/g)!.length).toBeGreaterThan(1);
    expect(whole.stdout.split('\n').length).toBeGreaterThan(15_000);
    expect(split.stdout === whole.stdout).toBe(true);
  },
);

test('coverage: the commands of docs/coverage.md answer what it shows', () => {
  const [block] = /(?<=```console\n)[\s\S]*?(?=```)/.exec(readFileSync('docs/coverage.md', 'utf8'))!;
  const command = block.split('\n')[0]!.slice(2);
  const modalias = `'${process.execPath}' '${resolve('dist/start.cjs')}'`;
  const { stdout, stderr } = spawnSync('sh', ['-c', command.replace('modalias', modalias)], {
    cwd: dir,
    encoding: 'utf8',
  });
  expect(`$ ${command}\n${stdout}${stderr}`).toBe(block);
});
