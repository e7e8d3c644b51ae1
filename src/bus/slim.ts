import { driverData, u16, unread } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { lowerHex } from './define/text.ts';

// slim:217:250:*
export const slim = defineBus('slim', {
  since: '6.12',
  struct: {
    manf_id: u16,
    prod_code: u16,
    dev_index: unread(u16),
    instance: unread(u16),
    driver_data: driverData,
  },
  drivers: { register: ['__slim_driver_register'], servedBy: ['of', 'acpi'] },
  alias: ({ manf_id, prod_code }, add) => {
    add.alias(`slim:${lowerHex(manf_id)}:${lowerHex(prod_code)}:*`);
  },
});

// drivers/slimbus/core.c:slim_device_uevent
export const slimDevice = deviceFormat('slim', 'SLIMbus device', '%x=manufacturer :%x=product :%s=index_and_instance');
