import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { today } from '../../src/commands/report-options.ts';
import { REPORT_FORMATS } from '../../src/report/formats/formats.ts';
import { cli, cliProcess } from '../support/cli.ts';
import { modulesTree, removeTree } from '../support/modules-tree.ts';
import { pciModule } from '../support/pci-module.ts';

/** Two kernels as text, and a modules directory without its lists. */
let dir: string;
let tree: string;
beforeAll(() => {
  tree = modulesTree({ 'kernel/a.ko': pciModule([[1, 2]]) });
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'reports-'));
  writeFileSync(join(dir, 'old.alias'), 'alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e\nalias usb:v0001p*d* one\n');
  writeFileSync(join(dir, 'new.alias'), 'alias i2c:hwmon hwmon\nalias usb:v0001p*d* one\n');
  return () => rmSync(dir, { recursive: true });
});
afterAll(() => removeTree(tree));

const file = (name: string) => join(dir, name);
const read = (name: string) => readFileSync(file(name), 'utf8');
const diff = (...args: string[]) => cli(['diff', file('old.alias'), file('new.alias'), ...args]);
const same = (...args: string[]) => cli(['diff', file('old.alias'), file('old.alias'), ...args]);
/** In the folder, as SARIF needs it. */
const inFolder = (...args: string[]) => cliProcess(['diff', ...args], { cwd: dir });
const verify = (...args: string[]) => cli(['verify', tree, '--depmod-config', 'none', ...args]);

/** What each format begins with. */
const BEGINNINGS = {
  text: 'old.alias -> new.alias\n',
  json: '{"version":1,',
  markdown: '## modalias diff: old.alias -&#62; new.alias\n',
  html: '<!doctype html>\n',
  junit: '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ',
  sarif: '{"$schema":',
  github: '::error file=new.alias,title=modalias diff%3A lost::',
} as const satisfies Record<keyof typeof REPORT_FORMATS, string>;

describe('--format', () => {
  test.each(Object.entries(BEGINNINGS))(
    'diff --format %s: writes it, with the same exit status',
    (format, beginning) => {
      const { status, stdout, stderr } = inFolder('old.alias', 'new.alias', '--format', format);
      expect([status, stderr]).toEqual([1, '']);
      expect(stdout.startsWith(beginning)).toBe(true);
      expect(stdout.endsWith('\n')).toBe(true);
      const equal = inFolder('old.alias', 'old.alias', '--format', format);
      expect([equal.status, equal.stderr]).toEqual([0, '']);
    },
  );

  test.each(Object.keys(REPORT_FORMATS).filter((format) => format !== 'sarif'))(
    'verify --format %s: names rule and file',
    (format) => {
      const { status, stdout } = verify('--format', format);
      expect(status).toBe(1);
      expect(stdout).toContain('missing-list');
      expect(stdout.replaceAll('&#x2f;', '/')).toContain('modules.order');
    },
  );

  test('--json is --format json, and not both', () => {
    expect(diff('--json').stdout).toBe(diff('--format', 'json').stdout);
    expect(diff('--json', '--format', 'text')).toMatchObject({ status: 2, stdout: '' });
  });

  test('--format sarif: exits 2 with the reason where the files are none of the repository', () => {
    const run = verify('--format', 'sarif', '-o', file('out'));
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toContain('a SARIF log can only point to files of the repository');
    expect(existsSync(file('out'))).toBe(false);
  });

  test('--format github: the summary of the step gets the Markdown, after what it has', () => {
    writeFileSync(file('summary'), 'before\n');
    cli(['diff', file('old.alias'), file('new.alias'), '--format', 'github'], {
      env: { GITHUB_STEP_SUMMARY: file('summary') },
    });
    expect(read('summary')).toBe(`before\n${diff('--format', 'markdown').stdout}`);
  });
});

describe('--output', () => {
  test('-o: writes the report to the file, whole, and nothing else to the folder', () => {
    const before = readdirSync(dir);
    expect(diff('--format', 'markdown', '-o', file('report.md'))).toMatchObject({ status: 1, stdout: '', stderr: '' });
    expect(read('report.md')).toBe(diff('--format', 'markdown').stdout);
    expect(readdirSync(dir).sort()).toEqual([...before, 'report.md'].sort());
    expect(diff('--json', '-o', '-').stdout).toBe(diff('--json').stdout);
  });

  test('-o: a file that cannot be written gives status 2, one that is there stays as it is after an error', () => {
    expect(diff('-o', file('no/such/folder'))).toMatchObject({ status: 2, stdout: '' });
    writeFileSync(file('report'), 'old');
    expect(cli(['diff', file('old.alias'), file('gone.alias'), '-o', file('report')]).status).toBe(2);
    expect(read('report')).toBe('old');
  });

  test('-o, --write-baseline: never replace what was read, under another name neither', () => {
    writeFileSync(file('b.json'), '{"version":1,"accepted":[]}');
    writeFileSync(file('keys'), 'pci:v00008086d000010D3sv00000000sd00000000bc02sc00i00\n');
    symlinkSync('old.alias', file('link'));
    const before = ['old.alias', 'b.json', 'keys'].map(read);
    for (const [option, path] of [
      ['-o', 'old.alias'],
      ['-o', 'link'],
      ['--write-baseline', 'new.alias'],
      ['-o', 'b.json'],
      ['-o', 'keys'],
    ] as const) {
      const run = diff('--baseline', file('b.json'), '--devices', file('keys'), option, file(path));
      expect(run).toMatchObject({ status: 2, stdout: '' });
      expect(run.stderr).toContain(`${path}: is an input and would be overwritten`);
    }
    expect(['old.alias', 'b.json', 'keys'].map(read)).toEqual(before);
    expect(diff('--baseline', file('b.json'), '--write-baseline', file('b.json')).status).toBe(0);
  });
});

describe('--baseline', () => {
  /** Writes the baseline of a run, with reasons. */
  const fillIn = (name: string) => writeFileSync(file(name), read(name).replaceAll('"reason":""', '"reason":"known"'));

  test('diff --write-baseline: what it wrote, with reasons, accepts all that there is', () => {
    expect(diff('--write-baseline', file('b.json')).status).toBe(0);
    expect(diff('--baseline', file('b.json'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('/accepted/0/reason'),
    });
    fillIn('b.json');
    const run = diff('--baseline', file('b.json'), '--json');
    expect(run.status).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      changes: [],
      findings: [],
      accepted: [
        { class: 'lost', bus: 'pci', reason: 'known', until: null },
        { class: 'gained', bus: 'i2c', reason: 'known', until: null },
      ],
      summary: { classes: {} },
    });
    expect(diff('--baseline', file('b.json')).stdout).toContain('\naccepted by the baseline: 2 changes\n');
    expect(diff('--baseline', file('b.json'), '--bus', 'usb').status).toBe(0);
  });

  test('verify --write-baseline: the same for findings', () => {
    expect(verify('--write-baseline', file('b.json')).status).toBe(0);
    fillIn('b.json');
    const run = verify('--baseline', file('b.json'), '--json');
    expect(run.status).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      findings: [],
      accepted: expect.arrayContaining([expect.objectContaining({ rule: 'missing-list', reason: 'known' })]),
      summary: { severities: { error: 0, warning: 0 } },
    });
    expect(verify('--baseline', file('b.json')).stdout).toMatch(
      /no findings\n\naccepted by the baseline: \d+ findings?\n$/,
    );
  });

  test('an entry that has expired is a finding, and what it accepted counts again', () => {
    const entry = { match: { class: 'lost', module: 'e1000e' }, reason: 'moved to extra', until: '2026-12-31' };
    writeFileSync(file('b.json'), JSON.stringify({ version: 1, accepted: [entry] }));
    const at = (...args: string[]) => diff('--fail-on', 'lost', '--baseline', file('b.json'), ...args);
    expect(at('--today', '2026-12-31').status).toBe(0);
    const late = at('--today', '2027-01-01');
    expect(late.status).toBe(1);
    expect(late.stdout).toContain('warning: expired-acceptance: e1000e: /accepted/0: ');
  });

  test('an entry that accepts nothing is a finding of its own: status 1 if that is all', () => {
    writeFileSync(
      file('b.json'),
      JSON.stringify({ version: 1, accepted: [{ match: { class: 'lost' }, reason: 'r' }] }),
    );
    const unused = (...args: string[]) => same('--baseline', file('b.json'), ...args);
    expect(unused()).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('warning: unused-acceptance: /accepted/0: class lost'),
    });
    expect(unused('--fail-on', 'lost').status).toBe(0);
    expect(verify('--fail-on', 'error', '--baseline', file('b.json')).stdout).not.toContain('unused-acceptance');
  });

  test('verify and lint: take the rules of each other in one baseline, and refuse what is a rule of neither', () => {
    const write = (...rules: readonly string[]) =>
      writeFileSync(
        file('b.json'),
        JSON.stringify({ version: 1, accepted: rules.map((rule) => ({ match: { rule }, reason: 'r' })) }),
      );
    const runs = [
      ['verify', tree, '--depmod-config', 'none'],
      ['lint', tree],
    ].map((args) => () => {
      const { status, stdout, stderr } = cli([...args, '--fail-on', 'error', '--baseline', file('b.json')]);
      return { status, own: stdout.match(/unused-acceptance/g), stderr };
    });
    write('unused-suppression', 'shared-alias', 'of-only', 'missing-list');
    for (const run of runs) expect(run()).toMatchObject({ status: 0, stderr: '' });
    expect(runs[0]!().own).toHaveLength(1);
    write('of-onyl');
    for (const run of runs) {
      const { status, stderr } = run();
      expect(status).toBe(2);
      expect(stderr).toContain(`found "of-onyl", expected a rule`);
      expect(stderr).toContain("; did you mean 'of-only'?");
    }
  });

  test('--write-baseline -: prints the baseline in the place of the report', () => {
    const { stdout } = diff('--write-baseline', '-');
    expect(JSON.parse(stdout).accepted).toHaveLength(2);
    expect(diff('--write-baseline', '-', '-o', file('report')).stdout).toBe(stdout);
    expect(read('report')).toBe(diff().stdout);
  });

  test('--write-baseline and -o: both files are written or neither', () => {
    expect(diff('--write-baseline', file('b.json'), '-o', file('no/such/folder')).status).toBe(2);
    expect(existsSync(file('b.json'))).toBe(false);
  });

  test('--write-baseline and -o: refuses one file for both', () => {
    const { status, stderr } = diff('--write-baseline', file('one'), '-o', `${dir}/./one`);
    expect([status, existsSync(file('one'))]).toEqual([2, false]);
    expect(stderr).toContain('--output and --write-baseline name the same file');
  });

  test('--write-baseline with --baseline keeps the reasons, leaves out what is unused, and adds what is new', () => {
    const accepted = [
      { match: { module: 'e1000e' }, reason: 'known', until: '2999-01-01' },
      { match: { module: 'none' }, reason: 'old' },
    ];
    writeFileSync(file('b.json'), JSON.stringify({ version: 1, accepted }));
    expect(diff('--baseline', file('b.json'), '--write-baseline', file('b.json')).status).toBe(0);
    expect(JSON.parse(read('b.json')).accepted).toEqual([
      accepted[0],
      { match: { class: 'gained', pattern: 'i2c:hwmon', module: 'hwmon' }, reason: '' },
    ]);
  });
});

describe('today', () => {
  test('is --today, else the day of SOURCE_DATE_EPOCH, else of the clock', () => {
    expect(today({ today: '2027-01-31' }, { SOURCE_DATE_EPOCH: '0' })).toBe('2027-01-31');
    expect(today({ baseline: 'b' }, { SOURCE_DATE_EPOCH: '86400' })).toBe('1970-01-02');
    expect(today({}, { SOURCE_DATE_EPOCH: 'spoiled' })).toBe(new Date().toISOString().slice(0, 10));
    expect(today({}, {})).toBe(new Date().toISOString().slice(0, 10));
  });

  test.each([
    [{ today: '2027-02-30' }, {}],
    [{ today: 'tomorrow' }, {}],
    [{ baseline: 'b' }, { SOURCE_DATE_EPOCH: 'now' }],
    [{ baseline: 'b' }, { SOURCE_DATE_EPOCH: '999999999999' }],
  ])('refuses what is no day: %j %j', (args, environment) => {
    expect(() => today(args, environment)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
