import { describe, expect, test } from 'vitest';
import type { Device } from '../../../src/vfio/sysfs/device.ts';
import { groupHolders, isVfioFile } from '../../../src/vfio/uses/group-holders.ts';
import { machineRoot } from '../machine-root.ts';

const device = (name: string, group: string): Device => {
  const path = `devices/pci0000:00/${name}`;
  return { name, bus: 'pci', path, modalias: null, driver: 'vfio-pci', group, class: 0x020000, override: null };
};
const one = device('0000:01:00.0', '7');
const two = device('0000:01:00.1', '7');
const far = device('0000:02:00.0', '8');
const NODES = new Map([['/dev/vfio/devices/vfio0', [one.name]]]);
const FD = 'anon_inode:[vfio-device]';

/** What a process with these files open holds; `shown` is what the descriptors say of their devices. */
function held(
  files: readonly string[],
  devices: readonly Device[] = [one, far],
  shown: Readonly<Record<string, string>> = {},
) {
  const proc = Object.fromEntries(Object.entries(shown).map(([fd, text]) => [`9/fdinfo/${fd}`, text]));
  const { roots } = machineRoot({ version: 1, name: 'held', release: '6.12.0', drivers: {}, devices: [], proc });
  const open = files.map((file, fd) => ({ fd: String(fd), file }));
  return groupHolders(roots.proc, [{ pid: '9', text: 'process 9', files: open }], NODES, devices).map(
    ({ by, ...rest }) => {
      expect(by).toBe('process 9');
      return rest;
    },
  );
}

describe('groupHolders', () => {
  test.each<[string, readonly string[], object[]]>([
    ['no file of VFIO', ['/dev/null'], []],
    ['a group', ['/dev/vfio/7'], [{ group: '7', devices: [], perhaps: [], owns: 'no' }]],
    ['a group of no device', ['/dev/vfio/9'], []],
    [
      'a group without an IOMMU',
      ['/dev/vfio/noiommu-7', '/dev/vfio/vfio'],
      [{ group: '7', devices: [], perhaps: [], owns: 'no' }],
    ],
    [
      'a group and a container',
      ['/dev/vfio/7', '/dev/vfio/vfio'],
      [{ group: '7', devices: [], perhaps: [], owns: 'unknown' }],
    ],
    ['a container alone', ['/dev/vfio/vfio'], []],
    [
      "a device's own file",
      ['/dev/vfio/devices/vfio0'],
      [{ group: '7', devices: [one.name], perhaps: [], owns: 'unknown' }],
    ],
    [
      "a group and a descriptor, which is of the group's only device",
      ['/dev/vfio/7', FD],
      [{ group: '7', devices: [one.name], perhaps: [], owns: 'yes' }],
    ],
    [
      'two groups and a descriptor, which is of either',
      ['/dev/vfio/7', '/dev/vfio/8', FD],
      [
        { group: '7', devices: [], perhaps: [one.name], owns: 'unknown' },
        { group: '8', devices: [], perhaps: [far.name], owns: 'unknown' },
      ],
    ],
    ['a descriptor without its group', [FD], []],
  ])('groupHolders of a process with %s', (_what, files, expected) => {
    expect(held(files)).toEqual(expected);
  });

  test('groupHolders counts a descriptor from a group for that group, not for one whose device has its own file open', () => {
    expect(held(['/dev/vfio/8', FD, '/dev/vfio/devices/vfio0'], [one, two, far])).toEqual([
      { group: '7', devices: [one.name], perhaps: [], owns: 'unknown' },
      { group: '8', devices: [far.name], perhaps: [], owns: 'yes' },
    ]);
  });

  test('groupHolders leaves open which of several devices a descriptor is of, unless it says so', () => {
    const both = [one, two];
    expect(held(['/dev/vfio/7', FD], both)).toEqual([
      { group: '7', devices: [], perhaps: [one.name, two.name], owns: 'yes' },
    ]);
    const path = `vfio-device-syspath: /sys/${two.path}\n`;
    expect(held(['/dev/vfio/7', FD], both, { 1: path })).toEqual([
      { group: '7', devices: [two.name], perhaps: [], owns: 'yes' },
    ]);
    expect(held(['/dev/vfio/7', FD, FD], both, { 1: path })).toEqual([
      { group: '7', devices: [two.name], perhaps: [one.name], owns: 'yes' },
    ]);
    expect(held([FD], both, { 0: path })).toEqual([{ group: '7', devices: [two.name], perhaps: [], owns: 'unknown' }]);
  });
});

test.each([
  ['/dev/vfio/vfio', true],
  ['/dev/iommu', true],
  ['/dev/vfio/12', true],
  ['/dev/vfio/noiommu-12', true],
  ['/dev/vfio/devices/vfio3', true],
  [FD, true],
  ['/dev/vfio/', false],
  ['/dev/vfio/12a', false],
  ['/mnt/dev/vfio/12', false],
  ['anon_inode:[eventfd]', false],
])('isVfioFile of %s is %s', (file, expected) => {
  expect(isVfioFile(file)).toBe(expected);
});
