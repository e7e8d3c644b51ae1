import { describe, expect, test } from 'vitest';
import { aliasesOf } from './aliases.ts';

describe('pci', () => {
  test('pci: omitted fields are wildcards', () => {
    expect(aliasesOf('pci', [{ vendor: '0x15b3', device: '0x101e' }]).aliases).toEqual([
      'pci:v000015B3d0000101Esv*sd*bc*sc*i*',
    ]);
  });
  test('pci: override_only 1 is vfio', () => {
    expect(aliasesOf('pci', [{ override_only: 'vfio' }]).aliases).toEqual(['vfio_pci:v*d*sv*sd*bc*sc*i*']);
  });
  test('pci: a class without a mask is an exact class, zero included', () => {
    expect(aliasesOf('pci', [{ class: 0 }, { class: '0x010802' }]).aliases).toEqual([
      'pci:v*d*sv*sd*bc00sc00i00*',
      'pci:v*d*sv*sd*bc01sc08i02*',
    ]);
  });
  test('pci: an unknown override and a mask of parts of a byte skip the row', () => {
    const made = aliasesOf('pci', [{ override_only: 2 }, { class: '0x030000', class_mask: '0xff8000' }]);
    expect(made).toEqual({ aliases: [], codes: ['unknown-override', 'class-mask'] });
  });
});
