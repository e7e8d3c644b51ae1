import { driverData, u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// mcb:16z125
export const mcb = defineBus('mcb', {
  since: ['6.18.4', '6.19'],
  struct: { device: u16, driver_data: driverData },
  drivers: { register: ['__mcb_register_driver'] },
  alias: ({ device }, add) => {
    add.alias(`mcb:16z${String(device).padStart(3, '0')}`);
  },
});

// drivers/mcb/mcb-core.c:mcb_uevent
export const mcbDevice = deviceFormat('mcb', 'MEN chameleon unit', '16z%03d=device');
