import { array, chars, driverData, struct, u16, unread } from '../binary/ctype.ts';
import type { AliasWriter } from './define/alias-writer.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { asciiUpper, lowerHex } from './define/text.ts';

const PNP_ID_LEN = 8;
const PNP_MAX_DEVICES = 8;

/** The PNP bus has ids in lower case, ACPI the same ids in upper case. */
function addPnpId(id: string, add: AliasWriter): void {
  add.alias(`pnp:d${id}*`);
  add.alias(`acpi*:${asciiUpper(id)}:*`);
}

// pnp:dPNP0501*
// acpi*:PNP0501:*
export const pnp = defineBus('pnp', {
  struct: { id: chars(PNP_ID_LEN), driver_data: driverData },
  drivers: { register: ['pnp_register_driver', 'pnp_register_card_driver'], servedBy: ['acpi', 'pnp_card', 'isapnp'] },
  alias: ({ id }, add) => addPnpId(id, add),
});

// pnp:dCSC0000*
// acpi*:CSC0000:* (for each device of the card)
export const pnpCard = defineBus('pnp_card', {
  struct: {
    id: chars(PNP_ID_LEN),
    driver_data: driverData,
    devs: array(struct({ id: chars(PNP_ID_LEN) }), PNP_MAX_DEVICES),
  },
  optional: { id: '' },
  forms: { devs: { kind: 'ids', length: PNP_MAX_DEVICES, size: PNP_ID_LEN, zero: [] } },
  alias: ({ devs }, add) => {
    if (!devs[0]?.id) return add.skip('pnp-card-empty', 'no alias: the card has no devices; expected ids in devs');
    for (const { id } of devs) {
      if (id === '') break;
      if (!add.usedByEarlierRow(id)) addPnpId(id, add);
    }
  },
});

// pnp:dCTL0043*
export const isapnp = defineBus('isapnp', {
  struct: {
    card_vendor: unread(u16),
    card_device: unread(u16),
    vendor: u16,
    function: u16,
    driver_data: driverData,
  },
  alias: ({ vendor, function: number }, add) => {
    // EISA's packing: three letters of five bits in big-endian order, then four hexadecimal digits.
    const letters = [(vendor >>> 2) & 0x3f, ((vendor & 3) << 3) | ((vendor >>> 13) & 7), (vendor >>> 8) & 0x1f];
    const digits = [4, 0, 12, 8].map((shift) => lowerHex((number >>> shift) & 0xf)).join('');
    add.alias(`pnp:d${letters.map((letter) => String.fromCharCode(0x40 + letter)).join('')}${digits}*`);
  },
});

// the ids that a PNP device lists
export const pnpDevice = deviceFormat('pnp', 'PNP device', 'd%s=id..d');
