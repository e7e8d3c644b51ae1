import { bitmap, driverData, u16, ulong, unread } from '../binary/ctype.ts';
import { history } from '../release-history.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { upperHex } from './define/text.ts';

/** Highest bit numbers of the bitmaps (INPUT_DEVICE_ID_*_MAX). */
const MAX = {
  evbit: history({ '5.10': 0x1f }),
  keybit: history({ '5.10': 0x2ff }),
  relbit: history({ '5.10': 0x0f }),
  absbit: history({ '5.10': 0x3f }),
  mscbit: history({ '5.10': 0x07 }),
  ledbit: history({ '5.10': 0x0f }),
  sndbit: history({ '5.10': 0x07 }),
  ffbit: history({ '5.10': 0x7f }),
  swbit: history({ '5.10': 0x10, '6.16': 0x11 }),
};

/**
 * The loop over a bitmap stopped one short of the highest bit; the stable series took the fix (file2alias.c:do_input).
 */
const HIGHEST_COUNTS = history({
  ...{ '5.10': false, '5.10.233': true, '5.15.176': true, '6.1.124': true, '6.6.70': true, '6.12.9': true },
  '6.13': true,
});

/** Keys below are on every keyboard and in no alias (INPUT_DEVICE_ID_KEY_MIN_INTERESTING). */
const KEY_MIN = 0x71;

const LETTERS = [
  ['e', 'evbit'],
  ['k', 'keybit'],
  ['r', 'relbit'],
  ['a', 'absbit'],
  ['m', 'mscbit'],
  ['l', 'ledbit'],
  ['s', 'sndbit'],
  ['f', 'ffbit'],
  ['w', 'swbit'],
] as const;

const EVBIT = 0x0010;

// input:b*v*p*e*-e*1,*k*110,*r*0,*1,*a*m*l*s*f*w*
export const input = defineBus('input', {
  struct: {
    flags: ulong,
    bustype: u16,
    vendor: u16,
    product: u16,
    version: u16,
    evbit: bitmap(MAX.evbit),
    keybit: bitmap(MAX.keybit),
    relbit: bitmap(MAX.relbit),
    absbit: bitmap(MAX.absbit),
    mscbit: bitmap(MAX.mscbit),
    ledbit: bitmap(MAX.ledbit),
    sndbit: bitmap(MAX.sndbit),
    ffbit: bitmap(MAX.ffbit),
    swbit: bitmap(MAX.swbit),
    propbit: unread(bitmap(0x1f)),
    driver_info: driverData,
  },
  flags: {
    field: 'flags',
    bits: {
      ...{ bustype: 1, vendor: 2, product: 4, version: 8 },
      ...Object.fromEntries(LETTERS.map(([, field], i) => [field, EVBIT << i])),
    },
  },
  // The buffer holds what comes after `input:` from 6.13 on.
  longest: history({ '5.10': 499, '6.13': 'input:'.length + 255 }),
  alias: (row, add) => {
    const alias = add.alias('input:').field('b', 'bustype').field('v', 'vendor').field('p', 'product');
    alias.field('e', 'version').text('-');
    LETTERS.forEach(([letter, field], i) => {
      alias.text(`${letter}*`);
      if (!(row.flags & (EVBIT << i))) return;
      const last = add.at(MAX[field]) - (add.at(HIGHEST_COUNTS) ? 0 : 1);
      const first = field === 'keybit' ? KEY_MIN : 0;
      for (const bit of row[field]) if (bit >= first && bit <= last) alias.text(`${upperHex(bit, 1)},*`);
    });
  },
});

// drivers/input/input.c:input_print_modalias
export const inputDevice = deviceFormat(
  'input',
  'input device',
  'b%04X=bus v%04X=vendor p%04X=product e%04X=version _%s=capabilities',
);
