import { selfAlignedDriverData, u8, u16 } from '../binary/ctype.ts';
import { devicePatterns } from './bcd-device.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { lowerHex } from './define/text.ts';

const MATCH_DEV_LO = 0x0004;
const MATCH_DEV_HI = 0x0008;

// usb:v0499p1000d*dc*dsc*dp*ic*isc*ip*in*
export const usb = defineBus('usb', {
  struct: {
    match_flags: u16,
    idVendor: u16,
    idProduct: u16,
    bcdDevice_lo: u16,
    bcdDevice_hi: u16,
    bDeviceClass: u8,
    bDeviceSubClass: u8,
    bDeviceProtocol: u8,
    bInterfaceClass: u8,
    bInterfaceSubClass: u8,
    bInterfaceProtocol: u8,
    bInterfaceNumber: u8,
    driver_info: selfAlignedDriverData,
  },
  flags: {
    field: 'match_flags',
    bits: {
      idVendor: 0x0001,
      idProduct: 0x0002,
      bcdDevice_lo: MATCH_DEV_LO,
      bcdDevice_hi: MATCH_DEV_HI,
      bDeviceClass: 0x0010,
      bDeviceSubClass: 0x0020,
      bDeviceProtocol: 0x0040,
      bInterfaceClass: 0x0080,
      bInterfaceSubClass: 0x0100,
      bInterfaceProtocol: 0x0200,
      bInterfaceNumber: 0x0400,
    },
  },
  drivers: {
    register: [
      'usb_register_driver',
      'usb_register_device_driver',
      'usb_serial_register_drivers',
      '__usb_serial_register_drivers',
      'comedi_usb_driver_register',
    ],
  },
  alias: (row, add) => {
    // A placeholder for ids given at run time would match every device; the values count here, flagged or not.
    if (!(row.idVendor | row.idProduct | row.bDeviceClass | row.bInterfaceClass))
      return add.skip(
        'usb-empty-row',
        'no alias: idVendor, idProduct, bDeviceClass and bInterfaceClass are all 0; expected one that is not (modpost silently skips such rows, whatever match_flags says)',
      );
    const lo = row.match_flags & MATCH_DEV_LO ? row.bcdDevice_lo : 0;
    const hi = row.match_flags & MATCH_DEV_HI ? row.bcdDevice_hi : 0xffffffff;
    if (lo > hi)
      add.skip(
        'usb-empty-range',
        `no alias: bcdDevice_lo 0x${lowerHex(lo, 4)} is above bcdDevice_hi 0x${lowerHex(hi, 4)}; expected the lower one first`,
      );
    for (const pattern of devicePatterns(lo, hi)) {
      const alias = add.alias('usb:').field('v', 'idVendor').field('p', 'idProduct').text(`d${pattern}`);
      alias.field('dc', 'bDeviceClass').field('dsc', 'bDeviceSubClass').field('dp', 'bDeviceProtocol');
      alias.field('ic', 'bInterfaceClass').field('isc', 'bInterfaceSubClass').field('ip', 'bInterfaceProtocol');
      alias.field('in', 'bInterfaceNumber').wildcard();
      if (/^.{3}$/.test(pattern) && !pattern.endsWith('*'))
        add.note(
          'usb-range-unmatched',
          `modpost writes bcdDevice as '${pattern}' where the last digit can be any: it never matches`,
        );
    }
  },
});

// drivers/usb/core/message.c:usb_if_uevent
export const usbDevice = deviceFormat(
  'usb',
  'USB interface',
  'v%04X=vendor p%04X=product d%04X=device_release dc%02X=device_class dsc%02X=device_subclass dp%02X=device_protocol ic%02X=interface_class isc%02X=interface_subclass ip%02X=interface_protocol in%02X=interface_number',
  { power: [['v', 'p'], ['d'], ['in'], ['ic', 'isc', 'ip'], ['ic', 'isc'], ['ic'], ['dc', 'dsc', 'dp'], ['dc']] },
);
