import { chars, driverData } from '../binary/ctype.ts';
import { history, since } from '../release-history.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

// rpmsg:rpmsg_chrdev
export const rpmsg = defineBus('rpmsg', {
  struct: { name: chars(32), driver_data: since('5.14', driverData) },
  // A device that the device tree describes says of: drivers/rpmsg/rpmsg_core.c:rpmsg_uevent.
  drivers: { register: ['__register_rpmsg_driver'], servedBy: ['of'] },
  alias: ({ name }, add) => void add.alias(`rpmsg:${name}`),
});

// i2c:lm75
export const i2c = defineBus('i2c', {
  struct: { name: chars(20), driver_data: driverData },
  // drivers/i2c/i2c-core-base.c:i2c_match_id
  endsAt: ['name'],
  drivers: { register: ['i2c_register_driver'], servedBy: ['of', 'acpi'] },
  alias: ({ name }, add) => void add.alias(`i2c:${name}`),
});

// spi:spidev
export const spi = defineBus('spi', {
  struct: { name: chars(32), driver_data: driverData },
  // drivers/spi/spi.c:spi_match_id
  endsAt: ['name'],
  drivers: { register: ['__spi_register_driver'], servedBy: ['of', 'acpi'] },
  alias: ({ name }, add) => void add.alias(`spi:${name}`),
});

// platform:dwc3
export const platform = defineBus('platform', {
  struct: { name: chars(history({ '5.10': 20, '6.16': 24 })), driver_data: driverData },
  // drivers/base/platform.c:platform_match_id
  endsAt: ['name'],
  drivers: {
    // Not __platform_register_drivers: its list may be empty, as ehci_hcd's is on most architectures.
    register: ['__platform_driver_register', '__platform_driver_probe'],
    onBehalf: ['coresight_init_driver', 'coresight_init_driver_with_owner'],
    servedBy: 'any',
    make: [
      'platform_device_register',
      'platform_device_register_full',
      'platform_device_add',
      'platform_add_devices',
      '__platform_create_bundle',
    ],
  },
  alias: ({ name }, add) => void add.alias(`platform:${name}`),
});

// mhi:IPCR
export const mhi = defineBus('mhi', {
  struct: { chan: chars(32), driver_data: driverData },
  drivers: { register: ['__mhi_driver_register'] },
  alias: ({ chan }, add) => void add.alias(`mhi:${chan}`),
});

// mhi_ep:IP_SW0
export const mhiEp = defineBus('mhi_ep', {
  since: '5.19',
  struct: { chan: chars(32), driver_data: driverData },
  drivers: { register: ['__mhi_ep_driver_register'] },
  alias: ({ chan }, add) => void add.alias(`mhi_ep:${chan}`),
});

// auxiliary:mlx5_core.eth
export const auxiliary = defineBus('auxiliary', {
  since: '5.11',
  struct: { name: chars(history({ '5.11': 32, '6.19': 40 })), driver_data: driverData },
  drivers: { register: ['__auxiliary_driver_register'], onBehalf: ['mlx4_register_auxiliary_driver'] },
  alias: ({ name }, add) => void add.alias(`auxiliary:${name}`),
});

// vchiq:bcm2835-audio
export const vchiq = defineBus('vchiq', {
  since: '6.7',
  struct: { name: chars(32) },
  drivers: { register: ['vchiq_driver_register'] },
  alias: ({ name }, add) => void add.alias(`vchiq:${name}`),
});

// eisa:sADP7771*
export const eisa = defineBus('eisa', {
  struct: { sig: chars(8), driver_data: driverData },
  drivers: { register: ['eisa_driver_register'] },
  alias: ({ sig }, add) => void add.alias(`eisa:s${sig}*`),
});

// drivers/eisa/eisa-bus.c:eisa_bus_uevent
export const eisaDevice = deviceFormat('eisa', 'EISA board', 's%s=signature');
