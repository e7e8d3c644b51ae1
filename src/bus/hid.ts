import { driverData, u16, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';

// hid:b0003g*v0000046Dp0000C52B
export const hid = defineBus('hid', {
  struct: { bus: u16, group: u16, vendor: u32, product: u32, driver_data: driverData },
  any: { bus: 0xffff, group: 0, vendor: 0xffffffff, product: 0xffffffff },
  alias: (_row, add) => {
    add.alias('hid:').field('b', 'bus').field('g', 'group').field('v', 'vendor').field('p', 'product');
  },
});
