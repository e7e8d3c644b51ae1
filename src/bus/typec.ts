import { driverData, u8, u16 } from '../binary/ctype.ts';
import { history } from '../release-history.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

/** The mode was removed from the alias, not from the struct. */
const PRINTS_MODE = history({ '5.10': true, '6.14': false });

// typec:idFF01m01 (6.13 and older)
// typec:idFF01
export const typec = defineBus('typec', {
  struct: { svid: u16, mode: u8, driver_data: driverData },
  any: { mode: 7 },
  drivers: { register: ['__typec_altmode_register_driver'] },
  alias: (_row, add) => {
    const alias = add.alias('typec:').field('id', 'svid');
    if (add.at(PRINTS_MODE)) alias.field('m', 'mode');
  },
});

// drivers/usb/typec/bus.c:typec_uevent, up to 6.13
export const typecWithMode = deviceFormat('typec', 'Type-C alternate mode', 'id%04X=svid m%02X=mode');

// drivers/usb/typec/bus.c:typec_uevent
export const typecDevice = deviceFormat('typec', 'Type-C alternate mode', 'id%04X=svid');
