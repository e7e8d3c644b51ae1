import { driverData, pointer, u8, u16, u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// hdaudio:v10EC0892r*a01*
export const hdaudio = defineBus('hdaudio', {
  struct: { vendor_id: u32, rev_id: u32, api_version: u8, name: pointer, driver_data: driverData },
  any: { vendor_id: 0, rev_id: 0, api_version: 0 },
  drivers: { register: ['__hda_codec_driver_register'] },
  alias: (_row, add) => {
    add.alias('hdaudio:').field('v', 'vendor_id').field('r', 'rev_id').field('a', 'api_version').wildcard();
  },
});

// sdw:m025Dp0711v03c*
export const sdw = defineBus('sdw', {
  struct: { mfg_id: u16, part_id: u16, sdw_version: u8, class_id: u8, driver_data: driverData },
  any: { mfg_id: 0, part_id: 0, sdw_version: 0, class_id: 0 },
  drivers: { register: ['__sdw_register_driver'], servedBy: ['of', 'acpi'] },
  alias: (_row, add) => {
    const alias = add.alias('sdw:').field('m', 'mfg_id').field('p', 'part_id');
    alias.field('v', 'sdw_version').field('c', 'class_id').wildcard();
  },
});

// hdac_device.c:snd_hdac_codec_modalias
export const hdaudioDevice = deviceFormat('hdaudio', 'HD audio codec', 'v%08X=vendor r%08X=revision a%02X=api');

// drivers/soundwire/bus_type.c:sdw_slave_modalias
export const sdwDevice = deviceFormat(
  'sdw',
  'SoundWire device',
  'm%04X=manufacturer p%04X=part v%02X=version c%02X=class',
);
