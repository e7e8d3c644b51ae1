import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  makeDevice,
  makeDriver,
  parseOverride,
  readAttribute,
  resultWord,
  showOverride,
  writeOverride,
} from '../../src/driver-core/index.ts';
import { card, e1000e, kernel, step } from './card.ts';

test.each([
  ['foo', 'foo', 'ok'],
  ['foo\nbar', 'foo', 'ok'],
  ['', 'old', 'ok'],
  ['\0', null, 'ok'],
  ['\n', null, 'ok'],
  ['\nfoo', null, 'ok'],
  ['\0foo', null, 'ok'],
  ['foo\0bar\n', 'foo', 'ok'],
  ['x y\n', 'x y', 'ok'],
  [' \n', ' ', 'ok'],
  ['(null)\n', '(null)', 'ok'],
  ['x'.repeat(4094), 'x'.repeat(4094), 'ok'],
  ['x'.repeat(4095), 'old', 'EINVAL'],
  [`\n${'x'.repeat(4094)}`, 'old', 'EINVAL'],
  ['x'.repeat(1 << 20), 'old', 'EINVAL'],
])('writeOverride of %j leaves %j', (data, override, word) => {
  const { override: left, result } = writeOverride('old', data);
  expect([left, resultWord(result)]).toEqual([override, word]);
});

test('showOverride says (null) without an override, and nothing on spi', () => {
  expect(showOverride('pci', null)).toBe('(null)\n');
  expect(showOverride('spi', null)).toBe('\n');
  expect(showOverride('pci', 'vfio-pci')).toBe('vfio-pci\n');
});

test('parseOverride reads back what showOverride wrote, but for a literal (null)', () => {
  const names = fc.string({ minLength: 1 }).filter((s) => !/[\n\0]/.test(s) && s !== '(null)');
  fc.assert(
    fc.property(fc.option(names), fc.constantFrom('pci', 'spi'), (override, bus) => {
      expect(parseOverride(showOverride(bus, override))).toBe(override);
    }),
  );
  expect(parseOverride('(null)\n')).toBeNull();
});

describe('writeAttribute', () => {
  const usb = makeDevice('usb', '1-4');
  const soc = makeDevice('platform', 'fe000000.uart');
  const state = kernel(
    [e1000e, makeDriver('platform', 'uart'), makeDriver('usb', 'usb-storage')],
    [card({ group: '7' }), soc, usb, card({ name: '0000:09:00.0', present: false })],
  );
  const word = (path: string, data = '1') => {
    const { result } = step(state, { kind: 'write', path, data });
    return resultWord(result);
  };
  const pci = 'bus/pci/devices/0000:01:00.0';

  test.each([
    `x/${pci}/driver_override`,
    `${pci}/driver_override/x`,
    `${pci}/power`,
    `x/bus/pci/rescan`,
    'bus/pci/rescan/x',
    'bus/platform/rescan',
    'x/bus/pci/drivers_probe',
    'bus/pci/drivers_probe/x',
    'bus/pci/x/drivers_probe',
    'x/bus/pci/drivers_autoprobe',
    'bus/pci/drivers_autoprobe/x',
    'x/kernel/iommu_groups/7/type',
    'kernel/iommu_groups/7/type/x',
    'kernel/iommu_groups/7/8/type',
    'x/bus/pci/drivers/e1000e/bind',
    'bus/pci/drivers/e1000e/bind/x',
    'bus/pci/drivers/e1000e/uevent',
  ])('writeAttribute does not know %s', (path) => {
    const { state: after, result } = step(state, { kind: 'write', path, data: '1' });
    expect(after).toBe(state);
    expect(result).toEqual({ kind: 'unknown', why: `${path} is not modelled`, missing: [] });
    expect(readAttribute(state, path)).toEqual({ result, data: '' });
  });

  test.each([
    ['bus/platform/drivers/uart/new_id'],
    ['bus/platform/drivers/uart/remove_id'],
    ['bus/usb/devices/1-4/driver_override'],
    ['bus/platform/devices/fe000000.uart/remove'],
    ['bus/platform/devices/fe000000.uart/rescan'],
    ['bus/platform/devices/fe000000.uart/reset'],
    ['bus/platform/devices/fe000000.uart/sriov_numvfs'],
    ['bus/platform/devices/fe000000.uart/sriov_drivers_autoprobe'],
    ['bus/pci/devices/none/driver_override'],
    ['bus/pci/devices/0000:09:00.0/driver_override'],
    ['devices/pci0000:00/0000:09:00.0/driver_override'],
    ['devices/pci0000:00/none/driver_override'],
    ['kernel/iommu_groups/70/type'],
  ])('writeAttribute finds no %s, as open(2) would not', (path) => {
    expect(word(path)).toBe('ENOENT');
    expect(step(state, { kind: 'write', path, data: '1' }).state).toBe(state);
    if (/override$|type$|sriov/.test(path))
      expect(readAttribute(state, path)).toEqual({ result: { kind: 'errno', errno: 'ENOENT' }, data: '' });
  });

  test.each([
    `${pci}/driver_override`,
    `${pci}/remove`,
    `${pci}/rescan`,
    'bus/pci/rescan',
    'bus/pci/drivers_probe',
    'bus/pci/drivers_autoprobe',
    'bus/pci/drivers/e1000e/bind',
    'bus/pci/drivers/e1000e/unbind',
    'bus/pci/drivers/e1000e/new_id',
    'kernel/iommu_groups/7/type',
  ])('writeAttribute of no bytes to %s does nothing', (path) => {
    const { state: after, result, trace } = step(state, { kind: 'write', path, data: '' });
    expect(after).toBe(state);
    expect(result.kind).toBe('ok');
    if (!path.endsWith('drivers_probe'))
      expect(trace.map(({ text }) => text)).toEqual(['a write of no bytes does nothing']);
  });

  test('writeAttribute of driver_override says what it is now, cut where it is long', () => {
    const text = (data: string) => step(state, { kind: 'write', path: `${pci}/driver_override`, data }).trace[0]!.text;
    expect(text('\n')).toBe('no override');
    expect(text('vfio-pci\n')).toBe("the override is 'vfio-pci'");
    expect(text('x'.repeat(100))).toBe(`the override is '${'x'.repeat(80)}'`);
  });
});

describe('readAttribute', () => {
  test('readAttribute gives what the kernel shows', () => {
    const state = kernel([], [card({ override: 'vfio-pci' }), makeDevice('platform', 'x', { group: '8' })], {
      buses: [{ name: 'platform', autoprobe: false }],
    });
    const read = (path: string) => {
      const { result, data } = readAttribute(state, path);
      expect(result.kind).toBe('ok');
      return data;
    };
    expect(read('bus/pci/devices/0000:01:00.0/driver_override')).toBe('vfio-pci\n');
    expect(read('bus/platform/devices/x/driver_override')).toBe('(null)\n');
    expect(read('bus/platform/drivers_autoprobe')).toBe('0\n');
    expect(read('bus/pci/drivers_autoprobe')).toBe('1\n');
    expect(read('kernel/iommu_groups/7/type')).toBe('DMA\n');
  });

  test.each([
    'bus/pci/devices/0000:01:00.0/remove',
    'bus/pci/rescan',
    'bus/pci/drivers_probe',
    'bus/pci/drivers/e1000e/bind',
  ])('readAttribute of %s, which can be written only, is not known', (path) => {
    expect(readAttribute(kernel([e1000e]), path).result.kind).toBe('unknown');
  });

  test('readAttribute says what it expected of a caller in plain JavaScript', () => {
    const state = kernel([]);
    for (const member of ['devices', 'drivers'])
      expect(() => readAttribute({ ...state, [member]: undefined } as never, 'x')).toThrow(
        `state: found an object, expected an object with devices, drivers; ${member} is missing`,
      );
    expect(() => readAttribute(state, 7 as never)).toThrow('path: found a number, expected a string');
  });
});

test('parseOverride takes one newline from the end and no other', () => {
  expect(parseOverride('a\nb\n')).toBe('a\nb');
  expect(parseOverride('a')).toBe('a');
});
