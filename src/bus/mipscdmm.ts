import { u8 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';

// mipscdmm:t02*
export const mipscdmm = defineBus('mipscdmm', {
  struct: { type: u8 },
  alias: (_row, add) => {
    add.alias('mipscdmm:').field('t', 'type').wildcard();
  },
});
