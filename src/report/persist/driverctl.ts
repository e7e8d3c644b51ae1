import { underscored } from '../../pattern/normalize.ts';
import { type Format, idsText, type PersistentDevice } from './formats.ts';

/**
 * driverctl keeps one file for each device, which contains only the driver's name; a shell script creates them.
 * `driverctl set-override` would too, but moves the device at once.
 */
export const driverctl: Format = (devices) => {
  const kept = devices.filter((device) => unkept(device) === null);
  return [
    '# stage: root file system; what the initramfs loads has the device until then',
    '# run this with sh as root; driverctl reads the files at every boot',
    ...devices.flatMap((device) => {
      const why = unkept(device);
      return why === null ? [...identity(device), ...warned(device)] : [`# ${device.name} is left out: ${why}`];
    }),
    ...(kept.length === 0 ? [] : ['mkdir -p /etc/driverctl.d']),
    ...kept.map(({ bus, name, driver }) => `printf '%s\\n' '${driver}' > '/etc/driverctl.d/${bus}-${name}'`),
  ];
};

/**
 * driverctl@.service unescapes its instance's name, which was not escaped first: every dash becomes a slash
 * (systemd.unit(5), %I).
 */
function unkept({ name, bus }: PersistentDevice): string | null {
  return bus.includes('-') || name.includes('-') ? "driverctl's service splits names at dashes" : null;
}

/** A file of driverctl has an address for its name and a driver in it, and nothing else. */
function identity({ name, ids }: PersistentDevice): string[] {
  const now = ids === null ? [] : [`# ${name} is ${idsText(ids)} now;`];
  return [...now, `# driverctl takes whatever is called ${name} at boot`];
}

/** driverctl set-override and load-override run modprobe with the driver's name. */
function warned({ driver, module }: PersistentDevice): string[] {
  if (module === null || module === underscored(driver)) return [];
  return [
    `# driverctl loads a module '${driver}', but the driver is in ${module}: load that first,`,
    `# with a line '${module}' in /etc/modules-load.d/vfio.conf`,
  ];
}
