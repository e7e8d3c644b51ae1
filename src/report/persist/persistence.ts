import type { Plan, PlannedDevice } from '../../vfio/plan/plan-types.ts';
import { pciIds } from '../../vfio/sysfs/pci-ids.ts';
import { cmdline } from './cmdline.ts';
import { dracut } from './dracut.ts';
import { driverctl } from './driverctl.ts';
import type { Format, PersistenceOptions, PersistentDevice } from './formats.ts';
import { initramfsTools } from './initramfs-tools.ts';
import { libvirtXml } from './libvirt-xml.ts';
import { modprobeD } from './modprobe-d.ts';
import { systemd } from './systemd.ts';
import { udev } from './udev.ts';

/** Configuration of other programs that makes a binding survive a boot, by the names that --format takes. */
const FORMATS = {
  udev,
  driverctl,
  'modprobe.d': modprobeD,
  cmdline,
  systemd,
  'initramfs-tools': initramfsTools,
  dracut,
  'libvirt-xml': libvirtXml,
} as const satisfies Record<string, Format>;

export type PersistenceFormat = keyof typeof FORMATS;

export const PERSISTENCE_FORMATS = Object.keys(FORMATS) as PersistenceFormat[];

/** Formats that know ids of vfio-pci only, and so take every device that has them. */
export const FORMATS_BY_IDS: ReadonlySet<PersistenceFormat> = new Set(['modprobe.d', 'cmdline']);

/** The configuration as text, with comments that say where to put it and what it does not do. Ends with a newline. */
export function formatPersistence(plan: Plan, format: PersistenceFormat, options: PersistenceOptions = {}): string {
  // Virtual functions are made at each boot, with their physical one.
  const devices = plan.devices.filter(({ physfn }) => physfn === null);
  const sound = devices.flatMap((device) => persistent(device, options));
  const odd = devices.length - sound.length;
  const lines = (FORMATS[format] as Format)(sound, options);
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
