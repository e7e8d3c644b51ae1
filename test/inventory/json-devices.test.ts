import { expect, test } from 'vitest';
import { mentionsOfJson, recordedMachine } from '../../src/inventory/json-devices.ts';

test.each([
  ['modalias', '{"modalias":"pci:x"}'],
  ['/hw/ids', '{"hw":{"ids":"pci:x"}}'],
  ['/a~1b', '{"a/b":"pci:x"}'],
  ['/a~01b', '{"a~1b":"pci:x"}'],
  ['a~1b', '{"a~1b":"pci:x"}'],
])('mentionsOfJson finds %s in %s, a JSON pointer where it begins with a slash (RFC 6901)', (key, line) => {
  expect(mentionsOfJson(line, { key })).toEqual([{ modalias: 'pci:x' }]);
});

test('recordedMachine takes the modalias of a device, and that of its uevent where it has none', () => {
  const devices = [
    { attributes: { modalias: 'pci:a\n', uevent: 'MODALIAS=pci:b\n' } },
    { attributes: { uevent: 'DRIVER=x\nMODALIAS=pci:c\n' } },
    { attributes: {} },
  ];
  expect(recordedMachine(JSON.stringify({ name: 'm', devices }))).toEqual({
    name: 'm',
    modaliases: ['pci:a', 'pci:c'],
  });
});

test('mentionsOfJson shows 60 characters of what is not a modalias', () => {
  const of = (length: number) => () => mentionsOfJson(`{"m":{"a":"${'x'.repeat(length - 8)}"}}`, { key: 'm' });
  expect(of(60)).toThrow(/found \{"a":"x{52}"\}$/);
  expect(of(61)).toThrow(/found \{"a":"x{53}"\.\.\.$/);
});

test('recordedMachine has no name where that is empty', () => {
  expect(recordedMachine('{"name":"","devices":[]}')).toEqual({ name: undefined, modaliases: [] });
});
