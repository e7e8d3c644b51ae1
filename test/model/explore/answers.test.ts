import { expect, test } from 'vitest';
import { Answers, NO_ANSWERS } from '../../../src/model/explore/answers.ts';
import { check } from '../../../src/model/explore/check.ts';
import { shellProgram } from '../../../src/model/script/shell-program.ts';
import { twoLikeNics } from '../script/machine.ts';

const PCI = '/sys/bus/pci';
const NIC = '0000:01:00.0';
const UNBIND_FIRST = `modprobe vfio-pci; echo ${NIC} > ${PCI}/drivers/e1000e/unbind
echo vfio-pci > ${PCI}/devices/${NIC}/driver_override; echo ${NIC} > ${PCI}/drivers_probe`;

function checked(text: string, acts: readonly 'probe'[] = ['probe']) {
  const options = { while: new Set(acts), stated: [], mostStates: 10_000 };
  const { verdict, violations } = check([shellProgram(text, 'x.sh')], twoLikeNics(), options);
  return [verdict, ...violations.map(({ property }) => property)];
}

test.each([
  'pgrep qemu && exit 0',
  '[ -e /run/skip ] && exit 0',
  'if [ -e /run/a ] || [ -e /run/b ]; then exit 0; fi',
  'for x in $(lsusb); do exit 0; done',
])('check: where a run may end without having done anything, %s, the others must still end well', (asked) => {
  expect(checked(`${asked}\n${UNBIND_FIRST}`)).toEqual(['unknown', 'success-is-true']);
});

test('check: a rerun that is answered as the run was must change nothing', () => {
  const toggle = `if [ -e ${PCI}/drivers/vfio-pci/${NIC} ]; then
  echo > ${PCI}/devices/${NIC}/driver_override; echo ${NIC} > ${PCI}/drivers/vfio-pci/unbind
else ${UNBIND_FIRST}; exit 0
fi
echo ${NIC} > ${PCI}/drivers_probe`;
  expect(checked(`pgrep qemu && exit 0\n${toggle}`, [])).toEqual(['unknown', 'rerun-changes-nothing']);
  expect(checked(`pgrep qemu && exit 0\n${UNBIND_FIRST}`, [])).toEqual(['safe']);
});

test('check: a program that asks for more than is told apart is safe only where that makes no difference', () => {
  const asks = Array.from({ length: 9 }, (_, i) => `[ -e /run/${i} ] && x=1`).join('\n');
  expect(checked(`${asks}\nmodprobe vfio-pci`, [])).toEqual(['safe']);
  expect(checked(`[ -e /run/x ] && exit 0\n${asks}\nmodprobe vfio-pci`, [])).toEqual(['unknown']);
});

test('Answers: the same answers have the same number, in whichever order they were given', () => {
  const answers = new Answers();
  const one = answers.and(answers.and(NO_ANSWERS, 'a', 0), 'b', 1);
  expect(answers.and(answers.and(NO_ANSWERS, 'b', 1), 'a', 0)).toBe(one);
  expect(answers.both(answers.and(NO_ANSWERS, 'a', 0), answers.and(NO_ANSWERS, 'b', 1))).toBe(one);
});

test('Answers.agree: unless a question was answered otherwise, each time that it was asked', () => {
  const answers = new Answers();
  const [no, yes] = [answers.and(NO_ANSWERS, 'a', 0), answers.and(NO_ANSWERS, 'a', 1)];
  expect(answers.agree(no, yes)).toBe(false);
  expect(answers.agree(no, answers.and(yes, 'a', 0))).toBe(true);
  expect(answers.agree(no, answers.and(NO_ANSWERS, 'b', 1))).toBe(true);
});

test('Answers.deciding: only the questions on which it depends where runs end are told apart', () => {
  const answers = new Answers();
  const ends = [0, 1].flatMap((a) =>
    [0, 1].map((b) => ({ kernel: a, answers: answers.and(answers.and(NO_ANSWERS, 'a', a), 'b', b) })),
  );
  const told = answers.deciding(ends);
  expect(told.and(NO_ANSWERS, 'b', 0)).toBe(NO_ANSWERS);
  expect(told.told(ends[0]!.answers)).toBe(answers.and(NO_ANSWERS, 'a', 0));
});
