import { pointer, u8, u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// i3c:dcr*manuf0104part006Cext*
export const i3c = defineBus('i3c', {
  struct: { match_flags: u8, dcr: u8, manuf_id: u16, part_id: u16, extra_info: u16, data: pointer },
  flags: { field: 'match_flags', bits: { dcr: 1, manuf_id: 2, part_id: 4, extra_info: 8 } },
  drivers: { register: ['i3c_driver_register_with_owner'] },
  alias: (_row, add) => {
    const alias = add.alias('i3c:').field('dcr', 'dcr').field('manuf', 'manuf_id');
    alias.field('part', 'part_id').field('ext', 'extra_info');
  },
});

// drivers/i3c/master.c:i3c_device_uevent
export const i3cDevice = deviceFormat(
  'i3c',
  'I3C device',
  'dcr%02X=characteristics manuf%04X=manufacturer part%04X=part ext%04X=extra',
);

// drivers/i3c/master.c:i3c_device_uevent, I3C_PID_RND_LOWER_32BITS: the rest of the id is random
export const i3cRandom = deviceFormat('i3c', 'I3C device', 'dcr%02X=characteristics manuf%04X=manufacturer');
