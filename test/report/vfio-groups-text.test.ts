import { expect, test } from 'vitest';
import { installedIdList } from '../../src/report/id-list.ts';
import { availabilityText, groupsText } from '../../src/report/vfio-groups-text.ts';
import { readGroups } from '../../src/vfio/sysfs/groups.ts';
import { machineNames } from '../fake-root.ts';
import { machineRoot } from '../vfio/machine-root.ts';

const noNames = installedIdList('pci', []);
const text = (machine: string, id: string, width: number) =>
  groupsText(readGroups(machineRoot(machine).roots, new Set([id])), noNames, width).split('\n');

test('groupsText draws a group as a tree, the reason of its blockers once below', () => {
  expect(text('intel-desktop', '1', 100).slice(0, 5)).toEqual([
    'group 1  DMA-FQ  in use by the host: can be given after moving 2 endpoints',
    '├─ 0000:00:01.0  PCI bridge  pcieport',
    '├─ 0000:01:00.0  VGA controller  nouveau  (blocks)',
    '└─ 0000:01:00.1  audio device  snd_hda_intel  (blocks)',
    '   reserved: 0xfee00000-0xfeefffff msi',
  ]);
  expect(text('intel-desktop', '1', 100).filter((line) => line.startsWith('blocks: ')).length).toBe(1);
});

test('groupsText breaks the lines of members too', () => {
  expect(text('intel-desktop', '1', 40).slice(2, 7)).toEqual([
    '├─ 0000:00:01.0  PCI bridge  pcieport',
    '├─ 0000:01:00.0  VGA controller  nouveau',
    '│     (blocks)',
    '└─ 0000:01:00.1  audio device',
    '      snd_hda_intel  (blocks)',
  ]);
});

test.each(machineNames())('groupsText keeps to 40 columns, longer words aside: %s', (machine) => {
  const lines = groupsText(readGroups(machineRoot(machine).roots), noNames, 40).split('\n');
  for (const line of lines.filter((one) => one.length > 40))
    expect(line.trim().split(/ +/).length, line).toBeLessThan(3);
});

test('groupsText says that a group with a direct region is refused, whatever its drivers', () => {
  expect(text('intel-desktop', '2', 200).filter((line) => line.includes('refuses'))).toEqual([
    '   direct: the firmware uses these addresses (RMRR, IVMD): the kernel refuses to give the group to a guest',
  ]);
  expect(text('intel-desktop', '5', 200).join()).not.toContain('refuses');
});

test.each([
  ['intel-desktop', '1', 'in use by the host: can be given after moving 2 endpoints'],
  ['viommu-guest', '8', 'in use by the host: can be given after moving 2 endpoints'],
  ['viommu-guest', '5', 'can be given now'],
  ['amd-desktop', '2', 'cannot be given: only bridges'],
  ['intel-desktop', '2', 'cannot be given: the firmware uses its memory (RMRR, IVMD)'],
])('availabilityText says of %s, group %s: %s', (machine, id, expected) => {
  const [group] = readGroups(machineRoot(machine).roots, new Set([id])).groups;
  expect(availabilityText(group!)).toBe(expected);
});
