import { chars, driverData, u32 } from '../binary/ctype.ts';
import { history } from '../release-history.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { lowerHex } from './define/text.ts';

// acpi*:ACPI0003:*
// acpi*:010601:* (class, subclass, interface; ?? where the mask's byte is 0)
export const acpi = defineBus('acpi', {
  struct: { id: chars(history({ '5.10': 9, '5.18': 16 })), driver_data: driverData, cls: u32, cls_msk: u32 },
  oneOf: [['id'], ['cls', 'cls_msk']],
  // drivers/acpi/bus.c:__acpi_match_device
  endsAt: ['id', 'cls'],
  drivers: { register: ['acpi_bus_register_driver', '__acpi_bus_register_driver'] },
  alias: ({ id, cls, cls_msk }, add) => {
    const byte = (shift: number) => ((cls_msk >>> shift) & 0xff ? lowerHex((cls >>> shift) & 0xff, 2) : '??');
    add.alias(`acpi*:${id || byte(16) + byte(8) + byte(0)}:*`);
  },
});

// drivers/acpi/device_sysfs.c:create_pnp_modalias
export const acpiDevice = deviceFormat('acpi', 'ACPI device', '%s=id..:', { ends: ':', loose: true });
