import { driverData, u8, u16, unread } from '../binary/ctype.ts';
import { until } from '../release-history.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// ccw:t3990m*dt3390dm*
export const ccw = defineBus('ccw', {
  struct: { match_flags: u16, cu_type: u16, dev_type: u16, cu_model: u8, dev_model: u8, driver_info: driverData },
  flags: { field: 'match_flags', bits: { cu_type: 1, cu_model: 2, dev_type: 4, dev_model: 8 } },
  drivers: { register: ['ccw_driver_register'] },
  alias: (_row, add) => {
    const alias = add.alias('ccw:').field('t', 'cu_type').field('m', 'cu_model');
    alias.field('dt', 'dev_type').field('dm', 'dev_model').wildcard();
  },
});

// ap:t0A*
export const ap = defineBus('ap', {
  struct: { match_flags: unread(u16), dev_type: u8, driver_info: until('7.3', driverData) },
  drivers: { register: ['ap_driver_register'] },
  alias: (_row, add) => {
    add.alias('ap:').field('t', 'dev_type').wildcard();
  },
});

// css:t0
export const css = defineBus('css', {
  struct: { match_flags: unread(u8), type: u8, driver_data: driverData },
  drivers: { register: ['css_driver_register'] },
  alias: (row, add) => {
    add.alias('css:').hex('t', row.type, 1);
  },
});

// drivers/s390/cio/device.c:snprint_alias
export const ccwDevice = deviceFormat(
  'ccw',
  'channel device',
  't%04X=control_unit m%02X=cu_model dt%04X?=device_type dm%02X?=device_model',
);

// drivers/s390/crypto/ap_bus.c:ap_uevent
export const apDevice = deviceFormat('ap', 'crypto adapter', 't%02X=type');

// drivers/s390/cio/css.c:css_uevent
export const cssDevice = deviceFormat('css', 'subchannel', 't%01X=type');
