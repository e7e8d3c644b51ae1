import { expect, test } from 'vitest';
import { withPrefix } from '../../src/lookup/alias-index.ts';

test.each([
  [undefined, 'pci:v1'],
  ['', 'pci:v1'],
  ['vfio', 'vfio_pci:v1'],
])('withPrefix %j makes %s, with no underscore where there is no prefix', (prefix, key) => {
  expect(withPrefix('pci:v1', prefix)).toBe(key);
});
