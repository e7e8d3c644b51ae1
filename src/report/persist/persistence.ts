import type { Plan, PlannedDevice } from '../../vfio/plan/plan-types.ts';
import { pciIds } from '../../vfio/sysfs/pci-ids.ts';
import { cmdline } from './cmdline.ts';
import { dracut } from './dracut.ts';
import { driverctl } from './driverctl.ts';
import type { Format, PersistenceFormat, PersistenceOptions, PersistentDevice } from './formats.ts';
import { initramfsTools } from './initramfs-tools.ts';
import { libvirtXml } from './libvirt-xml.ts';
import { modprobeD } from './modprobe-d.ts';
import { systemd } from './systemd.ts';
import { udev } from './udev.ts';

const FORMATS: Readonly<Record<PersistenceFormat, Format>> = {
  udev,
  driverctl,
  'modprobe.d': modprobeD,
  cmdline,
  systemd,
  'initramfs-tools': initramfsTools,
  dracut,
  'libvirt-xml': libvirtXml,
};

/** The configuration as text, with comments that say where to put it and what it does not do. Ends with a newline. */
export function formatPersistence(plan: Plan, format: PersistenceFormat, options: PersistenceOptions = {}): string {
  // Virtual functions are made at each boot, with their physical one.
  const devices = plan.devices.filter(({ physfn }) => physfn === null);
  const sound = devices.flatMap((device) => persistent(device, options));
  const odd = devices.length - sound.length;
  const lines = FORMATS[format](sound, options);
  const note = `${odd} left out: their names contain characters that are special in ${format}`;
  if (odd > 0) lines.push(format === 'libvirt-xml' ? `<!-- ${note} -->` : `# ${note}`);
  return `${lines.join('\n')}\n`;
}

/** Names go into shell lines, quoted strings, globs and specifiers: nothing in them may be special there. */
const SOUND_NAME = /^[\w.:@,+][\w.:@,+-]*$/;

function persistent(device: PlannedDevice, { natives }: PersistenceOptions): PersistentDevice[] {
  const { name, bus, path, modalias, module, before, beforeModule, after, already } = device;
  const driver = after.driver ?? before.driver;
  const native = natives?.get(path) ?? (already ? null : { driver: before.driver, module: beforeModule });
  const names = [name, bus, driver, module ?? '_', native?.driver ?? '_', native?.module ?? '_'];
  const sound = names.every((one) => one !== null && SOUND_NAME.test(one));
  const ids = bus === 'pci' ? pciIds(modalias) : null;
  return driver !== null && sound ? [{ ...device, driver, ids, native }] : [];
}
