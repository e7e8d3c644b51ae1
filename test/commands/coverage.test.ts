import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { modulesTree, removeTree } from '../support/modules-tree.ts';

const NIC = 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00';
const GPU = 'pci:v000010DEd00002704sv00001043sd000088B6bc03sc00i00';
const MOUSE = 'hid:b0003g0001v0000046Dp0000C52B';
const OLD = [
  'alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e',
  'alias hid:b*g*v*p* hid_generic',
  'alias hid:b0003g*v0000046Dp0000C52B hid_logitech',
  'alias pci:v000010DEd*sv*sd*bc03sc*i* nouveau',
];
const NEW = [OLD[1], OLD[3], 'alias i2c:hwmon hwmon'];
let dir: string;
const file = (name: string) => join(dir, name);
const put = (name: string, lines: readonly unknown[]) => {
  mkdirSync(join(file(name), '..'), { recursive: true });
  writeFileSync(file(name), `${lines.join('\n')}\n`, 'latin1');
  return file(name);
};
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'coverage-'));
  put('old.alias', OLD);
  put('new.alias', NEW);
  put('machines/one.txt', [NIC, MOUSE, GPU, GPU]);
  put('machines/two.txt', [GPU, 'i2c:hwmon']);
  put('one.txt', [NIC]);
});
afterAll(() => rmSync(dir, { recursive: true }));

const kernels = () => ['-m', `old=${file('old.alias')}`, '-m', `new=${file('new.alias')}`];
const coverage = (...args: string[]) => cli(['coverage', ...kernels(), ...args]);
const fleet = (...args: string[]) => coverage('-d', file('machines'), ...args);

test('coverage --json: is one document of version 1: kernels, devices with an answer of each, and what changes', () => {
  const { status, stdout, stderr } = fleet('--json');
  expect([status, stderr]).toEqual([1, '']);
  const none = { state: 'none', modules: [], package: null };
  const serves = (state: string, ...modules: string[]) => ({ state, modules, package: null });
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    kernels: [
      { name: 'old', inputs: [file('old.alias')], release: null, builtin: 'nothing' },
      { name: 'new', inputs: [file('new.alias')] },
    ],
    devices: [
      {
        modalias: MOUSE,
        machines: 1,
        answers: [serves('module', 'hid_generic', 'hid_logitech'), serves('generic', 'hid_generic')],
        changes: [{ class: 'generic', from: 'old', to: 'new' }],
      },
      {
        modalias: 'i2c:hwmon',
        machines: 1,
        answers: [none, serves('module', 'hwmon')],
        changes: [{ class: 'gained' }],
      },
      { modalias: GPU, machines: 2, answers: [serves('module', 'nouveau'), serves('module', 'nouveau')], changes: [] },
      { modalias: NIC, machines: 1, answers: [serves('module', 'e1000e'), none], changes: [{ class: 'lost' }] },
    ],
    summary: {
      devices: 4,
      machines: 2,
      states: [
        { module: 3, none: 1 },
        { module: 2, generic: 1, none: 1 },
      ],
      steps: [
        {
          from: 'old',
          to: 'new',
          classes: { lost: { devices: 1, machines: 1 }, generic: { devices: 1, machines: 1 } },
        },
      ],
      losing: [{ name: file('machines/one.txt'), lost: 1, generic: 1 }],
    },
  });
});

test('coverage: tells counts, steps and machines first, then the devices that lose something, in 80 columns', () => {
  const { stdout } = fleet();
  expect(stdout).toMatch(
    /^old -> new: 4 devices of 2 machines\n\n +old +new\nmodule +3 +2\ngeneric +- +1\nnone +1 +1\n/,
  );
  expect(stdout).toContain('old -> new\n  lost (1) on 1 machine: no module serves them any more\n');
  expect(stdout).toMatch(/machines that lose a device or its own driver \(1\):\s+\S*one\.txt \(1 lost,\s1\s+generic\)/);
  expect(stdout).toMatch(new RegExp(`lost \\(1\\): .*\\n {2}${NIC} \\(1\\)\\n(?: {6}.*\\n)? {6}e1000e -> none\\n`));
  expect(stdout).toContain('hid_generic, hid_logitech -> hid_generic (generic)\n');
  expect(stdout).not.toContain('nouveau');
  expect(fleet('--all').stdout).toContain('nouveau -> nouveau');
  expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes(dir))).toEqual([]);
});

test('coverage --fail-on: only the classes named give exit status 1', () => {
  expect(fleet('--fail-on', 'moved,dropped').status).toBe(0);
  expect(fleet('--fail-on', 'lost').status).toBe(1);
  expect(fleet('--fail-on', 'generic').status).toBe(1);
  expect(fleet('--fail-on', 'none').status).toBe(0);
  expect(coverage('-d', put('gpu', [GPU])).status).toBe(0);
  expect(coverage('-d', put('odd', ['i2c:odd']), '--fail-on', 'unserved').status).toBe(1);
  const wrong = fleet('--fail-on', 'lots');
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining("did you mean 'lost'?")]);
});

test('coverage -m: inputs of one name are laid over each other, in the order of the names; other names are other kernels', () => {
  const extra = put('extra.alias', [OLD[0]]);
  const { status, stdout } = coverage('-m', `new=${extra}`, '-d', file('one.txt'), '--json');
  expect([
    status,
    JSON.parse(stdout).kernels.map(({ name, inputs }: { name: string; inputs: string[] }) => [name, inputs.length]),
  ]).toEqual([
    0,
    [
      ['old', 1],
      ['new', 2],
    ],
  ]);
});

test.each([
  [['-m', 'new'], "found 'new', expected NAME=KERNEL"],
  [['-m', '/a=b'], "found '/a=b', expected NAME=KERNEL"],
  [['-m', 'x='], "found 'x=', expected NAME=KERNEL"],
  [['-m', 'a\nb=x'], 'expected NAME=KERNEL'],
  [['-m', '=x'], "found '=x', expected NAME=KERNEL"],
  [['-m', 'x=/nowhere'], '/nowhere: '],
  [['--release', 'nwe=6.1'], "found 'nwe', expected old, new; did you mean 'new'?"],
  [['-d', ''], '--devices is given without a value'],
  [['-d', '/nowhere'], '/nowhere: cannot read'],
  [['--machine-key', 'host'], 'name the member with the modalias by --key'],
  [['--format', 'sarif'], 'no file that a SARIF log could point to'],
  [['--format', 'ndjson', '-o', 'x'], '--output is for the other formats'],
  [['--only', 'gone'], "--only: found 'gone'"],
  [['--format', 'ndjson', '--baseline', 'x'], '--baseline is for the other formats'],
  [['--format', 'ndjson', '--write-baseline', 'x'], '--write-baseline is for the other formats'],
  [['--baseline', '/nowhere'], '/nowhere: cannot read'],
  [['--today', 'now'], "--today: found 'now'"],
])('coverage %j: is refused in one line', (args, message) => {
  const { status, stdout, stderr } = fleet(...args);
  expect([status, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
  expect(stderr).toContain(message);
});

test('coverage -m: a path may contain =, and a directory tells what is built in', () => {
  const tree = modulesTree({
    'modules.alias': `${OLD[3]}\n`,
    'modules.dep': 'kernel/nouveau.ko:\n',
    'modules.builtin': 'kernel/e1000e.ko\n',
    'modules.builtin.modinfo': '',
  });
  const named = `${tree}=x`;
  mkdirSync(named);
  writeFileSync(join(named, 'modules.alias'), `${OLD[3]}\n`);
  const one = ['-d', file('one.txt'), '--json'];
  const { stdout, status } = coverage('-m', `built=${tree}`, '-m', `odd=${named}`, ...one);
  expect(status).toBe(1);
  const [device] = JSON.parse(stdout).devices;
  expect(device.answers.slice(2)).toEqual([
    { state: 'unknown', modules: [], package: null, mayBeBuiltin: ['e1000e'] },
    { state: 'none', modules: [], package: null },
  ]);
  expect(JSON.parse(stdout).kernels[2]).toMatchObject({ release: '6.1', builtin: 'names' });
  removeTree(tree);
});

test('coverage: what an inventory lacks makes the answer unknown or dependent, never none', () => {
  const oem = put('oem.alias', [
    'alias pci:v00008086d000010D3sv00001028sd*bc*sc*i* oem',
    OLD[3],
    'alias usb:v*p*d*dc*dsc*dp*ic03isc*ip*in* usbhid',
  ]);
  const devices = put('ids', [
    '00:19.0 0200: 8086:10d3',
    '01:00.0 0300: 10de:2704',
    'Bus 001 Device 002: ID 8087:0024 Intel Corp.',
    '02:00.0 0200: 1234:5678',
  ]);
  const run = (...args: string[]) => cli(['coverage', '-m', `oem=${oem}`, '-d', devices, ...args]);
  const answers = JSON.parse(run('--json').stdout).devices.map(
    ({ unknown, answers }: { unknown: string[]; answers: object[] }) => [unknown.join(' '), answers[0]],
  );
  expect(answers).toEqual([
    ['sv sd i', { state: 'module', modules: ['nouveau'], package: null }],
    ['sv sd i', { state: 'none', modules: [], package: null }],
    ['sv sd i', { state: 'unknown', modules: [], package: null, depends: ['oem'] }],
    ['d dc dsc dp ic isc ip in', { state: 'unknown', modules: [], package: null, depends: ['usbhid'] }],
  ]);
  expect(run().stdout).toContain('unknown (oem) without sv, sd, i\n');
});

test('coverage: a modalias that no device prints is unknown, and it says why', () => {
  const devices = put('miswritten', [NIC, 'serio:ty6pr00id00ex00', 'pci:v']);
  const { status, stdout } = coverage('-d', devices, '--fail-on', 'unserved');
  expect(status).toBe(1);
  expect(stdout).toContain(`miswritten (2): their modaliases are not what devices print
  pci:v
      unknown -> unknown
      is truncated or miswritten; vendor (v) has no value,`);
  const { devices: found } = JSON.parse(coverage('-d', devices, '--json').stdout);
  expect(found.map(({ problem, answers }: Found) => [problem ?? '', ...answers.map(({ state }) => state)])).toEqual([
    [expect.stringContaining('vendor (v) has no value'), 'unknown', 'unknown'],
    ['', 'module', 'none'],
    [expect.stringContaining("type (ty) is '6'"), 'unknown', 'unknown'],
  ]);
  expect(coverage('-d', devices, '--format', 'html').stdout).toContain("type (ty) is '6'");
});

interface Found {
  readonly problem?: string;
  readonly answers: readonly { readonly state: string }[];
}

test('coverage --baseline: accepts changes by class, modalias and modules; what is left over or expired is a finding', () => {
  const [baseline, today] = [file('accepted.json'), ['--today', '2027-01-01']];
  expect(fleet('--write-baseline', baseline)).toMatchObject({ status: 0 });
  const { accepted } = JSON.parse(readFileSync(baseline, 'utf8'));
  const entries = [
    { match: { class: 'generic', pattern: MOUSE, module: 'hid_generic hid_logitech' }, reason: '' },
    { match: { class: 'gained', pattern: 'i2c:hwmon' }, reason: '' },
    { match: { class: 'lost', pattern: NIC, module: 'e1000e' }, reason: '' },
  ];
  expect(accepted).toEqual(entries);
  const write = (...all: readonly object[]) =>
    writeFileSync(baseline, JSON.stringify({ version: 1, accepted: all.map((one) => ({ reason: 'known', ...one })) }));
  const matches = entries.map(({ match }) => ({ match }));
  write(...matches, { match: { rule: 'no-index' } }, { match: { class: 'narrowed' } });
  const all = fleet('--baseline', baseline, ...today);
  expect([all.status, all.stdout]).toEqual([0, expect.stringContaining('accepted by the baseline: 3 changes')]);
  expect(all.stdout).toContain('nothing changes');
  for (const format of ['markdown', 'junit', 'github', 'html', 'json'])
    expect([format, fleet('--baseline', baseline, ...today, '--format', format).status]).toEqual([format, 0]);
  write(...matches.slice(0, 2), { ...matches[2], until: '2026-12-31' }, { match: { class: 'lost', pattern: 'x' } });
  const some = fleet('--baseline', baseline, ...today, '--json');
  expect(some.status).toBe(1);
  expect(JSON.parse(some.stdout)).toMatchObject({
    summary: { steps: [{ classes: { lost: { devices: 1, machines: 1 } } }] },
    findings: [{ rule: 'expired-acceptance' }, { rule: 'unused-acceptance' }],
    accepted: [
      { class: 'generic', modalias: MOUSE, from: 'old', to: 'new', reason: 'known', until: null },
      { class: 'gained' },
    ],
  });
});

test('coverage --baseline: devices that --fail-on unserved finds can be accepted, too', () => {
  const args = ['-d', put('odd', ['i2c:odd']), '--fail-on', 'unserved'];
  const baseline = file('unserved.json');
  expect(coverage(...args, '--write-baseline', baseline).status).toBe(0);
  const match = { class: 'unserved', pattern: 'i2c:odd' };
  expect(JSON.parse(readFileSync(baseline, 'utf8')).accepted).toEqual([{ match, reason: '' }]);
  writeFileSync(baseline, JSON.stringify({ version: 1, accepted: [{ match, reason: 'never had one' }] }));
  expect(coverage(...args, '--baseline', baseline).status).toBe(0);
  expect(coverage(...args.slice(0, 2), '--baseline', baseline).status).toBe(0);
  expect(cli(['diff', file('old.alias'), file('old.alias'), '--baseline', baseline]).status).toBe(0);
});

test('coverage --format: every format has the change, html every device', () => {
  for (const format of ['markdown', 'junit', 'github', 'html', 'json', 'text']) {
    const { status, stdout } = fleet('--format', format, '-o', file(`out.${format}`));
    expect([format, status, stdout]).toEqual([format, 1, '']);
    expect(fleet('--format', format).stdout).toContain('e1000e');
  }
  expect(fleet('--format', 'html').stdout).toContain('"kept"');
  expect(fleet('--format', 'markdown').stdout).toContain(
    '4 devices, 2 machines, 1 of them with a device that loses its driver',
  );
});

test('coverage --release: a release for one kernel counts there, and one without a name for the others', () => {
  const modules = ['6.1', '6.12'].flatMap((release, i) => {
    put(`trees/${release}/modules.alias`, [OLD[0]]);
    put(`trees/${release}/modules.dep`, ['kernel/e1000e.ko:']);
    return ['-m', `${['a', 'b'][i]}=${file(`trees/${release}`)}`];
  });
  const run = (...args: string[]) => cli(['coverage', ...modules, '-d', file('one.txt'), ...args, '--json']);
  expect(run('--release', '6.12', '--release', 'a=6.1')).toMatchObject({ status: 0, stderr: '' });
  expect(run('--release', '6.12')).toMatchObject({ status: 2, stderr: expect.stringContaining('6.12') });
});
