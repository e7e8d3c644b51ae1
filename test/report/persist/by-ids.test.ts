import { expect, test } from 'vitest';
import { byIds } from '../../../src/report/persist/by-ids.ts';
import type { NativeDriver, PersistentDevice } from '../../../src/report/persist/formats.ts';

const IDS = { vendor: '8086', device: '10d3', subvendor: '8086', subdevice: 'a01f' };
const device = (native: NativeDriver | null, rest: Partial<PersistentDevice> = {}) =>
  ({ name: '0000:01:00.0', driver: 'vfio-pci', ids: IDS, native, ...rest }) as PersistentDevice;

test.each<[what: string, native: NativeDriver | null, softdeps: readonly string[], remark: RegExp | null]>([
  ['a module that may take it', { driver: 'e1000e', module: 'e1000e' }, ['softdep e1000e pre: vfio_pci'], null],
  ['a module of another name', { driver: 'i801_smbus', module: 'i2c_i801' }, ['softdep i2c_i801 pre: vfio_pci'], null],
  ['a built-in driver', { driver: 'ahci', module: null }, [], /^# ahci, which has 0000:01:00\.0, is built in/],
  ['vfio-pci itself', { driver: 'vfio-pci', module: 'vfio_pci' }, [], null],
  ['no driver', { driver: null, module: null }, [], null],
  ['one that nobody knows', null, [], /no journal says what had it before/],
])('byIds: the native is %s', (_what, native, softdeps, remark) => {
  const found = byIds([device(native)]);
  expect(found).toMatchObject({ ids: '8086:10d3:8086:a01f', softdeps });
  expect(found.remarks.join('\n')).toMatch(remark ?? /^$/);
});

test('byIds names ids once, sorted, and leaves out what is not for vfio-pci', () => {
  const none = { driver: null, module: null };
  const devices = [
    device(none),
    device(none, { ids: { ...IDS, device: '0001' } }),
    device(none),
    device(none, { name: 'x', driver: 'mlx5_vfio_pci' }),
  ];
  const { ids, remarks } = byIds(devices);
  expect(ids).toBe('8086:0001:8086:a01f,8086:10d3:8086:a01f');
  expect(remarks).toEqual([expect.stringMatching(/^# x is left out: this format is for PCI devices on vfio-pci/)]);
});
