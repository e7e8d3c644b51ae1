import { u8, u16, unread } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// ssb:v4243id0812rev05*
export const ssb = defineBus('ssb', {
  struct: { vendor: u16, coreid: u16, revision: u8, __pad: unread(u8) },
  any: { vendor: 0xffff, coreid: 0xffff, revision: 0xff },
  drivers: { register: ['__ssb_driver_register'] },
  alias: (_row, add) => {
    add.alias('ssb:').field('v', 'vendor').field('id', 'coreid').field('rev', 'revision').wildcard();
  },
});

// bcma:m04BFid0812rev11cl*
export const bcma = defineBus('bcma', {
  struct: { manuf: u16, id: u16, rev: u8, class: u8 },
  any: { manuf: 0xffff, id: 0xffff, rev: 0xff, class: 0xff },
  drivers: { register: ['__bcma_driver_register'] },
  alias: (_row, add) => {
    add.alias('bcma:').field('m', 'manuf').field('id', 'id').field('rev', 'rev').field('cl', 'class').wildcard();
  },
});

// drivers/ssb/main.c:ssb_device_uevent
export const ssbDevice = deviceFormat('ssb', 'SSB core', 'v%04X=vendor id%04X=core rev%02X=revision');

// drivers/bcma/main.c:bcma_device_uevent
export const bcmaDevice = deviceFormat(
  'bcma',
  'BCMA core',
  'm%04X=manufacturer id%04X=core rev%02X=revision cl%02X=class',
);
