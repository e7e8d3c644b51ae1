import { array, bits, chars, pointer, struct } from '../binary/ctype.ts';
import { history } from '../release-history.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { DMI_SLOTS } from './define/dmi-slots.ts';

/** The slots that an alias can name, in the order of the device's modalias (file2alias.c:dmi_fields). */
const DMI_FIELDS = (
  [
    ['bvn', 'DMI_BIOS_VENDOR'],
    ['bvr', 'DMI_BIOS_VERSION'],
    ['bd', 'DMI_BIOS_DATE'],
    ['br', 'DMI_BIOS_RELEASE'],
    ['efr', 'DMI_EC_FIRMWARE_RELEASE'],
    ['svn', 'DMI_SYS_VENDOR'],
    ['pn', 'DMI_PRODUCT_NAME'],
    ['pvr', 'DMI_PRODUCT_VERSION'],
    ['rvn', 'DMI_BOARD_VENDOR'],
    ['rn', 'DMI_BOARD_NAME'],
    ['rvr', 'DMI_BOARD_VERSION'],
    ['cvn', 'DMI_CHASSIS_VENDOR'],
    ['ct', 'DMI_CHASSIS_TYPE'],
    ['cvr', 'DMI_CHASSIS_VERSION'],
  ] as const
).map(([prefix, slot]) => [prefix, DMI_SLOTS.indexOf(slot)] as const);

const MATCHES = 4;
const SUBSTR_SIZE = 79;

// dmi*:svn*LENOVO*:pvr*ThinkPad*:
export const dmi = defineBus('dmi', {
  struct: {
    callback: pointer,
    ident: pointer,
    matches: array(struct({ slot: bits(7), exact_match: bits(1), substr: chars(SUBSTR_SIZE) }), MATCHES),
    driver_data: pointer,
  },
  forms: { matches: { kind: 'dmi-matches', length: MATCHES, substr: SUBSTR_SIZE, zero: [] } },
  // The buffer holds what comes between `dmi*` and the last `:` from 6.13 on.
  longest: history({ '5.10': 499, '6.13': 'dmi*:'.length + 255 }),
  alias: ({ matches }, add) => {
    const alias = add.alias('dmi*');
    for (const [prefix, field] of DMI_FIELDS)
      for (const { slot, substr } of matches)
        if (slot === field) alias.text(`:${prefix}*${substr.replace(/[^!-9;-~]/g, '')}*`);
    alias.text(':');
  },
});

// drivers/firmware/dmi-id.c:get_modalias
export const dmiDevice = deviceFormat(
  'dmi',
  'machine',
  'bvn%s=BIOS_vendor bvr%s=BIOS_version bd%s=BIOS_date br%s=BIOS_release efr%s=EC_firmware svn%s=system_vendor pn%s=product_name pvr%s=product_version rvn%s=board_vendor rn%s=board_name rvr%s=board_version cvn%s=chassis_vendor ct%s=chassis_type cvr%s=chassis_version sku%s=product_SKU',
  { parts: ':', ends: ':', loose: true },
);
