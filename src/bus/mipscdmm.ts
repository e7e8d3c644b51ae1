import { u8 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// mipscdmm:t02*
export const mipscdmm = defineBus('mipscdmm', {
  struct: { type: u8 },
  alias: (_row, add) => {
    add.alias('mipscdmm:').field('t', 'type').wildcard();
  },
});

// drivers/bus/mips_cdmm.c:mips_cdmm_uevent
export const mipscdmmDevice = deviceFormat('mipscdmm', 'MIPS CDMM device', 't%02X=type');
