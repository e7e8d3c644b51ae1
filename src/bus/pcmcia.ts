import { array, driverData, pointer, u8, u16, u32, unread } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

const PROD_ID = [0x0010, 0x0020, 0x0040, 0x0080];

// pcmcia:m0149c0265f*fn*pfn*pa*pb*pc*pd*
export const pcmcia = defineBus('pcmcia', {
  struct: {
    match_flags: u16,
    manf_id: u16,
    card_id: u16,
    func_id: u8,
    function: u8,
    device_no: u8,
    prod_id_hash: array(u32, 4),
    prod_id: unread(array(pointer, 4)),
    driver_info: driverData,
    cisfile: pointer,
  },
  flags: {
    field: 'match_flags',
    bits: {
      manf_id: 0x0001,
      card_id: 0x0002,
      func_id: 0x0004,
      function: 0x0008,
      prod_id_hash: PROD_ID,
      device_no: 0x0100,
    },
  },
  forms: { prod_id_hash: { kind: 'hashes', length: 4, max: 0xffffffff, zero: [0, 0, 0, 0] } },
  drivers: { register: ['pcmcia_register_driver', 'comedi_pcmcia_driver_register'] },
  alias: (row, add) => {
    const alias = add.alias('pcmcia:').field('m', 'manf_id').field('c', 'card_id').field('f', 'func_id');
    alias.field('fn', 'function').field('pfn', 'device_no');
    ['pa', 'pb', 'pc', 'pd'].forEach((name, i) => {
      alias.hex(name, row.match_flags & (PROD_ID[i] ?? 0) ? row.prod_id_hash[i] : undefined, 8);
    });
    alias.wildcard();
  },
});

// drivers/pcmcia/ds.c:pcmcia_bus_uevent
export const pcmciaDevice = deviceFormat(
  'pcmcia',
  'PCMCIA card',
  'm%04X=manufacturer c%04X=card f%02X=function fn%02X=function_number pfn%02X=pseudo_function pa%08X=product_hash_1 pb%08X=product_hash_2 pc%08X=product_hash_3 pd%08X=product_hash_4',
);
