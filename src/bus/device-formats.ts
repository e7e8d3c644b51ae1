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
import { i3cDevice } from './i3c.ts';
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
