import { chars } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { underscoreSpaces } from './define/text.ts';

// vio:TnetworkSIBM,l-lan*
export const vio = defineBus('vio', {
  struct: { type: chars(32), compat: chars(32) },
  any: { type: '', compat: '' },
  drivers: { register: ['__vio_register_driver'] },
  alias: ({ type, compat }, add) => {
    add.alias(underscoreSpaces(`vio:T${type || '*'}S${compat || '*'}`)).wildcard();
  },
});

// arch/powerpc/platforms/pseries/vio.c:vio_hotplug
export const vioDevice = deviceFormat('vio', 'virtual I/O device', 'T%s=type S%s=compatible');
