import { chars, u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { upperHex } from './define/text.ts';

// fsl-mc:v00001957ddpni
export const fslmc = defineBus('fslmc', {
  struct: { vendor: u16, obj_type: chars(16) },
  alias: ({ vendor, obj_type }, add) => {
    add.alias(`fsl-mc:v${upperHex(vendor, 8)}d${obj_type}`);
  },
});
