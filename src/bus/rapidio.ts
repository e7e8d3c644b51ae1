import { u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

const ANY = 0xffff;

// rapidio:v0038d0010av*ad*
export const rapidio = defineBus('rapidio', {
  struct: { did: u16, vid: u16, asm_did: u16, asm_vid: u16 },
  any: { did: ANY, vid: ANY, asm_did: ANY, asm_vid: ANY },
  drivers: { register: ['rio_register_driver'] },
  alias: (_row, add) => {
    add.alias('rapidio:').field('v', 'vid').field('d', 'did').field('av', 'asm_vid').field('ad', 'asm_did').wildcard();
  },
});

// drivers/rapidio/rio-driver.c:rio_uevent
export const rapidioDevice = deviceFormat(
  'rapidio',
  'RapidIO device',
  'v%04X=vendor d%04X=device av%04X=assembly_vendor ad%04X=assembly_device',
);
