import { idsText, type PersistentDevice } from './formats.ts';

/**
 * Lines of a POSIX shell script for an initramfs that give the devices to their drivers: the override comes before
 * the module, and a driver that is built in lets go. Nothing is done where another device has the address.
 */
export function earlyOverride(devices: readonly PersistentDevice[]): string[] {
  return [
    '# holds FILE TEXT: whether an attribute of sysfs is this',
    'holds() { [ "$(cat "$1" 2> /dev/null)" = "$2" ]; }',
    ...devices.flatMap(oneDevice),
  ];
}

/** Modules of the devices' drivers, each once; none for drivers that are built in. */
export function modulesOf(devices: readonly PersistentDevice[]): string[] {
  return [...new Set(devices.flatMap(({ module }) => module ?? []))];
}

function oneDevice({ name, bus, driver, module, ids }: PersistentDevice): string[] {
  const at = `/sys/bus/${bus}/devices/${name}`;
  const attributes =
    ids === null
      ? []
      : Object.entries({
          vendor: ids.vendor,
          device: ids.device,
          subsystem_vendor: ids.subvendor,
          subsystem_device: ids.subdevice,
        });
  const tests = attributes.map(([attribute, value]) => ` && holds ${at}/${attribute} 0x${value}`);
  return [
    ...(ids === null ? [`# ${name}: its bus has no ids; whatever has this name is taken`] : []),
    [`if [ -e ${at}/driver_override ]`, ...tests].join(' \\\n  ').concat('; then'),
    `  echo ${driver} > ${at}/driver_override`,
    `  if [ -e ${at}/driver ] && ! [ -e /sys/bus/${bus}/drivers/${driver}/${name} ]; then`,
    `    echo ${name} > ${at}/driver/unbind`,
    '  fi',
    ...(module === null ? [] : [`  modprobe ${module}`]),
    `  echo ${name} > /sys/bus/${bus}/drivers_probe`,
    'else',
    `  echo '<4>vfio: ${ids === null ? 'no device' : `no ${idsText(ids)}`} at ${name}: left alone' > /dev/kmsg`,
    'fi',
  ];
}
