import { expect, test } from 'vitest';
import { isDeviceKey, unknownBus } from '../../src/explain/known-buses.ts';

test('isDeviceKey: the word of a known bus, with or without a prefix, a colon, and more', () => {
  const keys = ['pci:v1', 'vfio_pci:v1', 'fsl_mc:v1', 'fsl-mc:v1', 'pci:', 'pci', 'none:v1', '0000:02:00.0', 'pci:v 1'];
  expect(keys.filter(isDeviceKey)).toEqual(['pci:v1', 'vfio_pci:v1', 'fsl_mc:v1', 'fsl-mc:v1']);
});

test('unknownBus: the word before a colon, but for what is looked up besides devices', () => {
  const texts = ['none:x', 'pci:v1', 'symbol:x', 'devname:x', 'e1000e', 'a b:c'];
  expect(texts.map(unknownBus)).toEqual(['none', undefined, undefined, undefined, undefined, undefined]);
});
