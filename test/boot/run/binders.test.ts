import { expect, test } from 'vitest';
import { bindDoings } from '../../../src/boot/run/binders.ts';
import type { Stage } from '../../../src/boot/run/stage.ts';
import type { Doing } from '../../../src/boot/run/task.ts';
import { memoryModules, memoryStage } from '../memory-stage.ts';

const CARD = '0000:01:00.0';
const because = { file: 'a.service', line: 3, rule: 'ExecStart=' };
const ids = { vendor: '8086', device: '10d3' };
const plain = memoryStage(memoryModules({ vfio_pci: [] }));
const told = (doings: readonly Doing[]) =>
  doings.map(({ event }) => {
    if (typeof event === 'function') return 'depends';
    return event.kind === 'write' ? `${event.path} ${event.data.trimEnd()}` : event.kind;
  });
/** What `vfio bind` does to the card, and the note that it leaves one alone. */
function bound(words: string, members: Partial<Stage> = {}) {
  const notes: string[] = [];
  const vfio = { module: 'vfio_pci', driver: 'vfio-pci' };
  const stage = {
    ...plain,
    vfio,
    idsOf: () => ids as never,
    note: (d: { message: string }) => notes.push(d.message),
    ...members,
  };
  const load = (name: string): Doing[] => [{ event: { kind: 'load', module: name }, because: [] }];
  return [...told(bindDoings(stage, words.split(' '), because, load)), ...notes];
}
const done = (driver: string) => [
  'load',
  `bus/pci/devices/${CARD}/driver_override ${driver}`,
  'depends',
  `bus/pci/drivers/${driver}/bind ${CARD}`,
];
const other = `${CARD} holds another device than --id of the unit says: it is left alone`;

test.each<[words: string, does: readonly string[]]>([
  [CARD, done('vfio-pci')],
  ['01:00.0', done('vfio-pci')],
  [`/sys/bus/pci/devices/${CARD}`, done('vfio-pci')],
  ['0000:02:00.0', []],
  [`--vfs 4 ${CARD}`, []],
  [`--driver=acme ${CARD}`, done('acme')],
  [`--driver acme 0000:02:00.0 ${CARD}`, done('acme')],
  [`--id 8086:10d3 ${CARD}`, done('vfio-pci')],
  [`--id 8086:10d4 ${CARD}`, [other]],
  [`--id=8086:10d4 0000:02:00.0 ${CARD}`, [other]],
  [`--id 8086:10d3 0000:02:00.0 ${CARD}`, done('vfio-pci')],
  [`--id 8086:10d4 --id 8086:10d3 0000:02:00.0 ${CARD}`, done('vfio-pci')],
  [`--id 8086:10d3 --id 8086:10d4 0000:02:00.0 ${CARD}`, [other]],
])('bindDoings: vfio bind %s', (words, does) => {
  expect(bound(words)).toEqual(does);
});

test('bindDoings: does nothing where no driver for VFIO is there, and does not compare ids that are not known', () => {
  expect(bound(CARD, { vfio: null })).toEqual([]);
  expect(bound(`--driver acme ${CARD}`, { vfio: null })).toEqual(done('acme'));
  expect(bound(`--id 8086:10d4 ${CARD}`, { idsOf: () => null })).toEqual(done('vfio-pci'));
});
