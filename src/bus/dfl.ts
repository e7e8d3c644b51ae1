import { driverData, u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// dfl:t0000f000E*
export const dfl = defineBus('dfl', {
  since: '5.12',
  struct: { type: u16, feature_id: u16, driver_data: driverData },
  drivers: { register: ['__dfl_driver_register'] },
  alias: (_row, add) => {
    add.alias('dfl:').field('t', 'type').field('f', 'feature_id').wildcard();
  },
});

// drivers/fpga/dfl.c:dfl_bus_uevent
export const dflDevice = deviceFormat('dfl', 'DFL feature', 't%04X=type f%04X=feature');
