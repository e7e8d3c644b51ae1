import { driverData, u32 } from '../binary/ctype.ts';
import { since } from '../release-history.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { overrideForm } from './define/forms.ts';

/** PCI_ANY_ID, `(~0)` in a __u32. */
const ANY = 0xffffffff;

// pci:v000015B3d0000101Esv*sd*bc*sc*i*
// vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*
export const pci = defineBus('pci', {
  struct: {
    vendor: u32,
    device: u32,
    subvendor: u32,
    subdevice: u32,
    class: u32,
    class_mask: u32,
    driver_data: driverData,
    override_only: since('5.15', u32),
  },
  any: { vendor: ANY, device: ANY, subvendor: ANY, subdevice: ANY, class: 0, class_mask: 0 },
  optional: { override_only: 0 },
  implied: { class_mask: { by: 'class', value: 0xffffff } },
  forms: { override_only: overrideForm },
  // drivers/pci/pci-driver.c:pci_match_id
  endsAt: ['vendor', 'subvendor', 'class_mask'],
  drivers: {
    register: ['__pci_register_driver', 'comedi_pci_driver_register', 'ath12k_pci_register_driver'],
    onBehalf: ['saa7146_register_extension', 'ssb_pcihost_register'],
  },
  alias: (row, add) => {
    const prefix = add.overridePrefix(row.override_only);
    if (prefix === undefined)
      return add.skip('unknown-override', `no prefix is known for override_only ${row.override_only}`);
    const alias = add.alias(`${prefix}pci:`);
    alias.field('v', 'vendor').field('d', 'device').field('sv', 'subvendor').field('sd', 'subdevice');
    for (const [name, shift] of [
      ['bc', 16],
      ['sc', 8],
      ['i', 0],
    ] as const) {
      const mask = (row.class_mask >>> shift) & 0xff;
      if (mask !== 0 && mask !== 0xff)
        return add.skip(
          'class-mask',
          `class_mask 0x${row.class_mask.toString(16)} has a byte that is neither 0x00 nor 0xff; no alias can express that, though the kernel matches such rows`,
        );
      alias.hex(name, mask === 0xff ? (row.class >>> shift) & 0xff : undefined, 2);
    }
    alias.wildcard();
  },
});

// drivers/pci/pci-driver.c:pci_uevent
export const pciDevice = deviceFormat(
  'pci',
  'PCI device',
  'v%08X=vendor d%08X=device sv%08X=subsystem_vendor sd%08X=subsystem_device bc%02X=class sc%02X=subclass i%02X=programming_interface',
  { power: [['v', 'd'], ['sv'], ['sd'], ['bc'], ['sc'], ['i']] },
);
