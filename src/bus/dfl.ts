import { driverData, u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';

// dfl:t0000f000E*
export const dfl = defineBus('dfl', {
  since: '5.12',
  struct: { type: u16, feature_id: u16, driver_data: driverData },
  alias: (_row, add) => {
    add.alias('dfl:').field('t', 'type').field('f', 'feature_id').wildcard();
  },
});
