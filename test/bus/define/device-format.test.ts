import { expect, test } from 'vitest';
import { deviceFormat } from '../../../src/bus/define/device-format.ts';

test('deviceFormat: a field is a tag, what prints its value, and a name with blanks; ? may lack the value, .. separates a list', () => {
  const { bus, title, fields, ends } = deviceFormat(
    'acme',
    'ACME device',
    'v%08X=vendor pa%02X?=product_hash_1 C%s=id..C',
    {
      ends: ':',
    },
  );
  expect({ bus, title, ends }).toEqual({ bus: 'acme', title: 'ACME device', ends: ':' });
  expect(fields).toEqual([
    { tag: 'v', name: 'vendor', printed: '%08X' },
    { tag: 'pa', name: 'product hash 1', printed: '%02X', optional: true },
    { tag: 'C', name: 'id', printed: '%s', between: 'C' },
  ]);
});
