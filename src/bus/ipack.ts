import { u8, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// ipack:f01v000000F0d00000048*
export const ipack = defineBus('ipack', {
  struct: { format: u8, vendor: u32, device: u32 },
  any: { format: 0xff, vendor: 0xffffffff, device: 0xffffffff },
  drivers: { register: ['ipack_driver_register'] },
  alias: (_row, add) => {
    add.alias('ipack:').field('f', 'format').field('v', 'vendor').field('d', 'device').wildcard();
  },
});

// drivers/ipack/ipack.c:ipack_uevent
export const ipackDevice = deviceFormat('ipack', 'IndustryPack module', 'f%02X=format v%08X=vendor d%08X=device');
