import { needText } from '../arguments.ts';
import { acpi, acpiDevice } from './acpi.ts';
import { hdaudio, hdaudioDevice, sdw, sdwDevice } from './audio.ts';
import { bcma, bcmaDevice, ssb, ssbDevice } from './broadcom.ts';
import { cdx, cdxDevice } from './cdx.ts';
import { coreboot, corebootDevice } from './coreboot.ts';
import { cpu, cpuDevice, cpuWithModel, x86cpu } from './cpu.ts';
import type { Bus } from './define/bus.ts';
import { type DeviceFormat, deviceFormat } from './define/device-format.ts';
import { dfl, dflDevice } from './dfl.ts';
import { dmi, dmiDevice } from './dmi.ts';
import { fslmc, fslmcDevice } from './fslmc.ts';
import { ishtp, ishtpDevice, mei, meiDevice, tee, teeDevice, vmbus, vmbusDevice, wmi, wmiDevice } from './guids.ts';
import { hid, hidDevice } from './hid.ts';
import { i3c, i3cDevice, i3cRandom } from './i3c.ts';
import { ieee1394, ieee1394Device } from './ieee1394.ts';
import { input, inputDevice } from './input.ts';
import { ipack, ipackDevice } from './ipack.ts';
import { amba, ambaDevice, mdio, mdioDevice } from './masked.ts';
import { mcb, mcbDevice } from './mcb.ts';
import { mipscdmm, mipscdmmDevice } from './mipscdmm.ts';
import { auxiliary, eisa, eisaDevice, i2c, mhi, mhiEp, platform, rpmsg, spi, vchiq } from './names.ts';
import { of, ofDevice } from './of.ts';
import { parisc, pariscDevice } from './parisc.ts';
import { pci, pciDevice } from './pci.ts';
import { pcmcia, pcmciaDevice } from './pcmcia.ts';
import { isapnp, pnp, pnpCard, pnpDevice } from './pnp.ts';
import { rapidio, rapidioDevice } from './rapidio.ts';
import { ap, apDevice, ccw, ccwDevice, css, cssDevice } from './s390.ts';
import { sdio, sdioDevice } from './sdio.ts';
import { serio, serioDevice } from './serio.ts';
import { slim, slimDevice } from './slim.ts';
import { ssam, ssamDevice } from './ssam.ts';
import { tbsvc, tbsvcDevice } from './tbsvc.ts';
import { typec, typecDevice, typecWithMode } from './typec.ts';
import { ulpi, ulpiDevice } from './ulpi.ts';
import { usb, usbDevice } from './usb.ts';
import { vio, vioDevice } from './vio.ts';
import { virtio, virtioDevice } from './virtio.ts';
import { zorro, zorroDevice } from './zorro.ts';

/** Every device-table type, in the order of file2alias.c:devtable. */
export const buses: readonly Bus[] = [
  ...[hid, ieee1394, pci, ccw, ap, css, serio, acpi, pcmcia, vio, input, eisa, parisc, sdio, ssb, bcma, virtio],
  ...[vmbus, rpmsg, i2c, i3c, slim, spi, dmi, platform, mdio, zorro, isapnp, ipack, amba, mipscdmm, x86cpu, cpu],
  ...[mcb, mei, rapidio, ulpi, hdaudio, sdw, fslmc, tbsvc, typec, tee, wmi, mhi, mhiEp, auxiliary, ssam, dfl],
  ...[ishtp, cdx, vchiq, coreboot, of, usb, pnp, pnpCard],
];

/** The bus of a device-table type; undefined for types that file2alias.c makes no aliases of. */
export function busNamed(name: string): Bus | undefined {
  needText('name', name);
  return buses.find((bus) => bus.name === name);
}

/** There is no table type: drivers use MODULE_ALIAS_SCSI_DEVICE. drivers/scsi/scsi_sysfs.c:scsi_bus_uevent. */
const scsiDevice = deviceFormat('scsi', 'SCSI device', 't_%#04x=type');

/** How devices print their modaliases, bus by bus; if a bus has several formats, the first that fits counts. */
export const DEVICE_FORMATS: readonly DeviceFormat[] = [
  pciDevice,
  usbDevice,
  hidDevice,
  cdxDevice,
  ieee1394Device,
  ccwDevice,
  apDevice,
  cssDevice,
  serioDevice,
  pcmciaDevice,
  virtioDevice,
  sdioDevice,
  ssbDevice,
  bcmaDevice,
  pariscDevice,
  hdaudioDevice,
  sdwDevice,
  slimDevice,
  fslmcDevice,
  tbsvcDevice,
  typecWithMode,
  typecDevice,
  ssamDevice,
  dflDevice,
  ipackDevice,
  rapidioDevice,
  ulpiDevice,
  corebootDevice,
  mcbDevice,
  inputDevice,
  mdioDevice,
  ambaDevice,
  i3cDevice,
  i3cRandom,
  vioDevice,
  zorroDevice,
  eisaDevice,
  mipscdmmDevice,
  meiDevice,
  vmbusDevice,
  wmiDevice,
  teeDevice,
  ishtpDevice,
  pnpDevice,
  acpiDevice,
  ofDevice,
  cpuWithModel,
  cpuDevice,
  dmiDevice,
  scsiDevice,
];

/** The words before the colon where devices print a name, and nothing else, after it. */
export const NAME_DEVICES: readonly string[] = [
  ...['auxiliary', 'i2c', 'mhi', 'mhi_ep', 'platform', 'rpmsg', 'spi', 'vchiq'],
];

/**
 * Words before the colon of devices without a table type; their drivers have hand-written aliases. In this order
 * drivers/soc/qcom/apr.c:apr_uevent, drivers/firmware/arm_ffa/bus.c:ffa_device_uevent,
 * drivers/cxl/core/port.c:cxl_bus_uevent, drivers/dax/bus.c:dax_bus_uevent, drivers/hsi/hsi_core.c:hsi_bus_uevent,
 * drivers/mmc/core/bus.c:mmc_bus_uevent, drivers/nvdimm/bus.c:nvdimm_bus_uevent,
 * arch/powerpc/platforms/ps3/system-bus.c:ps3_system_bus_uevent, drivers/s390/cio/scm.c:scmdev_uevent,
 * drivers/xen/xenbus/xenbus_probe_frontend.c:xenbus_uevent_frontend and xenbus_probe_backend.c:xenbus_uevent_backend.
 */
export const TABLELESS_DEVICES: readonly string[] = [
  ...['apr', 'arm_ffa', 'cxl', 'dax', 'hsi', 'mmc', 'nd', 'ps3', 'scm', 'xen', 'xen-backend'],
];
