import { driverData, u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { lowerHex } from './define/text.ts';

// ulpi:v0451p1508
export const ulpi = defineBus('ulpi', {
  struct: { vendor: u16, product: u16, driver_data: driverData },
  drivers: { register: ['__ulpi_register_driver'], servedBy: ['of', 'acpi'] },
  alias: ({ vendor, product }, add) => {
    add.alias(`ulpi:v${lowerHex(vendor, 4)}p${lowerHex(product, 4)}`);
  },
});

// drivers/usb/common/ulpi.c:ulpi_uevent
export const ulpiDevice = deviceFormat('ulpi', 'ULPI device', 'v%04x=vendor p%04x=product');
