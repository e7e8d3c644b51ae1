import { expect, test } from 'vitest';
import { readGroups } from '../../../src/vfio/sysfs/groups.ts';
import { machineNames } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

const group = (machine: string, id: string, kernel?: string) => {
  const { roots } = machineRoot(machine);
  const view = readGroups({ ...roots, ...(kernel === undefined ? {} : { release: kernel }) }, new Set([id]));
  expect(view.groups.length).toBe(1);
  return view.groups[0]!;
};

test('readGroups lists groups by number and members by name', () => {
  const { groups, iommu, kernel } = readGroups(machineRoot('intel-desktop').roots);
  expect({ iommu, kernel }).toEqual({ iommu: true, kernel: '6.12.48+deb13-amd64' });
  expect(groups.map((g) => g.id)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(groups[1]!.members.map((m) => m.name)).toEqual(['0000:00:01.0', '0000:01:00.0', '0000:01:00.1']);
});

test('readGroups names the members that block a group; pcieport and driverless members do not', () => {
  expect(group('intel-desktop', '1').viability.blockers.map((b) => `${b.device} ${b.driver}`)).toEqual([
    '0000:01:00.0 nouveau',
    '0000:01:00.1 snd_hda_intel',
  ]);
  expect(group('intel-desktop', '3').viability).toEqual({ viable: true, blockers: [] });
});

test.each([
  ['5.10', true],
  ['5.18', true],
  ['5.19', false],
  ['6.12', false],
])('readGroups lets a bridge with a foreign driver pass before 5.19 only: %s', (kernel, viable) => {
  const { viability } = group('old-kernel', '1', kernel);
  expect(viability.blockers.map((b) => `${b.device} ${b.driver}`)).toEqual(viable ? [] : ['0000:00:01.0 shpchp']);
  expect(viability.viable).toBe(viable);
});

test('readGroups takes a driver whose device has a vfio-dev directory for a VFIO driver', () => {
  expect(group('sriov-server', '65').viability.viable).toBe(true);
  expect(group('sriov-server', '63').viability.viable).toBe(false);
});

test('readGroups reads reserved regions without leading zeros', () => {
  expect(group('intel-desktop', '2').reserved).toEqual([
    { from: '0x83000000', to: '0x887fffff', type: 'direct' },
    { from: '0xfee00000', to: '0xfeefffff', type: 'msi' },
  ]);
});

test('readGroups names the device files of groups and devices', () => {
  expect(group('sriov-server', '65').nodes).toEqual(['/dev/vfio/65', '/dev/vfio/devices/vfio0']);
  expect(group('noiommu-mode', '0')).toMatchObject({ name: 'vfio-noiommu', nodes: ['/dev/vfio/noiommu-0'] });
  expect(group('intel-desktop', '1').nodes).toEqual([]);
});

test('readGroups names the file of a device only where the kernel has such files', () => {
  const files = (...names: readonly string[]) => {
    const at = 'pci0000:00/0000:01:00.0';
    const { roots } = machineRoot({
      version: 1,
      name: 'files',
      release: '6.12.0',
      drivers: {},
      groups: { 7: {} },
      devices: [{ path: at, bus: 'pci', group: '7' }],
      sysfs: Object.fromEntries(names.map((name) => [`devices/${at}/vfio-dev/vfio0/${name}`, ''])),
      sysfsLinks: { 'class/vfio-dev/vfio0': `../../devices/${at}/vfio-dev/vfio0` },
    });
    return readGroups(roots).groups[0]!.nodes;
  };
  expect([files('dev'), files('uevent')]).toEqual([['/dev/vfio/devices/vfio0'], []]);
});

test('readGroups says what keeps devices together', () => {
  expect(group('viommu-guest', '8').notes).toEqual([
    '0000:03:00.0 does not isolate what is behind it (2 devices of this group): a conventional PCI bridge, or a port without ACS',
  ]);
  expect(group('viommu-guest', '5').notes).toEqual(['0000:00:1f has 3 functions in this group: no ACS between them']);
});

test('readGroups says that an ACS override makes groups look smaller than they are', () => {
  expect(readGroups(machineRoot('acs-override').roots).notes[0]).toMatch(
    /^pcie_acs_override=downstream,multifunction is set/,
  );
  expect(readGroups(machineRoot('amd-desktop').roots).notes).toEqual([]);
});

test.each([
  ['no-iommu', { iommu: false, noiommu: false }],
  ['noiommu-mode', { iommu: false, noiommu: true }],
  ['viommu-guest', { iommu: true, noiommu: false }],
])('readGroups tells %s apart', (machine, expected) => {
  expect(readGroups(machineRoot(machine).roots)).toMatchObject(expected);
});

test.each(machineNames())('readGroups reads %s', (machine) => {
  const { roots } = machineRoot(machine);
  const view = readGroups(roots);
  for (const { members } of view.groups) for (const member of members) expect(member.path).toMatch(/^devices\//);
});

test('readGroups leaves out members that lie outside the root', () => {
  const { roots } = machineRoot('hostile-links');
  const { groups } = readGroups(roots);
  expect(groups.map((g) => [g.id, g.members.map((m) => m.name), g.reserved])).toEqual([['9', ['0000:00:01.0'], []]]);
});

/** A machine with these groups: each has PCI functions, and reserved regions. */
const withGroups = (groups: Readonly<Record<string, readonly [devices: readonly string[], reserved?: string]>>) =>
  machineRoot({
    version: 1,
    name: 'groups',
    release: '6.12.0',
    drivers: {},
    devices: Object.entries(groups).flatMap(([group, [paths]]) =>
      paths.map((path) => ({ path: `pci0000:00/${path}`, bus: 'pci', group, attributes: { class: '0x020000' } })),
    ),
    groups: Object.fromEntries(
      Object.entries(groups).map(([id, [, reserved]]) => [id, { type: 'DMA', reserved: reserved ? [reserved] : [] }]),
    ),
  }).roots;

test('readGroups sorts by number, and puts names that are not numbers last', () => {
  const roots = withGroups({ b: [[]], 10: [[]], a: [[]], 9: [[]] });
  expect(readGroups(roots).groups.map(({ id }) => id)).toEqual(['9', '10', 'a', 'b']);
});

test('readGroups says of two functions that share a group that there is no ACS between them', () => {
  const roots = withGroups({ 1: [['0000:00:03.0', '0000:00:03.1']], 2: [['0000:00:04.0']] });
  expect(readGroups(roots).groups.map(({ notes }) => notes)).toEqual([
    ['0000:00:03 has 2 functions in this group: no ACS between them'],
    [],
  ]);
});

test('readGroups: direct regions keep a group from a guest, relaxable ones do not', () => {
  const region = (type: string) => `0x0000000083000000 0x00000000887fffff ${type}`;
  const roots = withGroups({
    1: [['0000:00:03.0'], region('direct')],
    2: [['0000:00:04.0'], region('direct-relaxable')],
  });
  expect(readGroups(roots).groups.map(({ availability }) => availability.state)).toEqual(['no', 'now']);
});
