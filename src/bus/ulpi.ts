import { driverData, u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { lowerHex } from './define/text.ts';

// ulpi:v0451p1508
export const ulpi = defineBus('ulpi', {
  struct: { vendor: u16, product: u16, driver_data: driverData },
  alias: ({ vendor, product }, add) => {
    add.alias(`ulpi:v${lowerHex(vendor, 4)}p${lowerHex(product, 4)}`);
  },
});
