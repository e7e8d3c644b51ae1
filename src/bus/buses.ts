import { needText } from '../arguments.ts';
import { acpi } from './acpi.ts';
import { hdaudio, sdw } from './audio.ts';
import { bcma, ssb } from './broadcom.ts';
import { cdx } from './cdx.ts';
import { coreboot } from './coreboot.ts';
import { cpu, x86cpu } from './cpu.ts';
import type { Bus } from './define/bus.ts';
import { dfl } from './dfl.ts';
import { dmi } from './dmi.ts';
import { fslmc } from './fslmc.ts';
import { ishtp, mei, tee, vmbus, wmi } from './guids.ts';
import { hid } from './hid.ts';
import { i3c } from './i3c.ts';
import { ieee1394 } from './ieee1394.ts';
import { input } from './input.ts';
import { ipack } from './ipack.ts';
import { amba, mdio } from './masked.ts';
import { mcb } from './mcb.ts';
import { mipscdmm } from './mipscdmm.ts';
import { auxiliary, eisa, i2c, mhi, mhiEp, platform, rpmsg, spi, vchiq } from './names.ts';
import { of } from './of.ts';
import { parisc } from './parisc.ts';
import { pci } from './pci.ts';
import { pcmcia } from './pcmcia.ts';
import { isapnp, pnp, pnpCard } from './pnp.ts';
import { rapidio } from './rapidio.ts';
import { ap, ccw, css } from './s390.ts';
import { sdio } from './sdio.ts';
import { serio } from './serio.ts';
import { slim } from './slim.ts';
import { ssam } from './ssam.ts';
import { tbsvc } from './tbsvc.ts';
import { typec } from './typec.ts';
import { ulpi } from './ulpi.ts';
import { usb } from './usb.ts';
import { vio } from './vio.ts';
import { virtio } from './virtio.ts';
import { zorro } from './zorro.ts';

/** Every device-table type, in the order of file2alias.c:devtable. */
export const buses: readonly Bus[] = [
  ...[hid, ieee1394, pci, ccw, ap, css, serio, acpi, pcmcia, vio, input, eisa, parisc, sdio, ssb, bcma, virtio],
  ...[vmbus, rpmsg, i2c, i3c, slim, spi, dmi, platform, mdio, zorro, isapnp, ipack, amba, mipscdmm, x86cpu, cpu],
  ...[mcb, mei, rapidio, ulpi, hdaudio, sdw, fslmc, tbsvc, typec, tee, wmi, mhi, mhiEp, auxiliary, ssam, dfl],
  ...[ishtp, cdx, vchiq, coreboot, of, usb, pnp, pnpCard],
];

const byName = new Map(buses.map((bus) => [bus.name, bus]));

/** The bus of a device-table type; undefined for types that file2alias.c makes no aliases of. */
export function busNamed(name: string): Bus | undefined {
  needText('name', name);
  return byName.get(name);
}
