import { expect, test } from 'vitest';
import { unitsOf } from '../../../src/boot/units/order.ts';
import { readUnit } from '../../../src/boot/units/unit.ts';
import { memoryFiles } from '../memory-stage.ts';

const DIR = 'usr/lib/systemd/system';

test('readUnit runs ExecStartPre first, whatever the order of the file, and an empty value begins a list again', () => {
  const files = memoryFiles({
    [`${DIR}/a@.service`]: `[Unit]
After=x.service
After=
After=y.service z-%i.service
[Service]
ExecStart=-/bin/gone
ExecStart=
ExecStart=/bin/start %i \\
  %%n
ExecStartPost=/bin/post
ExecStartPre=+/bin/pre
`,
    'etc/systemd/system/a@.service.d/b.conf': '[Unit]\nWants=w.service\nDefaultDependencies=no\n',
    [`${DIR}/a@1.service.wants/v.service`]: '',
  });
  const unit = readUnit(files, 'a@1.service')!;
  expect(unit.after).toEqual(['y.service', 'z-1.service']);
  expect(unit.wants).toEqual(['w.service', 'v.service']);
  expect(unit.defaultDependencies).toBe(false);
  expect(unit.commands.map(({ command, line }) => `${line}: ${command.replace(/\s+/g, ' ')}`)).toEqual([
    '11: /bin/pre',
    '9: /bin/start 1 %n',
    '10: /bin/post',
  ]);
});

test('unitsOf orders units by After= and Before= of all that lie between', () => {
  const unit = (lines: string) => `[Unit]\nDefaultDependencies=no\n${lines}\n[Service]\nExecStart=/bin/true\n`;
  const files = memoryFiles({
    [`${DIR}/t.target`]: '[Unit]\nWants=a.service b.service c.service d.service\nDefaultDependencies=no\n',
    [`${DIR}/a.service`]: unit('Before=b.service'),
    [`${DIR}/b.service`]: unit(''),
    [`${DIR}/c.service`]: unit('After=b.service'),
    [`${DIR}/d.service`]: unit(''),
  });
  const { isAfter } = unitsOf(files, 't.target', []);
  const pairs = [
    ['b', 'a'],
    ['c', 'b'],
    ['c', 'a'],
    ['a', 'b'],
    ['a', 'c'],
    ['d', 'a'],
  ] as const;
  expect(pairs.map(([later, first]) => isAfter(`${later}.service`, `${first}.service`))).toEqual([
    ...[true, true, true],
    ...[false, false, false],
  ]);
});

test('readUnit takes 10,000 words of a list, and reads 1 MiB of a file', () => {
  const after = (text: string) => readUnit(memoryFiles({ [`${DIR}/a.service`]: text }), 'a.service')!.after;
  expect(after(`[Unit]\nAfter=${'x '.repeat(9999)}y z`).slice(9998)).toEqual(['x', 'y']);
  const unit = '[Unit]\nAfter=xy';
  expect(after(`#${'x'.repeat(1024 * 1024 - unit.length - 1)}\n${unit}`)).toEqual(['x']);
});

test('unitsOf adds the default order: services after the early targets, targets after what they want', () => {
  const none = 'DefaultDependencies=no\n';
  const files = memoryFiles({
    [`${DIR}/t.target`]: '[Unit]\nWants=a.service b.service early.service\n',
    [`${DIR}/free.target`]: `[Unit]\n${none}Wants=a.service\n`,
    [`${DIR}/sysinit.target`]: `[Unit]\n${none}`,
    [`${DIR}/basic.target`]: `[Unit]\n${none}`,
    [`${DIR}/a.service`]: '[Service]\nExecStart=/bin/true\n',
    [`${DIR}/b.service`]: '[Unit]\nWants=s.socket m.mount\n',
    [`${DIR}/early.service`]: `[Unit]\n${none}`,
    [`${DIR}/s.socket`]: '[Unit]\n',
    [`${DIR}/m.mount`]: '[Unit]\n',
  });
  const after = (target: string, later: string, first: string) => unitsOf(files, target, []).isAfter(later, first);
  expect(['sysinit', 'basic'].map((name) => after('t.target', 'a.service', `${name}.target`))).toEqual([true, true]);
  expect(['sysinit', 'basic'].map((name) => after('t.target', 's.socket', `${name}.target`))).toEqual([true, false]);
  for (const name of ['early.service', 'm.mount']) expect(after('t.target', name, 'sysinit.target')).toBe(false);
  expect([after('t.target', 't.target', 'a.service'), after('t.target', 't.target', 'early.service')]).toEqual([
    true,
    false,
  ]);
  expect(after('free.target', 'free.target', 'a.service')).toBe(false);
});

test('unitsOf starts what units want, and the early targets of those that have the default dependencies', () => {
  const files = memoryFiles({
    [`${DIR}/t.target`]: '[Unit]\nDefaultDependencies=no\nWants=a.service gone.service\n',
    [`${DIR}/sysinit.target`]: '[Unit]\nDefaultDependencies=no\n',
    [`${DIR}/a.service`]: '[Unit]\nRequires=c.service\n',
    [`${DIR}/c.service`]: '[Unit]\nDefaultDependencies=no\n',
    [`${DIR}/other.service`]: '[Unit]\nDefaultDependencies=no\n',
  });
  const names = (besides: readonly string[]) =>
    unitsOf(files, 't.target', besides)
      .units.map(({ name }) => name)
      .sort();
  expect(names([])).toEqual(['a.service', 'c.service', 'sysinit.target', 't.target']);
  expect(names(['other.service'])).toContain('other.service');
  const { has } = unitsOf(files, 'c.service', []);
  expect([has('c.service'), has('sysinit.target')]).toEqual([true, false]);
});
