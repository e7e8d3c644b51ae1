import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FINDING_RULES } from '../../src/model/findings/rules.ts';
import { cli } from '../support/cli.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'model-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text, 'latin1');
  return path;
}

const MACHINE = ['--machine', 'two-like-nics'];
const DRIVER = '/sys/bus/pci/devices/$1/driver';

test('model check: a script with arguments is unsafe, with findings first, each with its line', () => {
  const script = file(
    'unsafe.sh',
    `#!/bin/sh\nmodprobe vfio-pci\necho $1 > ${DRIVER}/unbind\necho vfio-pci > /sys/bus/pci/devices/$1/driver_override\necho $1 > /sys/bus/pci/drivers_probe\n`,
  );
  const { status, stdout } = cli(['model', 'check', script, '--args', '0000:01:00.0', ...MACHINE, '--json']);
  expect(status).toBe(1);
  const { verdict, findings, violations, unread } = JSON.parse(stdout);
  expect(verdict).toBe('unsafe');
  expect(findings.map(({ rule, line, file }: Record<string, unknown>) => [rule, line, file])).toEqual([
    ['unbind-before-override', 3, script],
    ['result-not-read', 5, script],
    ['probe-instead-of-bind', 5, script],
  ]);
  expect(violations.map(({ property }: { property: string }) => property)).toContain('success-is-true');
  expect(unread).toEqual([]);
});

test('model check: what is not understood is named with its line, and the verdict is unknown', () => {
  const script = file('unread.sh', 'true\nvirsh nodedev-detach "$DEVICE"\n');
  const { status, stdout } = cli(['model', 'check', script, ...MACHINE]);
  expect(status).toBe(2);
  expect(stdout).toContain(`not certain: ${script}:2: `);
  expect(stdout).toMatch(/virsh nodedev-detach[\s\S]*unknown/);
});

test('model check: variables of --env are in the environment of the script', () => {
  const script = file('env.sh', 'echo vfio-pci > /sys/bus/pci/devices/$DEVICE/driver_override\n');
  const bare = cli(['model', 'check', script, ...MACHINE]);
  expect(bare.status).toBe(2);
  const { status, stdout } = cli(['model', 'check', script, ...MACHINE, '--env', 'DEVICE=0000:01:00.0']);
  expect(stdout).not.toContain('not certain');
  expect(status).toBeLessThan(2);
  expect(cli(['model', 'check', script, ...MACHINE, '--env', 'DEVICE']).stderr).toContain(
    "found 'DEVICE', expected NAME=VALUE",
  );
});

test.each([
  ['damaged.sh', 'if true; then\n', 'does not parse'],
  ['nul.sh', 'echo \0', 'found a NUL character'],
  ['empty.sh', '\n', 'expected a script or a recipe'],
])('model check: %s is an error with its place', (name, text, message) => {
  const path = file(name, text);
  const { status, stderr } = cli(['model', 'check', path, ...MACHINE]);
  expect(status).toBe(2);
  expect(stderr).toContain(path);
  expect(stderr).toContain(message);
});

test('model check --explain: prints each rule with both examples, and offers the nearest for another word', () => {
  for (const [name, { what, why, fix }] of Object.entries(FINDING_RULES).slice(0, 2)) {
    const { status, stdout } = cli(['model', 'check', '--explain', name]);
    expect(status).toBe(0);
    const prose = stdout.replaceAll('\n', ' ');
    for (const part of [what, why, `Fix: ${fix}`, 'Fires (on ', 'Does not fire (on ']) expect(prose).toContain(part);
    expect(stdout.split('\n').filter((line) => line.length > 80 && /^\S+ /.test(line))).toEqual([]);
  }
  const { status, stderr } = cli(['model', 'check', '--explain', 'new-id-twise']);
  expect(status).toBe(2);
  expect(stderr).toContain('new-id-twice');
});

test.each([[['model', 'check']], [['model', 'check', 'x.sh']], [['model', 'check', ...MACHINE]]])(
  'model check: %j expects a script and a machine',
  (args) => {
    const { status, stderr } = cli(args);
    expect(status).toBe(2);
    expect(stderr).toContain('expected SCRIPT and --machine, or --explain RULE');
  },
);

test('model run: expects a machine', () => {
  const { status, stderr } = cli(['model', 'run', file('x.sh', 'true\n')]);
  expect(status).toBe(2);
  expect(stderr).toContain('machine');
});
