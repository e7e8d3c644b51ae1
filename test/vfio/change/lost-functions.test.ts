import { expect, test } from 'vitest';
import { lostFunctions, withLost } from '../../../src/vfio/change/lost-functions.ts';
import type { JournalDevice } from '../../../src/vfio/journal/journal-format.ts';
import { machineRoot } from '../machine-root.ts';
import { at, CARD, card, machine } from '../plan/plain-machine.ts';

const entry = (driver: string, rest: Partial<JournalDevice> = {}): JournalDevice => {
  const before = { driver, override: null };
  const after = { driver: 'vfio-pci', override: 'vfio-pci' };
  return { name: CARD, bus: 'pci', path: at(CARD), modalias: null, before, beforeModule: driver, after, ...rest };
};
const sriov = { numVfs: 0, vfsAutoprobe: true, capability: null };
/** A card on a driver, with two virtual functions, and one of another card's. */
const owner = (driver: string) =>
  machine([
    card({ driver, sriov: { ...sriov, numVfs: 2, physfn: null } }),
    ...['0000:01:10.0', '0000:01:10.1'].map((name) => card({ name, sriov: { ...sriov, physfn: CARD } })),
    card({ name: '0000:02:10.0', sriov: { ...sriov, physfn: '0000:02:00.0' } }),
  ]);

test('withLost counts the virtual functions of a device that go away with its driver', () => {
  expect(withLost(owner('igb'), entry('igb'))).toEqual({ ...entry('igb'), lostVfs: 2 });
  // This driver leaves them enabled.
  expect(withLost(owner('nvme'), entry('nvme'))).toEqual(entry('nvme'));
  const stays = { after: { driver: 'igb', override: null } };
  expect(withLost(owner('igb'), entry('igb', stays))).toEqual(entry('igb', stays));
});

test('lostFunctions says how to make them again, as long as there are none', () => {
  const said = (numVfs: string, lost: object) => {
    const device = { path: `pci0000:00/${CARD}`, bus: 'pci', attributes: { sriov_numvfs: numVfs } };
    const { roots } = machineRoot({ version: 1, name: 'lost', release: '6.12.0', drivers: {}, devices: [device] });
    return lostFunctions(roots.sysfs, entry('igb', lost)).map((text) => text.replace(roots.sysfs.root, '/sys'));
  };
  expect(said('0', { lostVfs: 2 })).toEqual([
    `${CARD} had 2 virtual functions, which igb removed; to make them again: echo 2 > /sys/bus/pci/devices/${CARD}/sriov_numvfs`,
  ]);
  expect(said('2', { lostVfs: 2 })).toEqual([]);
  expect(said('0', {})).toEqual([]);
});
