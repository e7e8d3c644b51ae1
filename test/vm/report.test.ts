import { expect, test } from 'vitest';
import { exitStatus, Report } from './report.ts';

function report(differs: boolean, unfinished?: string): Report {
  const made = new Report('6.12 killed');
  made.equal('driver', differs ? 'e1000e' : 'vfio-pci', 'vfio-pci');
  made.unfinished = unfinished;
  return made;
}

test('Report.verdict tells a scenario that did not finish from one that differs', () => {
  expect(report(false).verdict()).toBe('ok');
  expect(report(true).verdict()).toBe('1 DIFFERENCES');
  expect(report(false, 'no answer').verdict()).toBe('NOT FINISHED');
  expect(report(true, 'no answer').verdict()).toBe('1 DIFFERENCES, NOT FINISHED');
});

test('exitStatus is 1 for a difference, 3 for what did not finish, and 0 only where neither is', () => {
  expect(exitStatus([report(false), report(false)])).toBe(0);
  expect(exitStatus([report(false, 'no answer'), report(false)])).toBe(3);
  expect(exitStatus([report(false, 'no answer'), report(true)])).toBe(1);
});
