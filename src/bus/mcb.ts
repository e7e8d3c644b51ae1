import { driverData, u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';

// mcb:16z125
export const mcb = defineBus('mcb', {
  since: ['6.18.4', '6.19'],
  struct: { device: u16, driver_data: driverData },
  alias: ({ device }, add) => {
    add.alias(`mcb:16z${String(device).padStart(3, '0')}`);
  },
});
