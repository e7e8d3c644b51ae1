import { driverData, u8, u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// sdio:c*v02D0dA9A6*
export const sdio = defineBus('sdio', {
  struct: { class: u8, vendor: u16, device: u16, driver_data: driverData },
  any: { class: 0xff, vendor: 0xffff, device: 0xffff },
  drivers: { register: ['sdio_register_driver', '__sdio_register_driver'], servedBy: ['of', 'acpi'] },
  alias: (_row, add) => {
    add.alias('sdio:').field('c', 'class').field('v', 'vendor').field('d', 'device').wildcard();
  },
});

// drivers/mmc/core/sdio_bus.c:sdio_bus_uevent
export const sdioDevice = deviceFormat('sdio', 'SDIO function', 'c%02X=class v%04X=vendor d%04X=device');
