import { driverData, u8 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// ssam:d01c02t01i01f00
export const ssam = defineBus('ssam', {
  since: '5.12',
  struct: {
    match_flags: u8,
    domain: u8,
    category: u8,
    target: u8,
    instance: u8,
    function: u8,
    driver_data: driverData,
  },
  flags: { field: 'match_flags', bits: { target: 1, instance: 2, function: 4 } },
  drivers: { register: ['__ssam_device_driver_register'] },
  alias: (row, add) => {
    const alias = add.alias('ssam:').hex('d', row.domain, 2).hex('c', row.category, 2);
    alias.field('t', 'target').field('i', 'instance').field('f', 'function');
  },
});

// drivers/platform/surface/aggregator/bus.c:ssam_device_uevent
export const ssamDevice = deviceFormat(
  'ssam',
  'Surface module device',
  'd%02X=domain c%02X=category t%02X=target i%02X=instance f%02X=function',
);
