import { expect, test } from 'vitest';
import { goneOf, isMoved, isOf } from '../../../src/vfio/change/placements.ts';
import type { Failure } from '../../../src/vfio/change/take-step.ts';
import type { PlannedDevice } from '../../../src/vfio/plan/plan-types.ts';
import { machineRoot } from '../machine-root.ts';

const [PF, VF, OTHER] = ['0000:01:00.0', '0000:01:10.0', '0000:02:00.0'] as const;
const path = (name: string) => `devices/pci0000:00/${name}`;

/** A device that had a driver before the plan, and has none now. */
const planned = (name: string, rest: Partial<PlannedDevice> = {}): PlannedDevice => ({
  ...{ name, bus: 'pci', path: path(name), modalias: null, group: null, module: null, vfio: false },
  ...{ before: { driver: 'native', override: null }, beforeModule: null },
  ...{ after: { driver: 'vfio-pci', override: undefined }, already: false, reset: null, physfn: null },
  ...rest,
});
const all = [planned(PF), planned(VF, { physfn: PF }), planned(OTHER), planned(PF, { bus: 'cdx' })];
const pendingOf = (name: string, bus = 'pci'): Failure => {
  const step = { op: 'write', device: name, path: `bus/${bus}/drivers/native/unbind`, data: name } as const;
  return { step, message: '', pending: true };
};
function sysfs(...names: readonly string[]) {
  const devices = names.map((name) => ({ path: `pci0000:00/${name}`, bus: 'pci' }));
  return machineRoot({ version: 1, name: 'moved', release: '6.12.0', drivers: {}, devices }).roots.sysfs;
}

test.each<[pending: string | null, moved: readonly string[]]>([
  [null, [PF, VF, OTHER]],
  [VF, [OTHER]],
  [PF, [OTHER]],
  [OTHER, [PF, VF]],
])('isMoved while a write to %s is pending: nothing of the same card', (pending, moved) => {
  const tree = sysfs(PF, VF, OTHER);
  const failures = pending === null ? [] : [pendingOf(pending)];
  const on = all.filter((one) => one.bus === 'pci' && isMoved(tree, one, failures, all));
  expect(on.map(({ name }) => name)).toEqual(moved);
});

test('isMoved is nothing that is gone, or back, or of another bus than what is pending', () => {
  expect(isMoved(sysfs(OTHER), all[0]!, [], all)).toBe(false);
  expect(isMoved(sysfs(PF), all[0]!, [pendingOf(PF, 'cdx')], all)).toBe(true);
  const back = planned(PF, { before: { driver: null, override: null } });
  expect(isMoved(sysfs(PF), back, [], [back])).toBe(false);
});

test('goneOf names what was unplugged, and no virtual function', () => {
  expect(goneOf(sysfs(PF), all.slice(0, 3))).toEqual([OTHER]);
});

test('isOf compares the name of a device and its bus', () => {
  const { step } = pendingOf(PF);
  expect(all.map((one) => isOf(step, one))).toEqual([true, false, false, false]);
  const modprobe = { op: 'modprobe', module: 'm', bus: 'pci', driver: 'x', vfio: false } as const;
  expect(isOf(modprobe, all[0]!)).toBe(false);
});
