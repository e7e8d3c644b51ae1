import { chars, driverData, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

const MATCH_PROTOCOL_KEY = 1;

// tbsvc:knetworkp00000001v*r*
export const tbsvc = defineBus('tbsvc', {
  struct: {
    match_flags: u32,
    protocol_key: chars(9),
    protocol_id: u32,
    protocol_version: u32,
    protocol_revision: u32,
    driver_data: driverData,
  },
  flags: {
    field: 'match_flags',
    bits: { protocol_key: MATCH_PROTOCOL_KEY, protocol_id: 2, protocol_version: 4, protocol_revision: 8 },
  },
  drivers: { register: ['tb_register_service_driver'] },
  alias: (row, add) => {
    const alias = add.alias(`tbsvc:k${row.match_flags & MATCH_PROTOCOL_KEY ? row.protocol_key : '*'}`);
    alias.field('p', 'protocol_id').field('v', 'protocol_version').field('r', 'protocol_revision').wildcard();
  },
});

// drivers/thunderbolt/xdomain.c:get_modalias
export const tbsvcDevice = deviceFormat(
  'tbsvc',
  'Thunderbolt service',
  'k%s=key p%08X=protocol v%08X=version r%08X=revision',
);
