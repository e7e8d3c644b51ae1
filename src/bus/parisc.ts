import { u8, u16, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// parisc:t0Ahv*rev*sv00000089*
export const parisc = defineBus('parisc', {
  struct: { hw_type: u8, hversion_rev: u8, hversion: u16, sversion: u32 },
  any: { hw_type: 0xff, hversion_rev: 0xff, hversion: 0xffff, sversion: 0xffffffff },
  drivers: { register: ['register_parisc_driver'] },
  alias: (_row, add) => {
    const alias = add.alias('parisc:').field('t', 'hw_type').field('hv', 'hversion');
    alias.field('rev', 'hversion_rev').field('sv', 'sversion').wildcard();
  },
});

// arch/parisc/kernel/drivers.c:make_modalias
export const pariscDevice = deviceFormat(
  'parisc',
  'PA-RISC device',
  't%02X=hardware_type hv%04X=version rev%02X=revision sv%08X=software_version',
);
