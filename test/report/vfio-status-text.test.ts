import { expect, test } from 'vitest';
import { failureText, resultText } from '../../src/report/vfio-plan-text.ts';
import { statusText } from '../../src/report/vfio-status-text.ts';
import type { Change } from '../../src/vfio/change/bind.ts';
import type { OpenJournal, Status } from '../../src/vfio/change/status.ts';

const NONE: Status = { version: 1, running: null, bound: [], stray: [], journals: [] };
const lines = (members: Partial<Status>) =>
  statusText({ ...NONE, ...members }, 100)
    .split('\n')
    .slice(0, -1);
const bound = {
  ...{ name: '01:00.0', bus: 'pci', driver: 'vfio-pci', override: 'vfio-pci', group: '6', journalled: true },
  heldBy: [] as string[],
} as const;
const nothing = 'no device is bound to a VFIO driver';

test('statusText: a bound device with its group, its override where that is another, and who bound it', () => {
  expect(lines({ bound: [bound] })).toEqual(['01:00.0  vfio-pci, group 6, bound here']);
  const others = { ...bound, group: null, override: null, journalled: false, heldBy: ['qemu (12) has it'] };
  expect(lines({ bound: [others] })).toEqual([
    '01:00.0  vfio-pci, no override, bound by others',
    '   qemu (12) has it',
  ]);
  expect(lines({ bound: [{ ...bound, override: 'x\x1b' }] })).toEqual([
    '01:00.0  vfio-pci, group 6, override x?, bound here',
  ]);
  expect([lines({}), lines({ running: 7 })]).toEqual([
    [nothing],
    ['process 7 is changing devices now; this may be out of date', nothing],
  ]);
});

test('statusText: an override that was left behind, with the driver that has the device', () => {
  const stray = { name: '01:00.0', bus: 'pci', override: 'vfio-pci', driver: 'e1000e' };
  const left = "left behind: driver_override of 01:00.0 is 'vfio-pci', while";
  expect(lines({ stray: [stray, { ...stray, driver: null }] })).toEqual([
    nothing,
    `${left} e1000e has it`,
    `${left} it has no driver`,
  ]);
});

test('statusText: a journal says where each device was and is, and how to restore it unless it is stale', () => {
  const placed = (driver: string | null, override: string | null = null) => ({ driver, override });
  const device = {
    ...{ name: 'a', before: placed('e1000e'), now: placed('vfio-pci', 'vfio-pci') },
    ...{ back: false, gone: false, unbinding: false },
  };
  const journal: OpenJournal = { file: 'j', state: 'bound', devices: [device] };
  const told = (members: Partial<OpenJournal>) => lines({ journals: [{ ...journal, ...members }] }).slice(1);
  const all = [
    device,
    { ...device, name: 'b', gone: true },
    { ...device, name: 'c', back: true },
    { ...device, name: 'd', unbinding: true },
    {
      ...device,
      name: 'e',
      before: placed(null),
      now: { ...placed('x'), vfs: { functions: ['f'], autoprobe: false } },
    },
  ] as never;
  expect(told({ devices: all })).toEqual([
    'journal j: can be restored',
    '   a was on e1000e; now vfio-pci, override vfio-pci',
    '   b was on e1000e; now it is gone',
    '   c is back on e1000e',
    '   d was on e1000e; its unbind waits for a process that holds it',
    '   e was on no driver; now x, with 1 virtual function, sriov_drivers_autoprobe 0',
    '   modalias vfio restore a b c d e',
  ]);
  expect(told({ state: 'interrupted' })[0]).toBe('journal j: the run was interrupted');
  expect(told({ state: 'incomplete' })[0]).toBe('journal j: rolling back failed');
  expect(told({ state: 'stale' })).toEqual([
    'journal j: from an earlier boot, nothing to restore',
    '   a was on e1000e; now vfio-pci, override vfio-pci',
  ]);
});

const failed = {
  ...{ state: 'rolled-back', taken: 2, failure: { message: 'no' }, rollbackFailures: [], left: [], gone: [] },
};
const plan = { devices: [], warnings: [] };
const told = (result: object | null, more: object = {}) =>
  failureText({ plan, result: result && { ...failed, ...result }, ...more } as unknown as Change, 200)
    .split('\n')
    .slice(0, -1);

test('failureText: what failed, and that everything is back, or everything else', () => {
  expect([told(null), told({ failure: null })]).toEqual([[], []]);
  expect(told({})).toEqual(['failed: no', 'everything is back as it was']);
  expect(told({ gone: ['a'] })).toEqual([
    'failed: no',
    'gone: a was unplugged meanwhile',
    'everything else is back as it was',
  ]);
  expect(told({}, { lost: ['vf'] })).toEqual(['failed: no', 'lost: vf', 'everything else is back as it was']);
});

test('failureText: what is left where rolling back failed, and what to do then', () => {
  const left = [
    { name: 'a', now: { driver: null, override: 'vfio-pci' }, before: { driver: 'e1000e', override: null } },
    { name: 'b', now: { driver: 'x', override: null }, before: { driver: 'y', override: null }, unbinding: true },
  ];
  const advice = 'see what is in the way (modalias vfio status), then: modalias vfio restore';
  expect(told({ state: 'incomplete', rollbackFailures: [{ message: 'stuck' }], left })).toEqual([
    'failed: no',
    'rolling back failed: stuck',
    'left: a is on no driver (override vfio-pci), and was on e1000e',
    'left: b loses its driver when the process that holds it releases it, and was on y',
    `${advice} a b`,
  ]);
  expect(told({ state: 'incomplete' })).toEqual(['failed: no', `${advice} --all`]);
});

test('resultText: where the devices are after a run that did not fail, with the warnings', () => {
  const device = { name: 'a', after: { driver: 'vfio-pci', override: 'vfio-pci' }, physfn: null, already: false };
  const devices = [
    device,
    { ...device, name: 'b', already: true },
    { ...device, name: 'v', physfn: 'a', after: { driver: null, override: null } },
  ];
  const blocks = ['always', 'in-use', null];
  const warnings = blocks.map((one) => ({ about: 'a', message: 'm', blocks: one }));
  const change = (result: object | null) => ({ plan: { devices, warnings }, result }) as unknown as Change;
  expect(resultText(change(null), 80).split('\n')).toEqual([
    ...['a  vfio-pci', 'b  vfio-pci already', 'v  removed from a'],
    ...['refused: a: m', 'in use: a: m', 'warning: a: m', ''],
  ]);
  expect(resultText(change(failed), 80)).toBe('');
});
