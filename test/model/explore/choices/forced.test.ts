import { expect, test } from 'vitest';
import { check } from '../../../../src/model/explore/check.ts';
import { shellProgram } from '../../../../src/model/script/shell-program.ts';
import { twoLikeNics } from '../../script/machine.ts';

const PCI = '/sys/bus/pci';
const UNBIND = `echo 0000:01:00.0 > ${PCI}/drivers/e1000e/unbind`;

/** The verdict about a script that is run alone, what does not hold, and why the verdict is not certain. */
function checked(text: string, acts: readonly 'probe'[] = []) {
  const options = { while: new Set(acts), stated: [], mostStates: 10_000 };
  const { verdict, violations, bounds } = check([shellProgram(text, 'x.sh')], twoLikeNics(), options);
  const why = bounds.map(({ place, text }) => `${place?.line}: ${text}`);
  return { verdict, properties: violations.map(({ property }) => property), why };
}

test('check: what goes wrong whichever way a choice goes is unsafe', () => {
  const both = `if pgrep qemu; then x=1; else x=2; fi\n${UNBIND}\n[ $x = 1 ]; true`;
  expect(checked(both)).toEqual({ verdict: 'unsafe', properties: ['keeps-a-driver'], why: [] });
});

test('check: what goes wrong in each way on its own is unsafe, too', () => {
  const each = `if pgrep qemu; then\n${UNBIND}\nelse\n${UNBIND} || exit 1\nfi`;
  expect(checked(each).verdict).toBe('unsafe');
});

test('check: what goes wrong in one way only is unknown, and what it depends on is named', () => {
  const one = `true\nif pgrep qemu; then ${UNBIND}; fi`;
  expect(checked(one)).toEqual({
    verdict: 'unknown',
    properties: ['keeps-a-driver'],
    why: [`2: not known: if pgrep qemu; then ${UNBIND}; fi: it succeeds`],
  });
});

test('check: a way that was not gone for want of states proves nothing', () => {
  const text = `if pgrep qemu; then ${UNBIND}; exit 0; fi\n${'[ -e /sys/bus/pci/devices/0000:02:00.0 ]\n'.repeat(40)}${UNBIND}`;
  const options = { while: new Set<never>(), stated: [], mostStates: 20 };
  const { verdict, truncated } = check([shellProgram(text, 'x.sh')], twoLikeNics(), options);
  expect([verdict, truncated]).toEqual(['unknown', true]);
});

test('check: what goes well in every way is safe', () => {
  const fine = `if pgrep qemu; then x=1; else x=2; fi\nmodprobe vfio-pci\n[ $x = 1 ]; true`;
  expect(checked(fine)).toEqual({ verdict: 'safe', properties: [], why: [] });
});

test('check: a program that ends well in one way does not fail on its own', () => {
  expect(checked('pgrep qemu || exit 1').verdict).toBe('safe');
  expect(checked('pgrep qemu && exit 1; exit 2').properties).toEqual(['succeeds']);
});

test('check: that a lock is held is an assumption, on which nothing that goes wrong may rest', () => {
  expect(checked(`flock /run/lock sh -c '${UNBIND}'`).verdict).toBe('unknown');
});

test('check: others may act between a choice and what follows it', () => {
  const late = `echo vfio-pci > ${PCI}/devices/0000:01:00.0/driver_override\nif pgrep qemu; then x=1; fi\n${UNBIND}\nmodprobe vfio-pci\n[ -e ${PCI}/drivers/vfio-pci/0000:01:00.0 ]`;
  expect(checked(late, ['probe'])).toMatchObject({ verdict: 'safe' });
});
