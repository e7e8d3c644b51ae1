import { chars, driverData, guid, pointer, u8, uuid } from '../binary/ctype.ts';
import { guidBytes } from '../binary/struct.ts';
import { history } from '../release-history.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { asciiUpper } from './define/text.ts';

// vmbus:635161f83edfc546913ff2d2f965ed0e (the bytes as in memory)
export const vmbus = defineBus('vmbus', {
  struct: { guid, driver_data: driverData },
  drivers: { register: ['__vmbus_driver_register'] },
  alias: (row, add) => {
    add.alias(`vmbus:${Buffer.from(guidBytes(row.guid, 'guid')).toString('hex')}`);
  },
});

// mei:*:12f80028-b4b7-4b2d-aca8-46e0ff65814c:*:*
export const mei = defineBus('mei', {
  struct: { name: chars(32), uuid: guid, version: u8, driver_info: driverData },
  any: { name: '', version: 0xff },
  drivers: { register: ['__mei_cldev_driver_register'] },
  alias: (row, add) => {
    add
      .alias(`mei:${row.name || '*'}:${row.uuid}`)
      .field(':', 'version')
      .text(':*');
  },
});

// tee:70f41fcb-bf29-4a1a-a70e-29a3dd8ba4ea*
export const tee = defineBus('tee', {
  struct: { uuid },
  alias: (row, add) => {
    add.alias(`tee:${row.uuid}*`);
  },
});

// ishtp:{33AECD58-B679-4E54-9BD9-A04D34F0C226}
export const ishtp = defineBus('ishtp', {
  since: '5.17',
  struct: { guid, driver_data: driverData },
  drivers: { register: ['ishtp_cl_driver_register'] },
  alias: (row, add) => {
    add.alias(`ishtp:{${asciiUpper(row.guid)}}`);
  },
});

const UUID_STRING_LEN = 36;

/** Before 7.2 only the length was checked and the text printed as is (file2alias.c:do_wmi_entry). */
const WMI_GUID = history({ '5.10': /^.{36}$/s, '7.2': /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i });
const WMI_UPPER_CASE = history({ '5.10': false, '7.2': true });

// wmi:8D9DDCBC-A997-11DA-B012-B622A1EF5492
export const wmi = defineBus('wmi', {
  struct: { guid_string: chars(UUID_STRING_LEN + 1), context: pointer },
  drivers: { register: ['__wmi_driver_register'] },
  alias: ({ guid_string: text }, add) => {
    if (!add.at(WMI_GUID).test(text)) add.skip('wmi-guid', `guid_string '${text}' is not a GUID`);
    add.alias(`wmi:${add.at(WMI_UPPER_CASE) ? asciiUpper(text) : text}`);
  },
});

// drivers/hv/vmbus_drv.c:vmbus_uevent
export const vmbusDevice = deviceFormat('vmbus', 'VMBus device', '%032x=GUID');

// drivers/platform/x86/wmi.c:wmi_dev_uevent
export const wmiDevice = deviceFormat('wmi', 'WMI device', '%pUL=GUID');

// drivers/misc/mei/bus.c:mei_cl_device_uevent
export const meiDevice = deviceFormat('mei', 'MEI client', '%s=name :%pUl=uuid :%02X=version', { after: ':' });

// drivers/tee/tee_core.c:tee_client_device_uevent
export const teeDevice = deviceFormat('tee', 'TEE device', '%pUb=uuid');

// drivers/hid/intel-ish-hid/ishtp/bus.c:ishtp_cl_uevent, by the name of ishtp_bus_new_client
export const ishtpDevice = deviceFormat('ishtp', 'ISHTP client', '{%pUL=GUID', { after: '}' });
