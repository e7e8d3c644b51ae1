import { chars, u16 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { upperHex } from './define/text.ts';

// fsl-mc:v00001957ddpni
export const fslmc = defineBus('fslmc', {
  struct: { vendor: u16, obj_type: chars(16) },
  drivers: { register: ['__fsl_mc_driver_register'] },
  alias: ({ vendor, obj_type }, add) => {
    add.alias(`fsl-mc:v${upperHex(vendor, 8)}d${obj_type}`);
  },
});

// drivers/bus/fsl-mc/fsl-mc-bus.c:fsl_mc_bus_uevent
export const fslmcDevice = deviceFormat('fsl-mc', 'FSL-MC object', 'v%08X=vendor d%s=type');
