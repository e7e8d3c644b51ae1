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
