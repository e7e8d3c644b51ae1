import { driverData, u16, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// hid:b0003g*v0000046Dp0000C52B
export const hid = defineBus('hid', {
  struct: { bus: u16, group: u16, vendor: u32, product: u32, driver_data: driverData },
  any: { bus: 0xffff, group: 0, vendor: 0xffffffff, product: 0xffffffff },
  drivers: { register: ['__hid_register_driver'] },
  alias: (_row, add) => {
    add.alias('hid:').field('b', 'bus').field('g', 'group').field('v', 'vendor').field('p', 'product');
  },
});

// drivers/hid/hid-core.c:hid_uevent
export const hidDevice = deviceFormat('hid', 'HID device', 'b%04X=bus g%04X=group v%08X=vendor p%08X=product', {
  power: [['v', 'p'], ['v'], ['g'], ['b']],
});
