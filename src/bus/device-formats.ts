import { acpiDevice } from './acpi.ts';
import { hdaudioDevice, sdwDevice } from './audio.ts';
import { bcmaDevice, ssbDevice } from './broadcom.ts';
import { cdxDevice } from './cdx.ts';
import { corebootDevice } from './coreboot.ts';
import { cpuDevice, cpuWithModel } from './cpu.ts';
import { type DeviceFormat, deviceFormat } from './define/device-format.ts';
import { dflDevice } from './dfl.ts';
import { dmiDevice } from './dmi.ts';
import { fslmcDevice } from './fslmc.ts';
import { meiDevice } from './guids.ts';
import { hidDevice } from './hid.ts';
import { i3cDevice, i3cRandom } from './i3c.ts';
import { ieee1394Device } from './ieee1394.ts';
import { inputDevice } from './input.ts';
import { ipackDevice } from './ipack.ts';
import { ambaDevice, mdioDevice } from './masked.ts';
import { mcbDevice } from './mcb.ts';
import { mipscdmmDevice } from './mipscdmm.ts';
import { eisaDevice } from './names.ts';
import { ofDevice } from './of.ts';
import { pariscDevice } from './parisc.ts';
import { pciDevice } from './pci.ts';
import { pcmciaDevice } from './pcmcia.ts';
import { pnpDevice } from './pnp.ts';
import { rapidioDevice } from './rapidio.ts';
import { apDevice, ccwDevice, cssDevice } from './s390.ts';
import { sdioDevice } from './sdio.ts';
import { serioDevice } from './serio.ts';
import { slimDevice } from './slim.ts';
import { ssamDevice } from './ssam.ts';
import { tbsvcDevice } from './tbsvc.ts';
import { typecDevice, typecWithMode } from './typec.ts';
import { ulpiDevice } from './ulpi.ts';
import { usbDevice } from './usb.ts';
import { vioDevice } from './vio.ts';
import { virtioDevice } from './virtio.ts';
import { zorroDevice } from './zorro.ts';

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
  pnpDevice,
  acpiDevice,
  ofDevice,
  cpuWithModel,
  cpuDevice,
  dmiDevice,
  scsiDevice,
];

/** The words before the colon where devices print a name or a GUID, and nothing else, after it. */
export const NAME_DEVICES: readonly string[] = [
  ...['auxiliary', 'i2c', 'ishtp', 'mhi', 'mhi_ep', 'platform', 'rpmsg', 'spi', 'tee', 'vchiq', 'vmbus', 'wmi'],
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
