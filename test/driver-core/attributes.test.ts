import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseOverride, resultWord, showOverride, writeOverride } from '../../src/driver-core/index.ts';

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
