import { driverData, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// ieee1394:ven*mo*sp0000A02Dver00000102*
export const ieee1394 = defineBus('ieee1394', {
  struct: {
    match_flags: u32,
    vendor_id: u32,
    model_id: u32,
    specifier_id: u32,
    version: u32,
    driver_data: driverData,
  },
  flags: { field: 'match_flags', bits: { vendor_id: 1, model_id: 2, specifier_id: 4, version: 8 } },
  alias: (_row, add) => {
    const alias = add.alias('ieee1394:').field('ven', 'vendor_id').field('mo', 'model_id');
    alias.field('sp', 'specifier_id').field('ver', 'version').wildcard();
  },
});

// drivers/firewire/core-device.c:get_modalias
export const ieee1394Device = deviceFormat(
  'ieee1394',
  'FireWire unit',
  'ven%08X=vendor mo%08X=model sp%08X=specifier ver%08X=version',
);
