import { pointer, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { upperHex } from './define/text.ts';

const ALL_BITS = 0xffffffff;

// mdio:0000000000100010000101100101????
export const mdio = defineBus('mdio', {
  struct: { phy_id: u32, phy_id_mask: u32 },
  optional: { phy_id_mask: ALL_BITS },
  drivers: {
    register: ['phy_drivers_register', 'phy_driver_register', 'mdio_driver_register'],
    servedBy: ['of', 'acpi'],
  },
  alias: ({ phy_id, phy_id_mask }, add) => {
    const bit = (shift: number) => ((phy_id_mask >>> shift) & 1 ? String((phy_id >>> shift) & 1) : '?');
    add.alias(`mdio:${Array.from({ length: 32 }, (_, i) => bit(31 - i)).join('')}`);
  },
});

// amba:d0034101[89ABCDEF]
export const amba = defineBus('amba', {
  struct: { id: u32, mask: u32, data: pointer },
  optional: { mask: ALL_BITS },
  drivers: {
    register: ['amba_driver_register', '__amba_driver_register'],
    onBehalf: ['coresight_init_driver', 'coresight_init_driver_with_owner'],
    servedBy: ['of', 'acpi'],
  },
  alias: ({ id, mask }, add) => {
    if (id & ~mask)
      add.fail(
        'amba-mask',
        `id 0x${upperHex(id, 8)} has bits outside mask 0x${upperHex(mask, 8)}, so no device can match; clear them or widen the mask`,
      );
    const nibble = (shift: number) => masked((id >>> shift) & 0xf, (mask >>> shift) & 0xf);
    add.alias(`amba:d${[28, 24, 20, 16, 12, 8, 4, 0].map(nibble).join('')}`);
  },
});

/** A hexadecimal digit under a mask: itself, `?`, or every digit that fits (file2alias.c:append_nibble_mask). */
function masked(nibble: number, mask: number): string {
  if (mask === 0) return '?';
  if (mask === 0xf) return upperHex(nibble, 1);
  const fits = Array.from({ length: 16 }, (_, digit) => digit).filter((digit) => (digit & mask) === nibble);
  return `[${fits.map((digit) => upperHex(digit, 1)).join('')}]`;
}

// include/linux/mod_devicetable.h:MDIO_ID_FMT
export const mdioDevice = deviceFormat('mdio', 'MDIO device', '%032b=PHY_id');

// drivers/amba/bus.c:amba_uevent
export const ambaDevice = deviceFormat('amba', 'AMBA device', 'd%08X=peripheral_id');
