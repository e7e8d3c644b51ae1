import { driverData, u8, u16, unread } from '../binary/ctype.ts';
import { until } from '../release-history.ts';
import { defineBus } from './define/bus.ts';

// ccw:t3990m*dt3390dm*
export const ccw = defineBus('ccw', {
  struct: { match_flags: u16, cu_type: u16, dev_type: u16, cu_model: u8, dev_model: u8, driver_info: driverData },
  flags: { field: 'match_flags', bits: { cu_type: 1, cu_model: 2, dev_type: 4, dev_model: 8 } },
  alias: (_row, add) => {
    const alias = add.alias('ccw:').field('t', 'cu_type').field('m', 'cu_model');
    alias.field('dt', 'dev_type').field('dm', 'dev_model').wildcard();
  },
});

// ap:t0A*
export const ap = defineBus('ap', {
  struct: { match_flags: unread(u16), dev_type: u8, driver_info: until('7.3', driverData) },
  alias: (_row, add) => {
    add.alias('ap:').field('t', 'dev_type').wildcard();
  },
});

// css:t0
export const css = defineBus('css', {
  struct: { match_flags: unread(u8), type: u8, driver_data: driverData },
  alias: (row, add) => {
    add.alias('css:').hex('t', row.type, 1);
  },
});
