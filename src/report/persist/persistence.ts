import type { Plan, PlannedDevice } from '../../vfio/plan/plan-types.ts';
import { driverctl } from './driverctl.ts';
import type { Format, PersistenceFormat, PersistenceOptions, PersistentDevice } from './formats.ts';
import { libvirtXml } from './libvirt-xml.ts';
import { modprobeD } from './modprobe-d.ts';
import { systemd } from './systemd.ts';
import { udev } from './udev.ts';

const FORMATS: Readonly<Record<PersistenceFormat, Format>> = {
  udev,
  driverctl,
  'modprobe.d': modprobeD,
  systemd,
  'libvirt-xml': libvirtXml,
};

/** The configuration as text, with comments that say where to put it and what it does not do. Ends with a newline. */
export function formatPersistence(plan: Plan, format: PersistenceFormat, options: PersistenceOptions = {}): string {
  const sound = plan.devices.flatMap(persistent);
  const odd = plan.devices.length - sound.length;
  const lines = FORMATS[format](sound, options);
  const note = `${odd} left out: their names contain characters that are special in ${format}`;
  if (odd > 0) lines.push(format === 'libvirt-xml' ? `<!-- ${note} -->` : `# ${note}`);
  return `${lines.join('\n')}\n`;
}

/** Names go into shell lines, quoted strings, globs and specifiers: nothing in them may be special there. */
const SOUND_NAME = /^[\w.:@,+][\w.:@,+-]*$/;

function persistent(device: PlannedDevice): PersistentDevice[] {
  const driver = device.after.driver ?? device.before.driver;
  const names = [device.name, device.bus, driver, device.module ?? '_', device.beforeModule ?? '_'];
  const sound = names.every((name) => name !== null && SOUND_NAME.test(name));
  return driver !== null && sound ? [{ ...device, driver }] : [];
}
