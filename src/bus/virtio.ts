import { u32 } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';

const ANY = 0xffffffff;

// virtio:d00000001v*
export const virtio = defineBus('virtio', {
  struct: { device: u32, vendor: u32 },
  any: { device: ANY, vendor: ANY },
  drivers: { register: ['register_virtio_driver', '__register_virtio_driver'] },
  alias: (_row, add) => {
    add.alias('virtio:').field('d', 'device').field('v', 'vendor').wildcard();
  },
});

// drivers/virtio/virtio.c:virtio_uevent
export const virtioDevice = deviceFormat('virtio', 'virtio device', 'd%08X=device v%08X=vendor');
