import { expect, test } from 'vitest';
import { parseSriov, readNumVfs, readVfs } from '../../../src/vfio/sysfs/sriov.ts';
import { machineRoot } from '../machine-root.ts';

const AT = 'devices/pci0000:80/0000:80:01.0/0000:81:00.0';
const files = { sriov_totalvfs: '7', sriov_offset: '128', sriov_stride: '2', sriov_vf_device: '10ca' };

test.each([
  [{}, { totalVfs: 7, offset: 128, stride: 2, vfDevice: 0x10ca }],
  [
    { sriov_offset: '0', sriov_stride: '0' },
    { totalVfs: 7, offset: 0, stride: 0, vfDevice: 0x10ca },
  ],
  [{ sriov_totalvfs: '65535' }, { totalVfs: 65535, offset: 128, stride: 2, vfDevice: 0x10ca }],
  [{ sriov_totalvfs: '65536' }, null],
  [{ sriov_offset: '-1' }, null],
  [{ sriov_stride: '' }, null],
  [{ sriov_vf_device: 'x' }, null],
])('parseSriov of a function with %j: %j', (changed, facts) => {
  const all: Readonly<Record<string, string>> = { ...files, ...changed };
  expect(parseSriov((name) => all[name])).toEqual(facts);
});

/** A physical function whose links have these numbers, each to the function of its own. */
function sysfsWith(numbers: readonly number[], others: readonly string[] = []) {
  const of = (path: string) => ({ path: path.slice('devices/'.length), bus: 'pci', attributes: {} });
  const functions = numbers.map((number) => `0000:81:10.${number % 8}`);
  const beside = [...functions, ...others].map((name) => `devices/pci0000:80/0000:80:01.0/${name}`);
  return machineRoot({
    version: 1,
    name: 'sriov',
    release: '6.12.0',
    drivers: {},
    devices: [{ ...of(AT), attributes: { sriov_numvfs: `${numbers.length}` } }, ...[...new Set(beside)].map(of)],
    sysfsLinks: Object.fromEntries(numbers.map((n, i) => [`${AT}/virtfn${n}`, `../${functions[i]}`])),
  }).roots.sysfs;
}

test('readVfs lists functions by the number of their links, then those that are known and left behind', () => {
  const sysfs = sysfsWith([0, 2, 11], ['0000:81:10.5']);
  expect(readVfs(sysfs, AT, ['0000:81:10.5', '0000:81:10.6', '0000:81:10.2'])).toEqual({
    functions: ['0000:81:10.0', '0000:81:10.2', '0000:81:10.3', '0000:81:10.5'],
    autoprobe: true,
  });
  expect(readNumVfs(sysfs, AT)).toBe(3);
});
