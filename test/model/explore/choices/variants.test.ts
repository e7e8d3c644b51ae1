import { expect, test } from 'vitest';
import { checkVariants } from '../../../../src/model/explore/choices/variants.ts';
import { shellProgram } from '../../../../src/model/script/shell-program.ts';
import { udevRules } from '../../../../src/model/script/udev-rules.ts';
import { twoLikeNics } from '../../script/machine.ts';

const PCI = '/sys/bus/pci';
const UNBIND = `echo 0000:01:00.0 > ${PCI}/drivers/e1000e/unbind`;
const LEFT = '0000:01:00.0 ends without a driver; without the program it would be on e1000e';
const OPTIONS = { while: new Set<never>(), stated: [], mostStates: 10_000 };

function checked(text: string) {
  const { verdict, violations, bounds } = checkVariants([shellProgram(text, 'x.sh')], twoLikeNics(), OPTIONS);
  const why = bounds.map(({ place, text }) => `${place?.line}: ${text}`);
  return { verdict, messages: violations.map(({ message }) => message), why };
}

test('checkVariants: what is wrong on every machine is unsafe', () => {
  const { verdict, messages } = checked(`[ -e /etc/x ] && y=1; ${UNBIND}`);
  expect(verdict).toBe('unsafe');
  expect(messages).toEqual([LEFT]);
});

test('checkVariants: where machines differ, the verdict is unknown and says of which it is what', () => {
  const { verdict, messages, why } = checked(`true\n[ -e /etc/x ] && ${UNBIND}; true`);
  expect(verdict).toBe('unknown');
  expect(messages).toEqual([`${LEFT}, if /etc/x is there`]);
  expect(why[0]).toBe('2: safe if /etc/x is not there; unsafe if /etc/x is there');
});

test('checkVariants: a fact has the same answer in every run', () => {
  const file = `${PCI}/devices/0000:01:00.0/driver_override`;
  const text = `if [ -e /etc/x ]; then echo a > ${file}; else echo b > ${file}; fi`;
  expect(checked(text)).toEqual({ verdict: 'safe', messages: [], why: [] });
});

test('checkVariants: a file that is one can be read', () => {
  expect(checked(`[ -f /etc/x ] || exit 0\nx=$(cat /etc/x) || ${UNBIND}`).verdict).toBe('safe');
});

test.each([
  ['echo x > /etc/x', true],
  ['touch /etc/x', true],
  ['rm -f /etc/x', true],
  ['rm -f "$(hostname)"', true],
  ['echo x > "$(hostname)"', true],
  ['touch /etc/xy', false],
  ['echo x > /dev/null', false],
])('checkVariants: whether a fact lasts that %s may change: %j', (change, isOpen) => {
  const { verdict, why } = checked(`[ -e /etc/x ] && y=1; ${change}; true`);
  const text = "1: '/etc/x is not there': a program changes this, so that a later run is answered otherwise";
  expect(why.includes(text)).toBe(isOpen);
  if (!isOpen) expect(verdict).toBe('safe');
});

test('checkVariants: a fact that a program changes makes what is safe either way unknown', () => {
  expect(checked('[ -e /etc/x ] || touch /etc/x').verdict).toBe('unknown');
});

test('checkVariants: whether a package has made its folder is not known', () => {
  for (const folder of ['/etc/driverctl.d', '/dev/vfio'])
    expect(checked(`[ -d ${folder} ] || ${UNBIND}; true`).verdict).toBe('unknown');
});

test('checkVariants: facts beyond eight machines are answered whenever they are asked', () => {
  const asks = (count: number) => Array.from({ length: count }, (_, i) => `[ -e /etc/x${i} ] && a${i}=1`).join('\n');
  expect(checked(`${asks(5)}\nmodprobe vfio-pci`)).toEqual({ verdict: 'safe', messages: [], why: [] });
});

test('checkVariants: rules of udev keep what was not read of them', () => {
  const rules = 'SUBSYSTEM=="pci", IMPORT{program}="x"\nSUBSYSTEM=="pci", RUN+="/bin/sh -c \'[ -e /etc/x ]\'"\n';
  const program = udevRules(rules, 'x.rules');
  expect(program.unread).not.toEqual([]);
  expect(program.assuming!(new Map()).unread).toEqual(program.unread);
});
