import { driverData, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// zorro:i02020001
export const zorro = defineBus('zorro', {
  struct: { id: u32, driver_data: driverData },
  any: { id: 0xffffffff },
  drivers: { register: ['zorro_register_driver'] },
  alias: (_row, add) => {
    add.alias('zorro:').field('i', 'id');
  },
});

// drivers/zorro/zorro-driver.c:zorro_uevent
export const zorroDevice = deviceFormat('zorro', 'Zorro board', 'i%08X=id');
