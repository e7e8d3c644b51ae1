import { expect, test } from 'vitest';
import { availabilityText } from '../../../src/report/vfio-groups-text.ts';
import { availabilityOf } from '../../../src/vfio/sysfs/availability.ts';
import type { GroupMember } from '../../../src/vfio/sysfs/device.ts';

const member = (name: string, code: number): GroupMember => {
  return { name, bus: 'pci', path: `devices/${name}`, modalias: null, driver: 'x', group: '8', class: code };
};
const bridge = '0000:03:00.0';
const cards = ['0000:04:01.0', '0000:04:02.0'];
const members = [member(bridge, 0x060400), ...cards.map((name) => member(name, 0x020000))];

/** The group where these members block it. */
const blockedBy = (...names: string[]) =>
  availabilityOf(members, false, {
    viable: names.length === 0,
    blockers: names.map((device) => ({ device, driver: 'x', why: 'w' })),
  });
const text = (...names: string[]) => availabilityText({ availability: blockedBy(...names) });

test('availabilityOf counts endpoints to move, and names bridges to unbind', () => {
  expect(blockedBy(bridge, ...cards)).toEqual({ state: 'after-moving', move: cards, unbind: [bridge], why: null });
  expect(text(bridge)).toBe('in use by the host: can be given after unbinding 0000:03:00.0');
  expect(text(bridge, cards[0]!)).toBe(
    'in use by the host: can be given after moving 1 endpoint and unbinding 0000:03:00.0',
  );
  expect(text()).toBe('can be given now');
});

test('availabilityOf refuses a direct region, and a group of bridges, whatever their drivers', () => {
  const viability = { viable: true, blockers: [] };
  expect(availabilityOf(members, true, viability)).toMatchObject({
    state: 'no',
    why: expect.stringMatching(/RMRR/),
  });
  expect(availabilityOf(members.slice(0, 1), false, viability)).toMatchObject({
    state: 'no',
    why: 'only bridges',
  });
});

test('availabilityOf takes an empty group for one that can be given', () => {
  expect(availabilityOf([], false, { viable: true, blockers: [] }).state).toBe('now');
});
