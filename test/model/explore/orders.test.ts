import { expect, test } from 'vitest';
import { makeDriver, pciFacts } from '../../../src/driver-core/index.ts';
import { registrationOrders } from '../../../src/model/explore/orders.ts';
import { withTwins } from '../../../src/model/explore/twins.ts';
import { card, kernel } from '../../driver-core/card.ts';

test.each([
  [1, 1],
  [2, 2],
  [3, 6],
  [4, 24],
  [5, 120],
  [6, 120],
])('registrationOrders of %i drivers that may have the device: %i, those of the first five', (count, orders) => {
  const drivers = Array.from({ length: count }, (_, i) => makeDriver('pci', `stub${i}`, { ids: null }));
  const state = kernel([...drivers, makeDriver('pci', 'other', { ids: [] })]);
  const { states, left } = registrationOrders(state, [card()]);
  expect(left).toEqual(drivers.slice(5).map(({ name }) => name));
  const made = states.map((one) => one.drivers.map(({ name }) => name).join());
  expect(new Set(made).size).toBe(orders);
  expect(made[0]).toBe(state.drivers.map(({ name }) => name).join());
  for (const names of made) expect(names.endsWith('other')).toBe(true);
});

test('registrationOrders has one of the drivers of which nobody knows if they match stand anywhere', () => {
  const drivers = [makeDriver('pci', 'stub', { ids: null }), makeDriver('pci', 'foo'), makeDriver('pci', 'bar')];
  const { states, varied, left } = registrationOrders(kernel(drivers), [card()]);
  expect(states.map((one) => one.drivers.map(({ name }) => name).join())).toEqual(['stub,foo,bar', 'foo,stub,bar']);
  expect([varied, left]).toEqual([['stub', 'foo'], []]);
});

test.each([
  ['7', '100'],
  ['99', '100'],
  ['150', '151'],
])('withTwins gives the twin of a device of group %s a group of its own, %s', (group, own) => {
  const device = card({ group });
  const { state, twins } = withTwins(kernel([], [device]), [device, card({ group, name: '0000:03:00.0' })]);
  expect(twins.map(({ name, group: its, present }) => [name, its, present])).toEqual([['0000:40:00.0', own, false]]);
  expect(state.groups.map(({ id }) => id)).toEqual([group, own]);
});

test('withTwins takes a device that is not there and alike for the twin', () => {
  const absent = card({ name: '0000:05:00.0', present: false });
  const other = card({ name: '0000:06:00.0', present: false, pci: pciFacts(1, 2) });
  const { twins } = withTwins(kernel([], [card(), other, absent]), [card()]);
  expect(twins.map(({ name }) => name)).toEqual(['0000:05:00.0']);
});
