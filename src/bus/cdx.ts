import { u16, u32 } from '../binary/ctype.ts';
import { history, since } from '../release-history.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { overrideForm } from './define/forms.ts';

const ANY = 0xffff;
const EXACT_CLASS = 0xffffff;

/** The first kernels with the bus matched vendor and device alone. */
const SUBSYSTEM = history({ '6.4': false, '6.7': true });

// cdx:v10EEd8084sv*sd*c*
// vfio_cdx:v10EEd*sv*sd*c*
export const cdx = defineBus('cdx', {
  since: '6.4',
  struct: {
    vendor: u16,
    device: u16,
    subvendor: since('6.7', u16),
    subdevice: since('6.7', u16),
    class: since('6.7', u32),
    class_mask: since('6.7', u32),
    override_only: u32,
  },
  any: { vendor: ANY, device: ANY, subvendor: ANY, subdevice: ANY, class: 0, class_mask: 0 },
  optional: { override_only: 0 },
  implied: { class_mask: { by: 'class', value: EXACT_CLASS } },
  forms: { override_only: overrideForm },
  drivers: { register: ['__cdx_driver_register'] },
  alias: (row, add) => {
    const prefix = add.overridePrefix(row.override_only);
    if (prefix === undefined)
      return add.skip('unknown-override', `no prefix is known for override_only ${row.override_only}`);
    const alias = add.alias(`${prefix}cdx:`).field('v', 'vendor').field('d', 'device');
    if (!add.at(SUBSYSTEM)) return;
    alias.field('sv', 'subvendor').field('sd', 'subdevice');
    alias.hex('c', row.class_mask === EXACT_CLASS ? row.class : undefined, 8);
    if (row.class_mask === EXACT_CLASS)
      add.note(
        'cdx-class-unmatched',
        'the alias has eight class digits, the modalias of a cdx device six: it never matches',
      );
    else if (row.class_mask !== 0)
      add.note(
        'cdx-class-wider',
        `class_mask 0x${row.class_mask.toString(16)} is neither 0 nor 0xffffff: the alias has c*, wider than the row`,
      );
  },
});

// drivers/cdx/cdx.c:cdx_uevent
export const cdxDevice = deviceFormat(
  'cdx',
  'CDX device',
  'v%04X=vendor d%04X=device sv%04X=subsystem_vendor sd%04X=subsystem_device c%06X=class',
  { power: [['v', 'd'], ['sv'], ['sd'], ['c']] },
);
