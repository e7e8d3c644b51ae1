import { driverData, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';

// coreboot:t00000012
export const coreboot = defineBus('coreboot', {
  since: '6.9',
  struct: { tag: u32, driver_data: driverData },
  alias: (_row, add) => {
    add.alias('coreboot:').field('t', 'tag');
  },
});
