import { driverData, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// coreboot:t00000012
export const coreboot = defineBus('coreboot', {
  since: '6.9',
  struct: { tag: u32, driver_data: driverData },
  drivers: { register: ['coreboot_driver_register', '__coreboot_driver_register'] },
  alias: (_row, add) => {
    add.alias('coreboot:').field('t', 'tag');
  },
});

// drivers/firmware/google/coreboot_table.c:coreboot_bus_uevent
export const corebootDevice = deviceFormat('coreboot', 'coreboot table', 't%08X=tag');
