import { u8 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

const ANY = 0xff;

// serio:ty02pr08id*ex*
export const serio = defineBus('serio', {
  struct: { type: u8, extra: u8, id: u8, proto: u8 },
  any: { type: ANY, extra: ANY, id: ANY, proto: ANY },
  drivers: { register: ['__serio_register_driver'] },
  alias: (_row, add) => {
    add.alias('serio:').field('ty', 'type').field('pr', 'proto').field('id', 'id').field('ex', 'extra').wildcard();
  },
});

// drivers/input/serio/serio.c:serio_uevent
export const serioDevice = deviceFormat('serio', 'serio port', 'ty%02X=type pr%02X=protocol id%02X=id ex%02X=extra');
