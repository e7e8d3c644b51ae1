import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { modulesTree, removeTree } from '../support/modules-tree.ts';

const OLD = [
  'alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e',
  'alias pci:v00008086d000010D4sv*sd*bc*sc*i* e1000e',
  'alias pci:v00008086d000010D5sv*sd*bc*sc*i* e1000e',
  'alias usb:v0499p1000d*dc*dsc*dp*ic*isc*ip*in* snd_usb_audio',
  'alias crypto-drbg drbg',
];
const NEW = [OLD[0], OLD[2], 'alias usb:v0499p1000d*dc*dsc*dp*ic*isc*ip*in* midi', 'alias i2c:hwmon hwmon'];
let dir: string;

const file = (name: string) => join(dir, name);
const put = (name: string, lines: readonly unknown[]) => writeFileSync(file(name), `${lines.join('\n')}\n`);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'diff-'));
  put('old.alias', OLD);
  put('new.alias', NEW);
});
afterAll(() => rmSync(dir, { recursive: true }));

const diff = (...args: string[]) => cli(['diff', ...args]);
const both = (...args: string[]) => diff(...args, file('old.alias'), file('new.alias'));

test('diff: exits 0 without a difference, 1 with one, 2 without an answer', () => {
  expect(diff(file('old.alias'), file('old.alias'))).toMatchObject({ status: 0, stderr: '' });
  expect(both().status).toBe(1);
  const missing = diff(file('old.alias'), file('none.alias'));
  expect(missing.status).toBe(2);
  expect(missing.stderr).toContain('none.alias');
  expect(diff(file('old.alias'))).toMatchObject({ status: 2, stdout: '' });
  expect(both('--old', file('old.alias')).status).toBe(2);
});

test('diff: prints a summary by class and bus, then losses by module, in 80 columns', () => {
  const { stdout } = both();
  expect(stdout).toContain('                 all    i2c    pci  others  no bus\n');
  expect(stdout).toContain('lost               2      -      1       -       1\n');
  expect(stdout).toMatch(/^lost \(1\): no module serves them any more\n {2}e1000e \(1\)\n/m);
  expect(stdout).toContain('pci:v00008086d000010D4sv*sd*bc*sc*i*\n');
  expect(stdout).toContain('renamed: snd_usb_audio -> midi (1 pattern)\n');
  expect(stdout).toMatch(/^gained \(1\): .*\n {2}hwmon \(1\)\n/m);
  expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes(dir))).toEqual([]);
});

test('diff --json: is one document of version 1 with names, fingerprints and a summary', () => {
  const document = JSON.parse(both('--json').stdout);
  expect(document).toMatchObject({
    version: 1,
    old: { inputs: [file('old.alias')], release: null },
    renamed: [{ from: ['snd_usb_audio'], to: ['midi'], patterns: 1 }],
    changes: [
      {
        class: 'lost',
        bus: 'pci',
        old: ['e1000e'],
        new: [],
        by: [],
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
      {
        class: 'gained',
        bus: 'i2c',
        pattern: 'i2c:hwmon',
        example: 'i2c:hwmon',
        names: { vendor: null, device: null },
      },
    ],
    modules: { gone: ['drbg'], new: ['hwmon'] },
    other: [{ class: 'lost', bus: null, pattern: 'crypto_drbg' }],
    undecided: [],
    summary: { classes: { lost: 1, gained: 1 }, buses: { i2c: { gained: 1 }, pci: { lost: 1 } }, other: { lost: 1 } },
  });
});

test('diff --fail-on: only the classes named give exit status 1', () => {
  expect(both('--fail-on', 'moved,dropped').status).toBe(0);
  expect(both('--fail-on', 'moved', '--fail-on', 'lost').status).toBe(1);
  expect(both('--fail-on', 'none').status).toBe(0);
  const wrong = both('--fail-on', 'lots');
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining("did you mean 'lost'?")]);
});

test('diff --bus, --module, --only, --devices: keep what they name, and decide the exit status', () => {
  const patterns = (...args: string[]) => {
    const { changes, other } = JSON.parse(both('--json', ...args).stdout);
    return [...changes, ...other].map((change: { pattern: string }) => change.pattern);
  };
  expect(patterns('--bus', 'i2c')).toEqual(['i2c:hwmon']);
  expect(patterns('--module', 'drbg')).toEqual(['crypto_drbg']);
  put('dash.alias', ['alias i2c:x a_b']);
  expect(diff('--module', 'a-b', file('dash.alias'), file('old.alias')).status).toBe(1);
  expect(patterns('--only', 'gained')).toEqual(['i2c:hwmon']);
  put('devices', ['pci:v00008086d000010D4sv00008086sd00000000bc02sc00i00', 'i2c:other']);
  expect(patterns('--devices', file('devices'))).toEqual(['pci:v00008086d000010D4sv*sd*bc*sc*i*']);
  expect(both('--bus', 'usb').status).toBe(0);
  const stdin = cli(['diff', '--devices', '-', file('old.alias'), file('new.alias')], { input: 'i2c:hwmon\n' });
  expect([stdin.status, stdin.stdout.includes('hwmon (1)')]).toEqual([1, true]);
  expect(both('--only', 'gained').stdout).toMatch(/hwmon \(1\)\n {6}i2c:hwmon\n/);
});

test('diff --devices: reads lspci, says what depends on fields that it lacks, and refuses what names no device', () => {
  put('oem.alias', ['alias pci:v00008086d000010D3sv00001028sd*bc*sc*i* e1000e', 'alias i2c:hwmon hwmon']);
  put('none.alias', ['alias i2c:hwmon hwmon']);
  put('lspci', ['Slot:\t00:19.0', 'Class:\t0200', 'Vendor:\t8086', 'Device:\t10d3', 'ProgIf:\t00', '', 'what?']);
  const oem = (...args: string[]) => diff('--devices', file('lspci'), ...args, file('oem.alias'), file('none.alias'));
  const { status, stdout, stderr } = oem();
  expect([status, stderr]).toEqual([1, expect.stringContaining("lspci:7: 'what?' does not identify a device")]);
  expect(stdout).toContain('(depends on sv, sd)');
  expect(stdout).toContain('1 of these changes depend on fields that the inventory lacks: sv, sd\n');
  const modalias = 'pci:v00008086d000010D3sv*sd*bc02sc00i00';
  expect(JSON.parse(oem('--json').stdout).changes).toMatchObject([
    { devices: [], depends: [{ modalias, unknown: ['sv', 'sd'] }] },
  ]);
  put('empty', []);
  expect(diff('--devices', file('empty'), file('oem.alias'), file('none.alias'))).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('expected modaliases, lspci'),
  });
});

test('diff --old, --new: later inputs of a side replace the modules of earlier ones', () => {
  put('update.alias', [OLD[1]]);
  const laid = ['--old', file('old.alias'), '--old', file('update.alias'), '--new', file('update.alias')];
  const { changes } = JSON.parse(diff('--json', '--module', 'e1000e', ...laid).stdout);
  expect(changes).toEqual([]);
  const whole = JSON.parse(diff('--json', '--bus', 'usb', ...laid).stdout).changes;
  expect(whole).toMatchObject([{ class: 'lost', old: ['snd_usb_audio'] }]);
});

test('diff: reads JSON id tables, and says what is wrong with them', () => {
  const rows = [
    { vendor: '0x8086', device: '0x10d3' },
    { vendor: '0x8086', device: '0x10d5' },
  ];
  put('tables.json', [JSON.stringify({ module: 'e1000e', tables: [{ bus: 'pci', rows }] })]);
  expect(diff('--json', '--bus', 'pci', file('tables.json'), file('new.alias')).status).toBe(0);
  put('wrong.json', ['{ "module": 1 }']);
  expect(diff(file('wrong.json'), file('new.alias'))).toMatchObject({ status: 2, stdout: '' });
});

test('diff: says of what there is no difference', () => {
  const tree = (name: string, aliases: string) =>
    modulesTree({
      'modules.dep': `kernel/a.ko:\nkernel/${name}.ko:\n`,
      'modules.alias': aliases,
      'modules.builtin': '',
    });
  const [old, others, more] = [
    tree('b', 'alias i2c:a a\n'),
    tree('c', 'alias i2c:a a\n'),
    tree('b', 'alias i2c:b a\n'),
  ];
  put('all.json', [JSON.stringify({ version: 1, accepted: [{ match: { bus: 'i2c' }, reason: 'r' }] })]);
  const said = (...args: string[]) => diff(...args).stdout.match(/^no .*$/m)?.[0];
  expect(said(old, old)).toBe('no difference');
  expect(said(old, others)).toBe('no difference but in modules');
  expect(said(old, more)).toBeUndefined();
  expect(said(old, more, '--only', 'order')).toBe('no such difference');
  expect(said(old, more, '--baseline', file('all.json'))).toBe('no other difference');
  for (const one of [old, others, more]) removeTree(one);
});

test('diff: of directories, tells what became built in', () => {
  const builtin = 'rtc_cmos.alias=platform:rtc_cmos\0';
  const names = { 'modules.dep': 'kernel/e1000e.ko:\n', 'modules.builtin': '' };
  const old = modulesTree({ ...names, 'modules.alias': `${OLD[0]}\nalias platform:rtc_cmos rtc_cmos\n` });
  const now = modulesTree({ ...names, 'modules.alias': `${OLD[0]}\n`, 'modules.builtin.modinfo': builtin });
  const { status, stdout } = diff('--json', old, now);
  expect(status).toBe(1);
  expect(JSON.parse(stdout).changes).toMatchObject([{ class: 'builtin', old: ['rtc_cmos'], new: ['rtc_cmos'] }]);
  expect(JSON.parse(stdout).old.release).toBe('6.1');
  for (const tree of [old, now]) removeTree(tree);
});
