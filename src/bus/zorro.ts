import { driverData, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';

// zorro:i02020001
export const zorro = defineBus('zorro', {
  struct: { id: u32, driver_data: driverData },
  any: { id: 0xffffffff },
  alias: (_row, add) => {
    add.alias('zorro:').field('i', 'id');
  },
});
